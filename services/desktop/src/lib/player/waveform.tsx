// The two channels one above the other; also the slider to seek with.
import { useEffect, useRef } from 'react';
import { useMantineColorScheme } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { clockText } from '@/lib/time';
import type { Peaks } from './peaks';
import { seekByKey } from './player-keys';

// Milliseconds from the beginning of the recording.
export interface Gap {
  start: number;
  end: number;
}

interface Props {
  peaks: Peaks | undefined;
  position: number;
  length: number;
  muted: readonly boolean[];
  gaps: readonly Gap[];
  onSeek: (position: number) => void;
}

const kHeight = 84;

export function Waveform({ peaks, position, length, muted, gaps, onSeek }: Props) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { colorScheme } = useMantineColorScheme();
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const paint = () => draw(element, { peaks, position, length, muted, gaps });
    paint();
    const observer = new ResizeObserver(paint);
    observer.observe(element);
    return () => observer.disconnect();
  }, [peaks, position, length, muted, gaps, colorScheme]);

  const seekTo = (clientX: number) => {
    const box = canvas.current?.getBoundingClientRect();
    if (box && box.width > 0) onSeek(Math.min(1, Math.max(0, (clientX - box.left) / box.width)) * length);
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      className="zvon-waveform"
      aria-label={t('player.position')}
      aria-valuemin={0}
      aria-valuemax={Math.round(length / 1000)}
      aria-valuenow={Math.round(position / 1000)}
      aria-valuetext={t('player.positionOf', { position: clockText(position), length: clockText(length) })}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        seekTo(event.clientX);
      }}
      onPointerMove={(event) => {
        if (event.buttons & 1) seekTo(event.clientX);
      }}
      onKeyDown={(event) => {
        const to = seekByKey(event.key, { position, length });
        if (to === undefined) return;
        event.preventDefault();
        onSeek(to);
      }}
    >
      <canvas ref={canvas} style={{ width: '100%', height: kHeight, display: 'block' }} />
    </div>
  );
}

type Drawing = Omit<Props, 'onSeek'>;

function draw(canvas: HTMLCanvasElement, drawing: Drawing): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(kHeight * scale);
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const lane = kHeight / 2;
  drawGaps(context, drawing, width, style.getPropertyValue('--zvon-gap'));
  for (const [index, name] of ['--zvon-customer', '--zvon-agent'].entries()) {
    drawLane(context, drawing, index, { width, middle: lane * (index + 0.5), half: lane / 2 - 3, color: style.getPropertyValue(name) });
  }
  const x = drawing.length > 0 ? (drawing.position / drawing.length) * width : 0;
  context.globalAlpha = 1;
  context.fillStyle = style.getPropertyValue('--zvon-cursor');
  context.fillRect(Math.min(width - 2, Math.max(0, x - 1)), 0, 2, kHeight);
}

function drawGaps(context: CanvasRenderingContext2D, { gaps, length }: Drawing, width: number, color: string): void {
  if (length <= 0) return;
  context.fillStyle = color;
  for (const gap of gaps) {
    context.fillRect((gap.start / length) * width, 0, Math.max(1, ((gap.end - gap.start) / length) * width), kHeight);
  }
}

interface Lane {
  width: number;
  middle: number;
  half: number;
  color: string;
}

function drawLane(context: CanvasRenderingContext2D, drawing: Drawing, index: number, lane: Lane): void {
  const { peaks, position, length, muted } = drawing;
  context.fillStyle = lane.color;
  const bars = Math.max(1, Math.floor(lane.width / 3));
  const values = peaks?.channels[index];
  for (let bar = 0; bar < bars; bar += 1) {
    const played = length > 0 && bar / bars < position / length;
    context.globalAlpha = (played ? 1 : 0.45) * (muted[index] ? 0.35 : 1);
    const height = Math.max(1, (values ? barPeak(values, bar, bars) : 0) * lane.half);
    context.fillRect(bar * 3, lane.middle - height, 2, height * 2);
  }
}

// Louder than linear: quiet speech is to be seen.
function barPeak(values: Float32Array, bar: number, bars: number): number {
  const start = Math.floor((bar / bars) * values.length);
  const end = Math.max(start + 1, Math.floor(((bar + 1) / bars) * values.length));
  let peak = 0;
  for (let index = start; index < end; index += 1) peak = Math.max(peak, values[index] ?? 0);
  return Math.sqrt(peak);
}

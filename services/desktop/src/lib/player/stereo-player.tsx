// Plays a recording: the customer left, the agent right, each with its own
// volume; speed, seeking by mouse and keyboard, download.
import { ActionIcon, Alert, Button, Group, SegmentedControl, Slider, Stack, Text, Tooltip } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '@/lib/time';
import { Icon } from '@/lib/ui/icon';
import { ChannelMixer } from './channel-mixer';
import { loadPeaks, type Peaks } from './peaks';
import { Waveform, type Gap } from './waveform';

interface Props {
  // Same-origin address of the sound, and of a download.
  url: string;
  downloadUrl: string;
  // Known length in milliseconds, until the file tells its own.
  length: number;
  gaps?: readonly Gap[];
}

const kSpeeds = ['1', '1.25', '1.5', '2'];
const kNoGaps: readonly Gap[] = [];

export function StereoPlayer({ url, downloadUrl, length, gaps = kNoGaps }: Props) {
  const { t } = useTranslation();
  const player = usePlayer(url, length);
  const peaks = usePeaks(url);
  const total = peaks?.length ?? player.length;
  return (
    <Stack gap="xs" role="group" aria-label={t('player.title')}>
      {/* The talk has no captions; the waveform and the timeline stand beside it. */}
      <audio
        ref={player.element}
        src={url}
        preload="metadata"
        onPlay={() => player.setPlaying(true)}
        onPause={() => player.setPlaying(false)}
        onTimeUpdate={player.follow}
        onLoadedMetadata={player.loaded}
        onError={() => player.setFailed(true)}
      />
      {player.failed && (
        <Alert color="red" icon={<Icon name="warning" />}>
          {t('player.failed')}
        </Alert>
      )}
      <Waveform
        peaks={peaks}
        position={player.position}
        length={total}
        muted={player.gains.map((gain) => gain === 0)}
        gaps={gaps}
        onSeek={player.seek}
      />
      <Group gap="sm" wrap="wrap">
        <ActionIcon
          size={40}
          radius="xl"
          variant="filled"
          disabled={player.failed}
          aria-label={player.playing ? t('player.pause') : t('player.play')}
          onClick={player.toggle}
        >
          <Icon name={player.playing ? 'pause' : 'play'} filled={!player.playing} />
        </ActionIcon>
        <Text size="sm" style={{ fontVariantNumeric: 'tabular-nums' }}>
          {clockText(player.position)} / {clockText(total)}
        </Text>
        <SegmentedControl
          size="xs"
          aria-label={t('player.speed')}
          data={kSpeeds.map((value) => ({ value, label: `${value}×` }))}
          value={player.speed}
          onChange={player.setSpeed}
        />
        <Button
          component="a"
          href={downloadUrl}
          download
          size="xs"
          variant="default"
          ml="auto"
          leftSection={<Icon name="download" size={16} />}
        >
          {t('player.download')}
        </Button>
      </Group>
      <Group gap="xs" grow preventGrowOverflow={false}>
        {[t('player.customer'), t('player.agent')].map((name, channel) => (
          <ChannelVolume
            key={name}
            name={name}
            color={channel === 0 ? 'teal' : 'indigo'}
            gain={player.gains[channel] ?? 1}
            onChange={(gain) => player.setGain(channel, gain)}
          />
        ))}
      </Group>
    </Stack>
  );
}

interface VolumeProps {
  name: string;
  color: string;
  gain: number;
  onChange: (gain: number) => void;
}

function ChannelVolume({ name, color, gain, onChange }: VolumeProps) {
  const { t } = useTranslation();
  const muted = gain === 0;
  const label = muted ? t('player.unmute', { name }) : t('player.mute', { name });
  return (
    <Group gap="xs" wrap="nowrap" miw={220}>
      <Tooltip label={label}>
        <ActionIcon variant="subtle" color={muted ? 'red' : color} aria-label={label} aria-pressed={muted} onClick={() => onChange(muted ? 1 : 0)}>
          <Icon name={muted ? 'mute' : 'volume'} />
        </ActionIcon>
      </Tooltip>
      <Text size="sm" w={76}>
        {name}
      </Text>
      <Slider
        flex={1}
        size="sm"
        color={color}
        min={0}
        max={1.5}
        step={0.05}
        value={gain}
        label={(value) => `${Math.round(value * 100)} %`}
        thumbLabel={t('player.volume', { name })}
        onChange={onChange}
      />
    </Group>
  );
}

function usePeaks(url: string): Peaks | undefined {
  const [peaks, setPeaks] = useState<Peaks>();
  useEffect(() => {
    const abort = new AbortController();
    setPeaks(undefined);
    // Without a waveform the player still plays.
    loadPeaks(url, abort.signal).then(setPeaks, () => undefined);
    return () => abort.abort();
  }, [url]);
  return peaks;
}

function usePlayer(url: string, knownLength: number) {
  const element = useRef<HTMLAudioElement>(null);
  const mixer = useRef<ChannelMixer>(undefined);
  const [playing, setPlaying] = useState(false);
  const [failed, setFailed] = useState(false);
  const [position, setPosition] = useState(0);
  const [length, setLength] = useState(knownLength);
  const [speed, setSpeedText] = useState('1');
  const [gains, setGains] = useState([1, 1]);

  useEffect(() => {
    setPosition(0);
    setFailed(false);
  }, [url]);
  useEffect(() => () => mixer.current?.close(), []);
  // timeupdate comes four times a second; the cursor moves with the frames.
  useEffect(() => {
    if (!playing) return;
    let frame = 0;
    const move = () => {
      setPosition((element.current?.currentTime ?? 0) * 1000);
      frame = requestAnimationFrame(move);
    };
    move();
    return () => cancelAnimationFrame(frame);
  }, [playing]);

  const toggle = () => {
    const audio = element.current;
    if (!audio) return;
    if (!audio.paused) return audio.pause();
    if (!mixer.current) {
      mixer.current = new ChannelMixer(audio);
      gains.forEach((gain, channel) => mixer.current?.setGain(channel, gain));
    }
    void mixer.current.resume();
    audio.play().catch(() => setFailed(true));
  };
  return {
    element,
    playing,
    setPlaying,
    failed,
    setFailed,
    position,
    length,
    speed,
    gains,
    toggle,
    follow: () => setPosition((element.current?.currentTime ?? 0) * 1000),
    loaded: () => {
      const seconds = element.current?.duration ?? 0;
      if (Number.isFinite(seconds) && seconds > 0) setLength(seconds * 1000);
    },
    seek: (to: number) => {
      if (element.current) element.current.currentTime = to / 1000;
      setPosition(to);
    },
    setSpeed: (text: string) => {
      setSpeedText(text);
      if (element.current) element.current.playbackRate = Number(text);
    },
    setGain: (channel: number, gain: number) => {
      setGains((old) => old.map((value, index) => (index === channel ? gain : value)));
      mixer.current?.setGain(channel, gain);
    },
  };
}

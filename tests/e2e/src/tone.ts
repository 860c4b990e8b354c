import { writeFileSync } from "node:fs";
import { linearToAlaw } from "./g711.ts";

/** Share of a block's energy at `hz` (Goertzel), 0…1. */
export function toneShare(samples: Int16Array, hz: number, rate = 8000): number {
  const k = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let s1 = 0;
  let s2 = 0;
  let energy = 0;
  for (const x of samples) {
    const s0 = x + k * s1 - s2;
    s2 = s1;
    s1 = s0;
    energy += x * x;
  }
  if (energy === 0) return 0;
  const power = s1 * s1 + s2 * s2 - k * s1 * s2;
  return (2 * power) / (samples.length * energy);
}

/** Milliseconds of audio, in blocks of 50 ms, in which the tone dominates. */
export function toneMs(samples: Int16Array, hz: number, rate = 8000): number {
  const block = rate / 20;
  let ms = 0;
  for (let i = 0; i + block <= samples.length; i += block) {
    const part = samples.subarray(i, i + block);
    const loud = part.some((x) => Math.abs(x) > 1000);
    if (loud && toneShare(part, hz, rate) > 0.8) ms += 50;
  }
  return ms;
}

function sine(hz: number, seconds: number): Int16Array {
  return Int16Array.from({ length: seconds * 8000 }, (_, i) => Math.sin((2 * Math.PI * hz * i) / 8000) * 12000);
}

/** Raw A-law, as sipp streams it. */
export function writeAlawTone(file: string, hz: number, seconds: number): void {
  writeFileSync(file, Uint8Array.from(sine(hz, seconds), linearToAlaw));
}

/** WAV PCM 16 bit mono 8 kHz, as baresip plays it. */
export function writeWavTone(file: string, hz: number, seconds: number): void {
  const pcm = sine(hz, seconds);
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + pcm.byteLength, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(16000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(pcm.byteLength, 40);
  writeFileSync(file, Buffer.concat([header, Buffer.from(pcm.buffer)]));
}

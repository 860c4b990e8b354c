// A waveform for the eye: the loudest sample of each stretch, 0 to 1.

export interface Peaks {
  // Left: the customer. Right: the agent; empty for a mono file.
  channels: Float32Array[];
  // Milliseconds.
  length: number;
}

export function peaksOf(samples: Float32Array, buckets: number): Float32Array {
  const peaks = new Float32Array(buckets);
  const step = samples.length / buckets;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const end = Math.min(samples.length, Math.ceil((bucket + 1) * step));
    let peak = 0;
    for (let index = Math.floor(bucket * step); index < end; index += 1) {
      peak = Math.max(peak, Math.abs(samples[index] ?? 0));
    }
    peaks[bucket] = Math.min(1, peak);
  }
  return peaks;
}

export const kBuckets = 600;
// Longer files are played but not drawn: decoding would cost too much memory.
const kBytesMax = 40e6;

export async function loadPeaks(url: string, signal: AbortSignal): Promise<Peaks | undefined> {
  const response = await fetch(url, { credentials: 'same-origin', signal });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  if (Number(response.headers.get('Content-Length') ?? 0) > kBytesMax) {
    await response.body?.cancel();
    return undefined;
  }
  const data = await response.arrayBuffer();
  // Decodes to the recordings' own rate: a sixth of the memory of 48 kHz.
  const audio = await new OfflineAudioContext(1, 1, 8000).decodeAudioData(data);
  const channels = Array.from({ length: Math.min(2, audio.numberOfChannels) }, (_, index) =>
    peaksOf(audio.getChannelData(index), kBuckets),
  );
  return { channels, length: audio.duration * 1000 };
}

import type { Api } from "./api.ts";
import { eventually } from "./wait.ts";

interface Recording {
  recordingId: string;
  state?: string;
  length?: string;
}

/** Both channels of an interaction's recording, as 8 kHz samples. */
export async function recordingChannels(api: Api, interactionId: string): Promise<{ left: Int16Array; right: Int16Array; recording: Recording }> {
  const recording = await eventually(
    "the recording is stored",
    async () =>
      (await api.get<{ recordings?: Recording[] }>(`/interactions/${interactionId}/recordings`)).recordings?.find(
        (r) => r.state === "STATE_STORED",
      ),
    30_000,
  );
  const response = await api.fetch(`/recordings/${recording.recordingId}/audio?format=wav`);
  if (!response.ok) throw new Error(`the recording's sound: ${response.status}`);
  return { ...splitWav(Buffer.from(await response.arrayBuffer())), recording };
}

function splitWav(wav: Buffer): { left: Int16Array; right: Int16Array } {
  const channels = wav.readUInt16LE(22);
  const rate = wav.readUInt32LE(24);
  const data = wav.indexOf("data") + 8;
  if (channels !== 2 || wav.readUInt16LE(34) !== 16) throw new Error(`${channels} channels, ${wav.readUInt16LE(34)} bits`);
  const step = rate / 8000;
  if (!Number.isInteger(step)) throw new Error(`${rate} Hz`);
  const frames = Math.floor((wav.length - data) / 4 / step);
  const left = new Int16Array(frames);
  const right = new Int16Array(frames);
  for (let i = 0; i < frames; i++) {
    left[i] = wav.readInt16LE(data + i * step * 4);
    right[i] = wav.readInt16LE(data + i * step * 4 + 2);
  }
  return { left, right };
}

// A stereo WAV whose channels can be told apart: the customer's tone (left)
// and the agent's (right) take turns.

export const kRate = 8000;

export function dialogueWav(seconds: number): Buffer {
  const frames = Math.round(seconds * kRate);
  const data = Buffer.alloc(44 + frames * 4);
  data.write('RIFF', 0);
  data.writeUInt32LE(36 + frames * 4, 4);
  data.write('WAVEfmt ', 8);
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20);
  data.writeUInt16LE(2, 22);
  data.writeUInt32LE(kRate, 24);
  data.writeUInt32LE(kRate * 4, 28);
  data.writeUInt16LE(4, 32);
  data.writeUInt16LE(16, 34);
  data.write('data', 36);
  data.writeUInt32LE(frames * 4, 40);
  for (let frame = 0; frame < frames; frame += 1) {
    const time = frame / kRate;
    // Syllables, so that the waveform looks like speech.
    const speech = Math.abs(Math.sin(time * 5) * Math.sin(time * 0.9 + Math.sin(time)));
    const customer = Math.floor(time / 4) % 2 === 0;
    const left = (customer ? speech : 0.01) * Math.sin(2 * Math.PI * 220 * time);
    const right = (customer ? 0.01 : speech) * Math.sin(2 * Math.PI * 330 * time);
    data.writeInt16LE(Math.round(left * 20000), 44 + frame * 4);
    data.writeInt16LE(Math.round(right * 20000), 46 + frame * 4);
  }
  return data;
}

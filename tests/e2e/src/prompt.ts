import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Samples of a prompt of Debian's packages: "ru", "digits/20". */
export function promptSamples(language: "ru" | "en", name: string): Int16Array {
  const list = execFileSync("dpkg", ["-L", `asterisk-core-sounds-${language}-wav`], { encoding: "utf8" });
  const file = list.split("\n").find((line) => line.endsWith(`/${name}.wav`));
  if (!file) throw new Error(`no prompt ${name} in ${language}`);
  const wav = readFileSync(file);
  const data = wav.indexOf("data") + 8;
  return new Int16Array(wav.buffer.slice(wav.byteOffset + data, wav.byteOffset + data + ((wav.length - data) & ~1)));
}

/** Where in the audio the prompt is heard (its loudest 300 ms), in samples; -1 = nowhere. */
export function whereHeard(audio: Int16Array, prompt: Int16Array): number {
  const length = Math.min(2400, prompt.length);
  let start = 0;
  let best = -1;
  for (let at = 0; at + length <= prompt.length; at += 400) {
    const energy = prompt.subarray(at, at + length).reduce((sum, x) => sum + x * x, 0);
    if (energy > best) [best, start] = [energy, at];
  }
  const part = prompt.subarray(start, start + length);
  for (let at = 0; at + length <= audio.length; at++) {
    let dot = 0;
    let energy = 0;
    for (let i = 0; i < length; i += 3) {
      dot += audio[at + i]! * part[i]!;
      energy += audio[at + i]! ** 2;
    }
    let own = 0;
    for (let i = 0; i < length; i += 3) own += part[i]! ** 2;
    if (energy > 0 && dot / Math.sqrt(energy * own) > 0.97) return at - start;
  }
  return -1;
}

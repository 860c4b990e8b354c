import { expect, test } from "vitest";
import { Caller } from "../src/caller.ts";
import { Capture } from "../src/capture.ts";
import { promptSamples, whereHeard } from "../src/prompt.ts";
import { sharedStack } from "../src/stack.ts";
import { toneMs } from "../src/tone.ts";

// The demo's numbers without agents, heard on the wire.
const stack = sharedStack();

async function heard(number: string, scenario: string, keys: Record<string, string | number>): Promise<Int16Array> {
  const capture = await Capture.start(`${stack.dir}/number-${number}.pcap`);
  const caller = await Caller.start({
    dir: stack.dir, sipPort: stack.sipPort, number, scenario, from: `7916000${number}`, toneHz: 1000, keys,
  });
  await caller.succeeds();
  await capture.stop();
  return capture.audioTo(caller.rtpPort);
}

test("1001 gives the caller's own voice back", async () => {
  expect(toneMs(await heard("1001", "talk-then-bye.xml", { talk: 3000 }), 1000)).toBeGreaterThan(1500);
});

test("1002 plays its prompt and hangs up", async () => {
  const audio = await heard("1002", "talk-until-bye.xml", {});
  const hello = whereHeard(audio, promptSamples("ru", "hello-world"));
  const goodbye = whereHeard(audio, promptSamples("ru", "vm-goodbye"));
  expect(hello).toBeGreaterThanOrEqual(0);
  expect(goodbye).toBeGreaterThan(hello);
});

test("1003 says 12 back as a Russian number", async () => {
  // sipp's key presses carry fixed RTP times, rising from 1 to #: an earlier
  // one after a later one would be a packet that came late.
  const audio = await heard("1003", "digits-until-bye.xml", { before_digit: 1500, first: 1, second: 2, third: "pound" });
  const entered = whereHeard(audio, promptSamples("ru", "you-entered"));
  const twelve = whereHeard(audio, promptSamples("ru", "digits/12"));
  expect(entered).toBeGreaterThanOrEqual(0);
  expect(twelve).toBeGreaterThan(entered);
});

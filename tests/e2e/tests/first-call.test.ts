import { afterAll, beforeAll, expect, test } from "vitest";
import { Agent } from "../src/agent.ts";
import { Api, checkPartition, ms } from "../src/api.ts";
import { Caller } from "../src/caller.ts";
import { Capture } from "../src/capture.ts";
import { Phone } from "../src/phone.ts";
import { recordingChannels } from "../src/recording.ts";
import { sharedStack } from "../src/stack.ts";
import { toneMs } from "../src/tone.ts";
import { waitingIn } from "../src/metrics.ts";
import { delay, eventually } from "../src/wait.ts";

const stack = sharedStack();
let phone: Phone;
let agent: Agent;
let supervisor: Api;

beforeAll(async () => {
  phone = await Phone.start({ dir: stack.dir, sipPort: stack.sipPort, user: "101", toneHz: 440 });
  supervisor = await Api.logIn(stack.url, "supervisor");
  const api = await Api.logIn(stack.url, "agent1");
  agent = await Agent.signIn(stack.url, api.token, "agent1");
});
afterAll(async () => {
  await agent?.signOut();
  await phone?.stop();
});

test("a caller of 1000 who presses 1 talks with a sales agent, both ways, recorded and counted", async () => {
  await agent.notReady("break");
  const capture = await Capture.start(`${stack.dir}/first-call.pcap`);
  const caller = await Caller.start({
    dir: stack.dir, sipPort: stack.sipPort, number: "1000", scenario: "digit-until-bye.xml", toneHz: 1000,
    from: "79160000001", keys: { digit: 1, before_digit: 2500 },
  });

  // Nobody is ready: the caller waits with music and hears its place.
  await waitingIn(stack, "sales", 1);
  await agent.ready();
  const ringing = await phone.until("CALL_INCOMING", 20_000);
  expect(ringing.peeruri).toContain("79160000001");
  await agent.inState("OFFERED");
  phone.answer();
  await agent.inState("ENGAGED");
  await delay(3000); // The talk itself.
  phone.hangUp();
  await caller.succeeds();
  await agent.inState("WRAP_UP");
  const interactionId = agent.status.interaction!.interactionId;
  await agent.ask({ finishWrapUp: { interactionId, dispositionId: "solved", comment: "ok" } });
  await agent.inState("READY");
  await capture.stop();

  // Both heard each other: the wire is the witness.
  expect(toneMs(capture.audioTo(caller.rtpPort), 440)).toBeGreaterThan(2000);
  expect(toneMs(capture.audioTo(phone.rtpPort), 1000)).toBeGreaterThan(2000);

  const { interaction, segments } = await supervisor.finished("79160000001");
  expect(interaction).toMatchObject({ outcome: "answered", queueId: "sales", agentId: "agent1", dispositionId: "solved" });
  expect(ms(interaction.talk)).toBeGreaterThan(2500);
  checkPartition(interaction, segments);
  expect(segments.map((s) => s.kind)).toEqual(expect.arrayContaining(["scenario", "queue", "offer", "talk", "wrap_up"]));

  const { left, right } = await recordingChannels(supervisor, interaction.interactionId);
  expect(toneMs(left, 1000)).toBeGreaterThan(2000);
  expect(toneMs(right, 440)).toBeGreaterThan(2000);
  expect(toneMs(left, 440)).toBeLessThan(200);
  expect(toneMs(right, 1000)).toBeLessThan(200);
});

test("a caller who hangs up while waiting is counted as abandoned and rings nobody", async () => {
  await agent.notReady("break");
  const caller = await Caller.start({
    dir: stack.dir, sipPort: stack.sipPort, number: "1004", scenario: "talk-then-bye.xml", from: "79160000002", keys: { talk: 3000 },
  });
  await caller.succeeds();
  const { interaction, segments } = await supervisor.finished("79160000002");
  expect(interaction).toMatchObject({ outcome: "abandoned", queueId: "sales" });
  checkPartition(interaction, segments);
  await agent.ready();
  await eventually("the agent stays ready", () => agent.status.state === "AGENT_STATE_READY");
});

test("an unknown number is answered 404", async () => {
  const caller = await Caller.start({
    dir: stack.dir, sipPort: stack.sipPort, number: "1099", scenario: "expect-404.xml", from: "79160000003",
  });
  await caller.succeeds();
});

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Agent } from "../src/agent.ts";
import { Api } from "../src/api.ts";
import { Caller } from "../src/caller.ts";
import { Phone } from "../src/phone.ts";
import { sharedStack } from "../src/stack.ts";
import { delay, eventually } from "../src/wait.ts";

const stack = sharedStack();
const phones: Phone[] = [];
const agents: Agent[] = [];

beforeAll(async () => {
  for (const n of [1, 2]) {
    phones.push(await Phone.start({ dir: stack.dir, sipPort: stack.sipPort, user: `10${n}`, toneHz: 400 + n * 40 }));
    const api = await Api.logIn(stack.url, `agent${n}`);
    agents.push(await Agent.signIn(stack.url, api.token, `agent${n}`));
  }
});
afterAll(async () => {
  await stack.up();
  for (const agent of agents) await agent.signOut();
  for (const phone of phones) await phone.stop();
});
afterEach(async () => {
  for (const phone of phones) phone.events.length = 0;
  for (const agent of agents) {
    if (agent.status.state === "AGENT_STATE_WRAP_UP") {
      await agent.ask({ finishWrapUp: { interactionId: agent.status.interaction!.interactionId, dispositionId: "solved" } });
    }
    await agent.notReady("break");
  }
});

/** A customer who talks with agent1. */
async function talk(from: string): Promise<Caller> {
  await agents[0]!.ready();
  const caller = await Caller.start({
    dir: stack.dir, sipPort: stack.sipPort, number: "1004", scenario: "talk-until-bye.xml", from,
  });
  await phones[0]!.until("CALL_INCOMING", 20_000);
  phones[0]!.answer();
  await agents[0]!.inState("ENGAGED");
  return caller;
}
const callOf = (agent: Agent) => agent.status.interaction!.callId;
const legIs = (agent: Agent, callId: string, state: string) =>
  eventually(`${agent.name}'s leg is ${state}`, () => agent.calls.get(callId)?.state === `LEG_STATE_${state}`);

test("hold, resume and hang-up from the desktop", async () => {
  const caller = await talk("79160000501");
  const callId = callOf(agents[0]!);
  await agents[0]!.ask({ callAction: { callId, action: "ACTION_HOLD" } });
  await legIs(agents[0]!, callId, "HELD");
  await agents[0]!.ask({ callAction: { callId, action: "ACTION_RESUME" } });
  await legIs(agents[0]!, callId, "ANSWERED");
  await delay(500);
  await agents[0]!.ask({ callAction: { callId, action: "ACTION_HANG_UP" } });
  await caller.succeeds();
  await agents[0]!.inState("WRAP_UP");
  await phones[0]!.until("CALL_CLOSED");
});

test("blind transfer to a colleague: the phone rings, the talk goes on, then both ends close", async () => {
  const caller = await talk("79160000502");
  await agents[0]!.ask({ transfer: { callId: callOf(agents[0]!), agentId: "agent2" } });
  await agents[0]!.inState("WRAP_UP");
  await phones[1]!.until("CALL_INCOMING");
  phones[1]!.answer();
  await phones[1]!.until("CALL_ESTABLISHED");
  await delay(1000);
  phones[1]!.hangUp();
  await caller.succeeds();
});

test("blind transfer into a queue reaches the next agent", async () => {
  const caller = await talk("79160000503");
  await agents[1]!.ready();
  await agents[0]!.ask({ transfer: { callId: callOf(agents[0]!), queueId: "sales" } });
  await phones[1]!.until("CALL_INCOMING", 20_000);
  phones[1]!.answer();
  await agents[1]!.inState("ENGAGED");
  await delay(500);
  phones[1]!.hangUp();
  await caller.succeeds();
  await agents[1]!.inState("WRAP_UP");
});

test("a transfer to a number that nobody has is refused and the talk goes on", async () => {
  const caller = await talk("79160000504");
  const callId = callOf(agents[0]!);
  await expect(agents[0]!.ask({ transfer: { callId, number: "55555" } })).rejects.toThrow(/NOT_FOUND/);
  expect(agents[0]!.status.state).toBe("AGENT_STATE_ENGAGED");
  phones[0]!.hangUp();
  await caller.succeeds();
});

test("a phone dials a colleague", async () => {
  phones[0]!.dial(`sip:102@127.0.0.1:${stack.sipPort}`);
  const ringing = await phones[1]!.until("CALL_INCOMING");
  expect(ringing.peeruri).toContain("101");
  phones[1]!.answer();
  await phones[0]!.until("CALL_ESTABLISHED");
  phones[0]!.hangUp();
  await phones[1]!.until("CALL_CLOSED");
});

test("an agent starts a call to a colleague from the desktop", async () => {
  const started = agents[0]!.ask({ startCall: { number: "102" } });
  await phones[0]!.until("CALL_INCOMING");
  phones[0]!.answer();
  expect((await started).callId).toBeTruthy();
  await phones[1]!.until("CALL_INCOMING");
  phones[1]!.answer();
  await phones[1]!.until("CALL_ESTABLISHED");
  phones[0]!.hangUp();
  await phones[1]!.until("CALL_CLOSED");
});

test("kill -9 of signaling in a talk: the audio goes on, and the new process ends the call", async () => {
  const caller = await talk("79160000506");
  await stack.kill("signaling");
  await delay(500);
  await stack.up();
  await delay(1000);
  expect(caller.log()).not.toContain("Aborting call");
  phones[0]!.hangUp();
  await caller.succeeds();
  await agents[0]!.inState("WRAP_UP");
});

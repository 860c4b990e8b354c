import { afterAll, beforeAll, expect, test } from "vitest";
import { Agent } from "../src/agent.ts";
import { Api, checkPartition } from "../src/api.ts";
import { Caller } from "../src/caller.ts";
import { Phone } from "../src/phone.ts";
import { recordingChannels } from "../src/recording.ts";
import { sharedStack } from "../src/stack.ts";
import { toneMs } from "../src/tone.ts";
import { waitingIn } from "../src/metrics.ts";
import { delay } from "../src/wait.ts";

const stack = sharedStack();
let phones: Phone[] = [];
let agents: Agent[] = [];
let supervisor: Api;

beforeAll(async () => {
  supervisor = await Api.logIn(stack.url, "supervisor");
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

function call(from: string): Promise<Caller> {
  return Caller.start({ dir: stack.dir, sipPort: stack.sipPort, number: "1004", scenario: "talk-until-bye.xml", toneHz: 1000, from });
}
async function finishWrapUp(agent: Agent): Promise<void> {
  await agent.inState("WRAP_UP");
  await agent.ask({ finishWrapUp: { interactionId: agent.status.interaction!.interactionId, dispositionId: "solved" } });
}

test("with PostgreSQL, Kafka and directory stopped in mid-call, calls go on and nothing is lost", async () => {
  await agents[0]!.ready();
  const first = await call("79160000101");
  await phones[0]!.until("CALL_INCOMING");
  phones[0]!.answer();
  await agents[0]!.inState("ENGAGED");

  await stack.kill("directory");
  await stack.kill("kafka");
  await stack.kill("postgres");

  // A new call is answered, queued and connected all the same.
  await agents[1]!.ready();
  const second = await call("79160000102");
  await phones[1]!.until("CALL_INCOMING", 20_000);
  phones[1]!.answer();
  await agents[1]!.inState("ENGAGED");
  await delay(2000);
  phones[1]!.hangUp();
  await second.succeeds();
  await finishWrapUp(agents[1]!);
  // The first talk has not noticed.
  expect(agents[0]!.status.state).toBe("AGENT_STATE_ENGAGED");
  phones[0]!.hangUp();
  await first.succeeds();
  await finishWrapUp(agents[0]!);

  await stack.up();
  for (const number of ["79160000101", "79160000102"]) {
    const { interaction, segments } = await supervisor.finished(number, 60_000);
    expect(interaction).toMatchObject({ outcome: "answered", queueId: "sales" });
    checkPartition(interaction, segments);
    const rows = (await supervisor.interactions(`&number=${number}`)).filter((r) => r.callerNumber === number);
    expect(rows).toHaveLength(1);
    const { left } = await recordingChannels(supervisor, interaction.interactionId);
    expect(toneMs(left, 1000)).toBeGreaterThan(1000);
  }
}, 180_000);

test.each(["scenario", "routing"])("kill -9 of %s with a caller in the queue: the place is kept, the call connected", async (victim) => {
  for (const agent of agents) await agent.notReady("break");
  const from = victim === "scenario" ? "79160000103" : "79160000104";
  const caller = await call(from);
  await waitingIn(stack, "sales", 1);
  await stack.kill(victim);
  await agents[0]!.ready();
  await phones[0]!.until("CALL_INCOMING", 20_000);
  phones[0]!.answer();
  await agents[0]!.inState("ENGAGED");
  await delay(1500);
  phones[0]!.hangUp();
  await caller.succeeds();
  await finishWrapUp(agents[0]!);
  await stack.up();
  const { interaction, segments } = await supervisor.finished(from, 60_000);
  expect(interaction).toMatchObject({ outcome: "answered", agentId: "agent1" });
  checkPartition(interaction, segments);
}, 120_000);

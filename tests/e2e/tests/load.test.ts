import { afterAll, beforeAll, expect, test } from "vitest";
import { Agent } from "../src/agent.ts";
import { Api, checkPartition, type QueueInterval } from "../src/api.ts";
import { Caller } from "../src/caller.ts";
import { interactionEvents } from "../src/events.ts";
import { PhoneBank } from "../src/phone-bank.ts";
import { sharedStack } from "../src/stack.ts";
import { delay, eventually } from "../src/wait.ts";

// 50 calls at once with 20 agents. Five minutes by ZVON_LOAD_SECONDS=300 (the
// nightly run); the same check, shorter, in every run.
const seconds = Number(process.env.ZVON_LOAD_SECONDS ?? 45);
const stack = sharedStack();
const numbers = Array.from({ length: 20 }, (_, i) => i + 11);
let bank: PhoneBank;
let agents: Agent[] = [];
let supervisor: Api;

beforeAll(async () => {
  supervisor = await Api.logIn(stack.url, "supervisor");
  bank = await PhoneBank.start({
    dir: stack.dir, sipPort: stack.sipPort, ringMs: 500, talkMs: 4000,
    users: numbers.map((n) => ({ user: `1${n}`, password: `zvon-demo-1${n}` })),
  });
  for (const n of numbers) {
    const api = await Api.logIn(stack.url, `agent${n}`);
    agents.push(await Agent.signIn(stack.url, api.token, `agent${n}`));
  }
});
afterAll(async () => {
  for (const agent of agents) await agent.signOut();
  await bank?.stop();
});

/** Finishes every wrap-up at once and goes on, as a busy agent would. */
function work(agent: Agent): { stop: () => void } {
  let going = true;
  void (async () => {
    while (going) {
      if (agent.status.state === "AGENT_STATE_WRAP_UP") {
        const interactionId = agent.status.interaction!.interactionId;
        await agent.ask({ finishWrapUp: { interactionId, dispositionId: "solved" } }).catch(() => undefined);
      }
      await delay(100);
    }
  })();
  return { stop: () => (going = false) };
}

test(`50 calls at once with 20 agents for ${seconds} s: none lost, none offered twice, all counts equal`, async () => {
  const before = await queueCounts();
  await Promise.all(agents.map((agent) => agent.ready()));
  const workers = agents.map(work);
  const calls = Math.round(seconds * 4); // 20 agents / 5 s of handling.
  const caller = await Caller.start({
    dir: stack.dir, sipPort: stack.sipPort, number: "1004", scenario: "talk-until-bye.xml", from: "79160000900", calls, rate: 8, limit: 50,
  });
  await caller.succeeds(); // sipp: every call was answered and ended by BYE.
  await Promise.all(agents.map((agent) => agent.inState("READY", 30_000)));
  for (const worker of workers) worker.stop();

  const rows = await eventually(
    `${calls} finished interactions in the report`,
    async () => {
      const found = (await supervisor.interactions("&number=79160000900")).filter((r) => r.endTime && r.outcome !== "open");
      return found.length >= calls ? found : undefined;
    },
    60_000,
  );
  expect(rows).toHaveLength(calls);
  expect(new Set(rows.map((r) => r.interactionId)).size).toBe(calls);
  expect(rows.every((r) => r.outcome === "answered")).toBe(true);
  for (const row of rows.slice(0, 20)) {
    const { interaction, segments } = await supervisor.get<{ interaction: typeof row; segments: [] }>(`/interactions/${row.interactionId}`);
    checkPartition(interaction, segments);
  }

  const after = await queueCounts();
  expect(after.offered - before.offered).toBe(calls);
  expect(after.answered - before.answered).toBe(calls);
  expect(after.waiting).toBe(0);
  expect(after.offered).toBe(after.answered + after.abandoned + after.flowedOut + after.waiting);

  checkOffers(await interactionEvents(stack), new Set(rows.map((r) => r.interactionId)));
}, (seconds + 180) * 1000);

async function queueCounts() {
  const from = new Date(Date.now() - 6 * 3600_000).toISOString();
  const to = new Date(Date.now() + 3600_000).toISOString();
  const body = await supervisor.get<{ totals?: QueueInterval[] }>(`/reports/queues?from=${from}&to=${to}&queue=sales`);
  const total = body.totals?.find((t) => t.queueId === "sales");
  return {
    offered: total?.offered ?? 0, answered: total?.answered ?? 0, abandoned: total?.abandoned ?? 0,
    flowedOut: total?.flowedOut ?? 0, waiting: total?.waiting ?? 0,
  };
}

/** From the event log alone: no agent ever has two offers or calls at once. */
function checkOffers(events: Awaited<ReturnType<typeof interactionEvents>>, ours: Set<string>): void {
  const busy = new Map<string, string>(); // agent → interaction
  const answeredBy = new Map<string, string>();
  for (const event of events) {
    if (!ours.has(event.interactionId)) continue;
    if (event.type === "offerMade") {
      expect(busy.get(event.agentId), `${event.agentId} is offered ${event.interactionId} while it has another`).toBeUndefined();
      busy.set(event.agentId, event.interactionId);
    } else if (event.type === "offerEnded" && event.outcome !== "OFFER_OUTCOME_ACCEPTED") {
      if (busy.get(event.agentId) === event.interactionId) busy.delete(event.agentId);
    } else if (event.type === "wrapUpStarted") {
      busy.delete(event.agentId);
    } else if (event.type === "interactionAssigned") {
      expect(answeredBy.has(event.interactionId), `${event.interactionId} is answered twice`).toBe(false);
      answeredBy.set(event.interactionId, event.agentId);
    }
  }
  expect(answeredBy.size).toBe(ours.size);
}

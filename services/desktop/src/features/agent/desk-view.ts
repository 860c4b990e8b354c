// What the agent's page shows, made from what the platform said. No DOM, no
// clock: times are handed on, components compare them with now.
import { LegState } from '@/gen/zvon/call/v1/call_pb';
import { AgentState, type AgentStatus, type InteractionSummary } from '@/gen/zvon/routing/v1/routing_pb';
import type { AgentCall } from '@/gen/zvon/signalingservice/v1/signaling_service_pb';
import { timeOf } from '@/lib/time';

export interface Customer {
  number: string;
  name: string;
  calledNumber: string;
  data: readonly (readonly [string, string])[];
}

export interface IncomingView extends Customer {
  // Same for the same ring, however often it is told.
  key: string;
  callId: string;
  offerId: string;
  queueId: string;
  // Began to wait in the queue; undefined for a direct call.
  enqueueTime: number | undefined;
  offerTime: number | undefined;
  deadline: number | undefined;
}

export interface TalkView extends Customer {
  // Empty while the call's owner has not told about the call.
  callId: string;
  interactionId: string;
  queueId: string;
  // The agent's own phone rings for a call that this agent started.
  calling: boolean;
  held: boolean;
  recording: boolean;
  since: number | undefined;
  heldSince: number | undefined;
}

export interface WrapUpView extends Customer {
  interactionId: string;
  queueId: string;
  since: number | undefined;
  deadline: number | undefined;
}

export interface DeskView {
  incoming: IncomingView | undefined;
  talk: TalkView | undefined;
  wrapUp: WrapUpView | undefined;
}

export interface DeskInput {
  agent: AgentStatus | undefined;
  calls: ReadonlyMap<string, AgentCall>;
  answerTimes: ReadonlyMap<string, number>;
  // Calls that this agent started, so that their ringing is no incoming call.
  startedCallIds: ReadonlySet<string>;
}

export function deskView(input: DeskInput): DeskView {
  return { incoming: incomingOf(input), talk: talkOf(input), wrapUp: wrapUpOf(input.agent) };
}

function incomingOf({ agent, calls, startedCallIds }: DeskInput): IncomingView | undefined {
  const offer = agent?.state === AgentState.OFFERED ? agent.offer : undefined;
  const ringing = [...calls.values()].filter(
    (call) => call.state === LegState.RINGING && !startedCallIds.has(call.callId),
  );
  const call =
    ringing.find((one) => offer && (one.offerId === offer.offerId || one.interactionId === offer.interactionId)) ??
    (offer ? undefined : ringing[0]);
  if (!offer && !call) return undefined;
  return {
    ...customerOf(offer?.interaction, call),
    key: offer?.offerId || call?.offerId || call?.callId || '',
    callId: call?.callId || offer?.interaction?.callId || '',
    offerId: offer?.offerId ?? call?.offerId ?? '',
    queueId: offer?.queueId ?? call?.queueId ?? '',
    enqueueTime: timeOf(offer?.interaction?.enqueueTime),
    offerTime: timeOf(offer?.offerTime) ?? timeOf(call?.stateTime),
    deadline: timeOf(offer?.deadline),
  };
}

function talkOf({ agent, calls, answerTimes, startedCallIds }: DeskInput): TalkView | undefined {
  const engaged = agent?.state === AgentState.ENGAGED ? agent : undefined;
  const own = [...calls.values()];
  const call =
    own.find(isConnected) ?? own.find((one) => one.state === LegState.RINGING && startedCallIds.has(one.callId));
  if (!call && !engaged) return undefined;
  const interaction = sameInteraction(engaged?.interaction, call) ? engaged?.interaction : undefined;
  const stateTime = timeOf(call?.stateTime);
  const held = call?.state === LegState.HELD;
  return {
    ...customerOf(interaction, call),
    callId: call?.callId ?? '',
    interactionId: call?.interactionId || interaction?.interactionId || '',
    queueId: call?.queueId || interaction?.queueId || '',
    calling: call?.state === LegState.RINGING,
    held,
    recording: call?.recording ?? false,
    // A hold renews the call's state time, not the agent's.
    since: (interaction && timeOf(engaged?.stateTime)) ?? answerTimes.get(call?.callId ?? '') ?? stateTime,
    heldSince: held ? stateTime : undefined,
  };
}

function wrapUpOf(agent: AgentStatus | undefined): WrapUpView | undefined {
  if (agent?.state !== AgentState.WRAP_UP) return undefined;
  return {
    ...customerOf(agent.interaction, undefined),
    interactionId: agent.interaction?.interactionId ?? '',
    queueId: agent.interaction?.queueId ?? '',
    since: timeOf(agent.stateTime),
    deadline: timeOf(agent.wrapUpDeadline),
  };
}

const isConnected = (call: AgentCall): boolean =>
  call.state === LegState.ANSWERED || call.state === LegState.HELD;

function sameInteraction(summary: InteractionSummary | undefined, call: AgentCall | undefined): boolean {
  if (!summary || !call) return true;
  return !call.interactionId || summary.interactionId === call.interactionId;
}

function customerOf(summary: InteractionSummary | undefined, call: AgentCall | undefined): Customer {
  const data = { ...summary?.customerData, ...call?.customerData };
  return {
    number: summary?.callerNumber || call?.otherParty?.number || '',
    name: summary?.callerName || call?.otherParty?.displayName || '',
    calledNumber: summary?.calledNumber || call?.calledNumber || '',
    data: Object.entries(data).sort(([a], [b]) => a.localeCompare(b)),
  };
}

// 1 = all the time is left, 0 = it is over.
export function shareLeft(start: number | undefined, deadline: number | undefined, now: number): number {
  if (start === undefined || deadline === undefined || deadline <= start) return 0;
  return Math.min(1, Math.max(0, (deadline - now) / (deadline - start)));
}

// What the gateway has told this client: a fold over its frames, without DOM,
// clock or socket.
import type { ServerFrame } from '@/gen/zvon/gateway/v1/frames_pb';
import type { AgentStatus, QueueStatus } from '@/gen/zvon/routing/v1/routing_pb';
import type { AgentCall } from '@/gen/zvon/signalingservice/v1/signaling_service_pb';
import { LegState } from '@/gen/zvon/call/v1/call_pb';
import { applyChange, emptySettings, type Settings } from '@/lib/settings';
import { timeOf } from '@/lib/time';

export interface PlatformState {
  // The user's own; undefined until told.
  agent: AgentStatus | undefined;
  // The user's own calls that are not over, in the order they came.
  calls: ReadonlyMap<string, AgentCall>;
  // When those were first known as answered: a hold renews a call's own time.
  answerTimes: ReadonlyMap<string, number>;
  // The last call that ended, to say why.
  endedCall: AgentCall | undefined;
  liveAgents: ReadonlyMap<string, AgentStatus>;
  liveQueues: ReadonlyMap<string, QueueStatus>;
  settings: Settings;
  // Services out of reach.
  degraded: readonly string[];
}

export const initialState: PlatformState = {
  agent: undefined,
  calls: new Map(),
  answerTimes: new Map(),
  endedCall: undefined,
  liveAgents: new Map(),
  liveQueues: new Map(),
  settings: emptySettings,
  degraded: [],
};

// Before the state is sent anew. Settings came by REST and stay.
export function resetState(state: PlatformState): PlatformState {
  return { ...initialState, settings: state.settings };
}

export function applyFrame(state: PlatformState, { frame }: ServerFrame): PlatformState {
  switch (frame.case) {
    case 'agent':
      return { ...state, agent: frame.value };
    case 'call':
      return withCall(state, frame.value);
    case 'liveAgent':
      return { ...state, liveAgents: withEntry(state.liveAgents, frame.value.agentId, frame.value) };
    case 'liveQueue':
      return { ...state, liveQueues: withEntry(state.liveQueues, frame.value.queueId, frame.value) };
    case 'setting':
      return { ...state, settings: applyChange(state.settings, frame.value) };
    case 'degradation':
      return { ...state, degraded: frame.value.services };
    default:
      return state;
  }
}

function withCall(state: PlatformState, call: AgentCall): PlatformState {
  if (call.state === LegState.ENDED) {
    const calls = without(state.calls, call.callId);
    return { ...state, calls, answerTimes: without(state.answerTimes, call.callId), endedCall: call };
  }
  const time = timeOf(call.stateTime);
  const answered = call.state !== LegState.RINGING && time !== undefined && !state.answerTimes.has(call.callId);
  return {
    ...state,
    calls: withEntry(state.calls, call.callId, call),
    answerTimes: answered ? withEntry(state.answerTimes, call.callId, time) : state.answerTimes,
  };
}

function without<T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}

function withEntry<T>(map: ReadonlyMap<string, T>, key: string, value: T): ReadonlyMap<string, T> {
  return new Map(map).set(key, value);
}

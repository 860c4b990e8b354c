import { fromJson } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ServerFrameSchema, type ServerFrameJson } from '@/gen/zvon/gateway/v1/frames_pb';
import { AgentState } from '@/gen/zvon/routing/v1/routing_pb';
import { applyFrame, initialState, resetState, type PlatformState } from './platform-state';

const fold = (frames: ServerFrameJson[], from: PlatformState = initialState): PlatformState =>
  frames.reduce((state, frame) => applyFrame(state, fromJson(ServerFrameSchema, frame)), from);

test('the own state is replaced whole', () => {
  const state = fold([
    { agent: { state: 'AGENT_STATE_NOT_READY', reasonId: 'lunch' } },
    { agent: { state: 'AGENT_STATE_READY' } },
  ]);
  expect(state.agent).toMatchObject({ state: AgentState.READY, reasonId: '' });
});

test('a call lives until it ends; why it ended stays', () => {
  const ringing = fold([{ call: { callId: 'c1', state: 'LEG_STATE_RINGING' } }, { call: { callId: 'c2', state: 'LEG_STATE_HELD' } }]);
  expect([...ringing.calls.keys()]).toEqual(['c1', 'c2']);
  const ended = fold([{ call: { callId: 'c1', state: 'LEG_STATE_ENDED', endCause: 'END_CAUSE_BUSY' } }], ringing);
  expect([...ended.calls.keys()]).toEqual(['c2']);
  expect(ended.endedCall?.callId).toBe('c1');
});

test('a hold does not renew the time of the answer', () => {
  const time = (seconds: number) => new Date(seconds * 1000).toISOString();
  const state = fold([
    { call: { callId: 'c1', state: 'LEG_STATE_RINGING', stateTime: time(1) } },
    { call: { callId: 'c1', state: 'LEG_STATE_ANSWERED', stateTime: time(5) } },
    { call: { callId: 'c1', state: 'LEG_STATE_HELD', stateTime: time(9) } },
  ]);
  expect(state.answerTimes.get('c1')).toBe(5000);
  expect(fold([{ call: { callId: 'c1', state: 'LEG_STATE_ENDED' } }], state).answerTimes.size).toBe(0);
});

test('live frames are kept by agent and queue', () => {
  const state = fold([
    { liveAgent: { agentId: 'a', handledToday: 1 } },
    { liveAgent: { agentId: 'a', handledToday: 2 } },
    { liveQueue: { queueId: 'q', waiting: 3 } },
  ]);
  expect(state.liveAgents.get('a')?.handledToday).toBe(2);
  expect(state.liveQueues.get('q')?.waiting).toBe(3);
});

test('a changed setting replaces, a deleted one goes', () => {
  const queue = { name: 'tenants/demo/queues/sales', queue: { displayName: 'Продажи' } };
  const state = fold([{ setting: { resource: queue } }]);
  expect(state.settings.queues.get('sales')?.name).toBe('Продажи');
  expect(fold([{ setting: { resource: { name: queue.name }, deleted: true } }], state).settings.queues.size).toBe(0);
});

test('a state sent anew forgets all but the settings', () => {
  const state = resetState(
    fold([
      { agent: { state: 'AGENT_STATE_READY' } },
      { call: { callId: 'c1', state: 'LEG_STATE_RINGING' } },
      { degradation: { services: ['reporting'] } },
      { setting: { resource: { name: 'tenants/demo/queues/sales', queue: {} } } },
    ]),
  );
  expect(state.agent).toBeUndefined();
  expect(state.calls.size).toBe(0);
  expect(state.degraded).toEqual([]);
  expect(state.settings.queues.size).toBe(1);
});

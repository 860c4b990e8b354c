import { fromJson } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { AgentStatusSchema, type AgentStatusJson } from '@/gen/zvon/routing/v1/routing_pb';
import { AgentCallSchema, type AgentCallJson } from '@/gen/zvon/signalingservice/v1/signaling_service_pb';
import { deskView, shareLeft } from './desk-view';

const kTime = '2026-05-17T09:00:00Z';
const at = (seconds: number) => new Date(new Date(kTime).getTime() + seconds * 1000);

function desk(agent: AgentStatusJson | undefined, calls: AgentCallJson[] = [], started: string[] = []) {
  return deskView({
    agent: agent && fromJson(AgentStatusSchema, agent),
    calls: new Map(calls.map((call) => [call.callId ?? '', fromJson(AgentCallSchema, call)])),
    answerTimes: new Map(),
    startedCallIds: new Set(started),
  });
}

const interaction = {
  interactionId: 'i1',
  callId: 'c1',
  callerNumber: '+79123456789',
  callerName: 'Иван',
  calledNumber: '1000',
  queueId: 'sales',
  enqueueTime: kTime,
  customerData: { Город: 'Казань' },
};
const offered: AgentStatusJson = {
  state: 'AGENT_STATE_OFFERED',
  offer: { offerId: 'o1', interactionId: 'i1', queueId: 'sales', offerTime: at(5).toISOString(), deadline: at(25).toISOString(), interaction },
};
const call: AgentCallJson = { callId: 'c1', interactionId: 'i1', offerId: 'o1', state: 'LEG_STATE_RINGING', stateTime: at(5).toISOString() };

describe('incoming', () => {
  test('the offer makes the card before the call is told, and stays the same card after', () => {
    const before = desk(offered).incoming;
    expect(before).toMatchObject({ key: 'o1', callId: 'c1', name: 'Иван', queueId: 'sales', enqueueTime: at(0).getTime(), deadline: at(25).getTime() });
    expect(desk(offered, [call]).incoming?.key).toBe('o1');
  });

  test('data of offer and call together, in order', () => {
    const data = desk(offered, [{ ...call, customerData: { Адрес: 'Баумана, 1' } }]).incoming?.data;
    expect(data).toEqual([['Адрес', 'Баумана, 1'], ['Город', 'Казань']]);
  });

  test('a direct call has no offer and no deadline', () => {
    const view = desk({ state: 'AGENT_STATE_NOT_READY' }, [{ callId: 'c2', state: 'LEG_STATE_RINGING', otherParty: { number: '102' } }]);
    expect(view.incoming).toMatchObject({ key: 'c2', offerId: '', callId: 'c2', number: '102', deadline: undefined });
  });

  test('one’s own call that rings is no incoming call', () => {
    const view = desk({ state: 'AGENT_STATE_READY' }, [{ callId: 'c3', state: 'LEG_STATE_RINGING' }], ['c3']);
    expect(view.incoming).toBeUndefined();
    expect(view.talk).toMatchObject({ callId: 'c3', calling: true });
  });

  test('an offer that is over is gone at once', () => {
    expect(desk({ ...offered, state: 'AGENT_STATE_NOT_READY' }).incoming).toBeUndefined();
  });
});

describe('talk', () => {
  const engaged: AgentStatusJson = { state: 'AGENT_STATE_ENGAGED', stateTime: at(10).toISOString(), interaction };

  test('talk time goes on through a hold', () => {
    const held = { ...call, state: 'LEG_STATE_HELD' as const, stateTime: at(40).toISOString() };
    expect(desk(engaged, [held]).talk).toMatchObject({ held: true, since: at(10).getTime(), heldSince: at(40).getTime() });
  });

  test('without call control the customer is still shown', () => {
    expect(desk(engaged).talk).toMatchObject({ callId: '', name: 'Иван', interactionId: 'i1' });
  });

  test('a second, direct call does not take the customer’s name', () => {
    const other = { callId: 'c9', interactionId: 'i9', state: 'LEG_STATE_ANSWERED' as const, otherParty: { number: '103' } };
    expect(desk(engaged, [other]).talk).toMatchObject({ callId: 'c9', number: '103', name: '' });
  });
});

test('wrap-up with its deadline; a new call may ring meanwhile', () => {
  const wrapUp: AgentStatusJson = {
    state: 'AGENT_STATE_WRAP_UP', stateTime: at(60).toISOString(), wrapUpDeadline: at(90).toISOString(), interaction,
  };
  const view = desk(wrapUp, [{ callId: 'c2', state: 'LEG_STATE_RINGING', otherParty: { number: '102' } }]);
  expect(view.wrapUp).toMatchObject({ interactionId: 'i1', queueId: 'sales', deadline: at(90).getTime() });
  expect(view.incoming?.number).toBe('102');
});

test('nothing known, nothing shown', () => {
  expect(desk(undefined)).toEqual({ incoming: undefined, talk: undefined, wrapUp: undefined });
});

test.each([
  [0, 100, -10, 1],
  [0, 100, 25, 0.75],
  [0, 100, 200, 0],
  [undefined, 100, 0, 0],
  [100, 100, 0, 0],
])('share left of %s to %s at %s', (start, deadline, now, share) => {
  expect(shareLeft(start, deadline, now)).toBe(share);
});

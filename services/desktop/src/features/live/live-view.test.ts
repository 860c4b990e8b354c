import { fromJson } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { AgentState, AgentStatusSchema, QueueStatusSchema, type AgentStatusJson, type QueueStatusJson } from '@/gen/zvon/routing/v1/routing_pb';
import { parseSettings } from '@/lib/settings';
import { settings as demo } from '../../../test/fake-gateway/demo';
import { agentRows, filterAgents, queueRows, sortRows, totalsOf, warningsOf } from './live-view';

const settings = parseSettings(demo as never);
const queues = (...list: QueueStatusJson[]) =>
  queueRows(settings, new Map(list.map((one) => [one.queueId ?? '', fromJson(QueueStatusSchema, one)])));
const agents = (...list: AgentStatusJson[]) =>
  agentRows(settings, new Map(list.map((one) => [one.agentId ?? '', fromJson(AgentStatusSchema, one)])), 'ru');

describe('queues', () => {
  test('those configured are there before anything is told of them', () => {
    expect(queues().map(({ id, waiting, serviceLevel }) => [id, waiting, serviceLevel])).toEqual([
      ['sales', 0, undefined],
      ['support', 0, undefined],
    ]);
  });

  test('the service level counts what has ended, the longest wait only who waits', () => {
    const [sales] = queues({
      queueId: 'sales', waiting: 0, longestEnqueueTime: '2026-01-01T00:00:00Z', offeredToday: 12, answeredToday: 8,
      abandonedToday: 2, answeredWithinThresholdToday: 6, averageWaitToday: '7.5s',
    });
    expect(sales).toMatchObject({ serviceLevel: 0.6, longestSince: undefined, averageWait: 7500 });
  });

  test('warnings: what nobody can serve first', () => {
    const rows = queues({ queueId: 'sales', waiting: 2 }, { queueId: 'support', waiting: 3, unservable: 1, agentsReady: 1 });
    expect(warningsOf(rows)).toEqual([
      { kind: 'unservable', queue: 'Поддержка', count: 1 },
      { kind: 'noReady', queue: 'Продажи', count: 2 },
    ]);
  });
});

describe('agents', () => {
  const rows = agents(
    { agentId: 'agent1', state: 'AGENT_STATE_ENGAGED', stateTime: '2026-01-01T00:01:00Z', interaction: { callerNumber: '+7912' } },
    { agentId: 'agent2', state: 'AGENT_STATE_NOT_READY', stateTime: '2026-01-01T00:00:00Z', reasonId: 'lunch' },
    { agentId: 'agent4', state: 'AGENT_STATE_OFFERED', offer: { interaction: { callerName: 'Иван' } } },
  );
  const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);

  test('reasons by name, customers of talks and of offers', () => {
    expect(rows.find(({ id }) => id === 'agent2')?.reason).toBe('Обед');
    expect(rows.find(({ id }) => id === 'agent1')?.customer).toBe('+7912');
    expect(rows.find(({ id }) => id === 'agent4')?.customer).toBe('Иван');
  });

  test('who is not logged in is offline and hidden until asked for', () => {
    expect(rows).toHaveLength(6);
    expect(filterAgents(rows, { text: '', state: undefined, offline: false })).toHaveLength(3);
    expect(filterAgents(rows, { text: '', state: undefined, offline: true })).toHaveLength(6);
    expect(ids(filterAgents(rows, { text: '105', state: AgentState.OFFLINE, offline: false }))).toEqual(['agent5']);
  });

  test('sorting: by state as a supervisor looks, unknown times last both ways', () => {
    expect(ids(sortRows(rows, { column: 'state', descending: false })).slice(0, 3)).toEqual(['agent1', 'agent4', 'agent2']);
    expect(ids(sortRows(rows, { column: 'since', descending: false })).slice(0, 2)).toEqual(['agent1', 'agent2']);
    expect(ids(sortRows(rows, { column: 'since', descending: true })).slice(0, 2)).toEqual(['agent2', 'agent1']);
  });

  test('totals count each agent once', () => {
    const both = queues({ queueId: 'sales', agentsReady: 1, waiting: 1 }, { queueId: 'support', agentsReady: 1, waiting: 2 });
    expect(totalsOf(both, rows)).toEqual({ waiting: 3, ready: 0, engaged: 2, answered: 0, abandoned: 0 });
  });
});

import { fromJson } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { AgentStatusSchema, type AgentStatusJson } from '@/gen/zvon/routing/v1/routing_pb';
import { EndCause } from '@/gen/zvon/call/v1/call_pb';
import { AgentCallSchema, type AgentCallJson } from '@/gen/zvon/signalingservice/v1/signaling_service_pb';
import { en } from '@/i18n/en';
import { parseSettings } from '@/lib/settings';
import { settings as demo } from '../../../test/fake-gateway/demo';
import { MemoryStorage } from '../../../test/memory-storage';
import { failureOf } from './call-end';
import { shortcutOf, type KeyPress } from './shortcuts';
import { agentTargets, diallable, queueTargets } from './transfer-targets';
import { WrapUpDrafts } from './wrap-up-draft';

describe('wrap-up drafts', () => {
  test('are kept per interaction and dropped when done', () => {
    const drafts = new WrapUpDrafts(new MemoryStorage(), () => 0);
    drafts.save('i1', { dispositionId: 'sold', comment: 'два' });
    expect(drafts.load('i1')).toEqual({ dispositionId: 'sold', comment: 'два' });
    expect(drafts.load('i2')).toEqual({ dispositionId: '', comment: '' });
    drafts.drop('i1');
    expect(drafts.load('i1').comment).toBe('');
  });

  test('old and damaged ones are cleared away, others’ keys are not', () => {
    const storage = new MemoryStorage();
    let now = 0;
    const drafts = new WrapUpDrafts(storage, () => now);
    drafts.save('old', { dispositionId: '', comment: 'a' });
    storage.setItem('zvon.wrap-up.bad', '{');
    storage.setItem('zvon.wrap-up.odd', '{"comment":5}');
    storage.setItem('zvon.language', 'ru');
    now = 25 * 3_600_000;
    drafts.save('new', { dispositionId: '', comment: 'b' });
    drafts.prune();
    expect([...Array(storage.length).keys()].map((i) => storage.key(i))).toEqual(['zvon.language', 'zvon.wrap-up.new']);
  });

  test('a full storage is no failure', () => {
    const storage = new MemoryStorage();
    storage.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    expect(() => new WrapUpDrafts(storage).save('i1', { dispositionId: '', comment: '' })).not.toThrow();
  });
});

describe('calls that failed', () => {
  const ended = (endCause: AgentCallJson['endCause']) =>
    fromJson(AgentCallSchema, { callId: 'c1', state: 'LEG_STATE_ENDED', endCause: endCause ?? 'END_CAUSE_UNSPECIFIED' });

  test('one’s own that was not put through, not one that was', () => {
    expect(failureOf(ended('END_CAUSE_NO_ANSWER'), new Set(['c1']))).toBe('no_answer');
    expect(failureOf(ended('END_CAUSE_AGENT_HANGUP'), new Set(['c1']))).toBe('');
    expect(failureOf(ended('END_CAUSE_BUSY'), new Set())).toBe('');
    expect(failureOf(undefined, new Set())).toBe('');
  });

  test('every cause has its words', () => {
    const causes = Object.values(EndCause).filter((name) => typeof name === 'string' && name !== 'UNSPECIFIED');
    for (const cause of causes) expect(en.endCauses).toHaveProperty(String(cause).toLowerCase());
  });
});

describe('shortcuts', () => {
  const press = (code: string, more: Partial<KeyPress> = {}): KeyPress => ({
    code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, repeat: false, ...more,
  });

  test.each([
    [press('Enter', { ctrlKey: true }), 'answer'],
    [press('NumpadEnter', { ctrlKey: true }), 'answer'],
    [press('Enter', { metaKey: true }), 'answer'],
    [press('Enter'), undefined],
    [press('Enter', { ctrlKey: true, repeat: true }), undefined],
    [press('F8'), 'hold'],
    [press('F8', { shiftKey: true }), undefined],
    [press('KeyD', { ctrlKey: true, altKey: true }), 'decline'],
    [press('KeyD', { ctrlKey: true }), undefined],
    [press('F9'), undefined],
  ])('%o', (key, name) => {
    expect(shortcutOf(key, ['answer', 'decline', 'hold'])).toBe(name);
  });
});

describe('transfer targets', () => {
  const settings = parseSettings(demo as never);
  const live = (states: Record<string, NonNullable<AgentStatusJson['state']>>) =>
    new Map(Object.entries(states).map(([agentId, state]) => [agentId, fromJson(AgentStatusSchema, { agentId, state })]));
  const input = { settings, liveAgents: live({}), liveQueues: new Map(), ownUserId: 'agent1', search: '' };

  test('the ready first, oneself never, nobody without a number', () => {
    const liveAgents = live({ agent4: 'AGENT_STATE_READY', agent2: 'AGENT_STATE_NOT_READY' });
    const ids = agentTargets({ ...input, liveAgents }).map(({ target }) => target.id);
    expect(ids).toEqual(['agent4', 'agent2', 'agent3', 'agent5', 'agent6']);
  });

  test('without the live view states are unknown, not offline', () => {
    expect(agentTargets(input).every(({ state }) => state === undefined)).toBe(true);
  });

  test.each([
    ['бор', ['agent2']],
    ['106', ['agent6']],
    ['шмидт ег', ['agent6']],
    ['zzz', []],
  ])('search %s', (search, ids) => {
    expect(agentTargets({ ...input, search }).map(({ target }) => target.id)).toEqual(ids);
  });

  test('queues by name', () => {
    expect(queueTargets(input).map(({ name }) => name)).toEqual(['Поддержка', 'Продажи']);
  });

  test.each([
    ['+7 (912) 345-67-89', '+79123456789'],
    ['101', '101'],
    ['*98#', '*98#'],
    ['1', ''],
    ['abc', ''],
    ['7+9', ''],
    ['1'.repeat(21), ''],
  ])('number %s', (text, number) => {
    expect(diallable(text)).toBe(number);
  });
});

import { expect, test } from 'vitest';
import { isAgent, may, pagesFor, type SessionUser } from './session-user';

const user = (roleIds: string[], permissions: string[]): SessionUser => ({
  tenantId: 'demo',
  userId: 'u',
  displayName: 'U',
  roleIds,
  permissions,
});

test.each([
  ['agent', ['calls.handle'], ['agent']],
  ['supervisor', ['calls.handle', 'live.read', 'reports.read'], ['live', 'interactions', 'reports', 'telephony']],
  ['admin', ['*'], ['live', 'interactions', 'reports', 'telephony']],
  ['agent', ['calls.handle', 'live.*'], ['agent', 'live', 'telephony']],
  ['technician', ['telephony.read'], ['telephony']],
  ['none', [], []],
] as const)('pages of %s', (role, permissions, pages) => {
  expect(pagesFor(user([role], [...permissions]))).toEqual(pages);
});

test('who may but only looks is no agent, who is an agent without the right neither', () => {
  expect(isAgent(user(['admin'], ['*']))).toBe(false);
  expect(isAgent(user(['supervisor'], ['calls.handle']))).toBe(false);
  expect(isAgent({ ...user(['senior'], ['calls.handle']), internalNumber: '107' })).toBe(true);
  expect(isAgent(user(['admin', 'agent'], ['*']))).toBe(true);
  expect(isAgent(user(['agent'], []))).toBe(false);
});

test.each([
  ['recordings.listen', 'recordings.listen', true],
  ['recordings', 'recordings.listen', true],
  ['recordings.listen.own', 'recordings.listen', false],
  ['live', 'reports.read', false],
  ['liv', 'live.read', false],
] as const)('%s gives %s: %s', (held, asked, answer) => {
  expect(may(user([], [held]), asked)).toBe(answer);
});

test('a session without lists may nothing', () => {
  expect(pagesFor({ tenantId: 'demo', userId: 'u', displayName: 'U' })).toEqual([]);
});

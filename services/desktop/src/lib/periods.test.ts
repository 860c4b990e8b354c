import { expect, test } from 'vitest';
import { rangeOf } from './periods';

const now = new Date(2026, 4, 17, 15, 30).getTime();
const day = (date: number) => new Date(2026, 4, date).getTime();

test.each([
  ['today', day(17), day(18)],
  ['yesterday', day(16), day(17)],
  ['week', day(11), day(18)],
  ['month', new Date(2026, 3, 18).getTime(), day(18)],
  ['hour', now - 3_600_000, now],
] as const)('%s', (name, from, to) => {
  expect(rangeOf({ name }, now)).toEqual({ from, to });
});

test('one’s own limits', () => {
  expect(rangeOf({ name: 'custom', from: 5, to: 9 }, now)).toEqual({ from: 5, to: 9 });
  expect(rangeOf({ name: 'custom' }, now)).toEqual({ from: day(17), to: day(18) });
});

import { expect, test } from 'vitest';
import { ServerClock } from './server-clock';

test('the quickest round trip is believed, and forgotten in time', () => {
  let local = 0;
  const clock = new ServerClock(() => local);
  expect(clock.now()).toBe(0);
  clock.observe(10_050, 0, 100);
  expect(clock.now()).toBe(10_000);
  // A slow answer says less.
  clock.observe(99_000, 1000, 5000);
  expect(clock.now()).toBe(10_000);
  // As slow for ever: the connection has become so, the clock is followed.
  for (let i = 0; i < 12; i += 1) clock.observe(52_000, 0, 4000);
  local = 4000;
  expect(clock.now()).toBe(54_000);
});

import { expect, test } from 'vitest';
import { peaksOf } from './peaks';
import { seekByKey } from './player-keys';

test('peaks are the loudest sample of each stretch, whatever its sign', () => {
  const peaks = peaksOf(Float32Array.from([0, 0.25, -0.5, 0, 0, 2]), 3);
  expect([...peaks]).toEqual([0.25, 0.5, 1]);
});

test('fewer samples than stretches', () => {
  expect([...peaksOf(Float32Array.from([0.5]), 2)]).toEqual([0.5, 0.5]);
  expect([...peaksOf(new Float32Array(), 2)]).toEqual([0, 0]);
});

test.each([
  ['ArrowRight', 15_000],
  ['ArrowLeft', 5000],
  ['PageUp', 40_000],
  ['PageDown', 0],
  ['Home', 0],
  ['End', 60_000],
  ['a', undefined],
])('key %s', (key, to) => {
  expect(seekByKey(key, { position: 10_000, length: 60_000 })).toBe(to);
});

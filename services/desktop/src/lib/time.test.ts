import { describe, expect, test } from 'vitest';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { addDays, clockText, formatDurationJson, fromLocalInput, lengthOf, parseDuration, remainingText, startOfDay, timeOf, toLocalInput } from './time';

test.each([
  ['0s', 0],
  ['12.345s', 12_345],
  ['3600s', 3_600_000],
  ['0.000000001s', 0],
  ['-1.5s', -1500],
  ['1.5', undefined],
  ['s', undefined],
  ['1.5.5s', undefined],
  ['1e3s', undefined],
  [' 1s', undefined],
])('duration %s', (text, length) => {
  expect(parseDuration(text)).toBe(length);
});

test.each([0, 1, 999, 12_345, 3_600_000, -1500])('duration %i there and back', (length) => {
  expect(parseDuration(formatDurationJson(length))).toBe(length);
});

test('protobuf times and lengths', () => {
  expect(timeOf(undefined)).toBeUndefined();
  expect(timeOf(timestampFromMs(1_700_000_000_123))).toBe(1_700_000_000_123);
  expect(lengthOf(undefined)).toBe(0);
  expect(lengthOf(durationFromMs(1234))).toBe(1234);
});

describe('texts', () => {
  test.each([
    [-5, '0:00', '0:00'],
    [0, '0:00', '0:00'],
    [999, '0:00', '0:01'],
    [61_000, '1:01', '1:01'],
    [3_723_000, '1:02:03', '1:02:03'],
  ])('%i ms', (length, clock, remaining) => {
    expect(clockText(length)).toBe(clock);
    expect(remainingText(length)).toBe(remaining);
  });
});

test('days begin at midnight of the browser’s zone', () => {
  const noon = new Date(2026, 2, 29, 12).getTime();
  expect(new Date(startOfDay(noon)).getHours()).toBe(0);
  expect(new Date(addDays(startOfDay(noon), 1)).getDate()).toBe(30);
});

test('input fields speak local time', () => {
  const time = new Date(2026, 4, 17, 9, 30).getTime();
  expect(toLocalInput(time)).toBe('2026-05-17T09:30');
  expect(fromLocalInput('2026-05-17T09:30')).toBe(time);
  expect(fromLocalInput('')).toBeUndefined();
});

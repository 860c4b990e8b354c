import { fromJson } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { SegmentSchema } from '@/gen/zvon/reporting/v1/reporting_pb';
import { inventHistory, timeOf } from '../../../test/fake-gateway/reports';
import { filterQuery, filtersFromHash, hashOf, noFilters, type Filters } from './filters';
import { timelineOf, wholeSeconds } from './timeline-view';

const kStart = Date.UTC(2026, 4, 17, 9);
const segment = (kind: string, from: number, to: number) =>
  fromJson(SegmentSchema, { kind, startTime: new Date(kStart + from).toISOString(), endTime: new Date(kStart + to).toISOString() });

describe('timeline', () => {
  test('segments that partition the interaction leave nothing out', () => {
    const timeline = timelineOf([segment('scenario', 0, 5000), segment('queue', 5000, 9000), segment('talk', 9000, 20_000)]);
    expect(timeline?.stretches.map(({ kind, share }) => [kind, share])).toEqual([
      ['scenario', 0.25],
      ['queue', 0.2],
      ['talk', 0.55],
    ]);
    expect(timeline?.unaccounted).toBe(0);
  });

  test('what no segment tells is shown as such', () => {
    const timeline = timelineOf([segment('talk', 8000, 10_000), segment('queue', 0, 5000)]);
    expect(timeline?.stretches.map(({ kind }) => kind)).toEqual(['queue', 'gap', 'talk']);
    expect(timeline?.unaccounted).toBe(3000);
  });

  test('a rounding of the wire is no gap; an overlap is none either', () => {
    const timeline = timelineOf([segment('queue', 0, 5000), segment('offer', 5001, 7000), segment('talk', 6000, 9000)]);
    expect(timeline?.unaccounted).toBe(0);
  });

  test('lengths in whole seconds add up to the whole', () => {
    const ends = [0, 700, 1900, 2100, 9999, 10_050];
    const lengths = ends.slice(1).map((end, index) => wholeSeconds(kStart + (ends[index] ?? 0), kStart + end));
    expect(lengths).toEqual([0, 1000, 1000, 7000, 1000]);
    expect(wholeSeconds(kStart, kStart + 10_050)).toBe(10_000);
  });

  test('nothing, and a single instant', () => {
    expect(timelineOf([])).toBeUndefined();
    expect(timelineOf([segment('scenario', 0, 0)])?.stretches).toHaveLength(1);
  });

  test('every made-up interaction is accounted for to the millisecond', () => {
    const now = Date.now();
    for (const { record, segments } of inventHistory(now, 2, 60)) {
      const timeline = timelineOf(segments.map((one) => fromJson(SegmentSchema, one)));
      expect(timeline?.unaccounted).toBe(0);
      const sum = timeline?.stretches.reduce((total, { start, end }) => total + end - start, 0);
      expect(sum).toBe(timeOf(record.endTime) - timeOf(record.startTime));
    }
  });
});

describe('filters', () => {
  const filters: Filters = { period: { name: 'week' }, queue: 'sales', agent: 'agent1', outcome: 'answered', number: '912' };

  test('live in the address, there and back', () => {
    expect(hashOf(noFilters)).toBe('#/interactions');
    expect(filtersFromHash(hashOf(filters))).toEqual(filters);
    const custom: Filters = { ...noFilters, period: { name: 'custom', from: 1000, to: 2000 } };
    expect(filtersFromHash(hashOf(custom))).toEqual(custom);
  });

  test.each(['#/interactions?period=never', '#/interactions?period=custom&from=9&to=3', '', '#/interactions?period=custom&from=x'])(
    'nonsense in the address (%s) is no filter',
    (hash) => {
      expect(filtersFromHash(hash)).toEqual(noFilters);
    },
  );

  test('numbers are searched as they are stored', () => {
    expect(filterQuery({ ...noFilters, number: ' (912) 345-67' }, kStart).number).toBe('91234567');
  });
});

// The course of an interaction as stretches that fill it without a gap: what
// the segments leave out is shown as unaccounted, not hidden.
import type { Segment } from '@/gen/zvon/reporting/v1/reporting_pb';
import { timeOf } from '@/lib/time';

export interface Stretch {
  // "scenario", "queue", …, or "gap".
  kind: string;
  start: number;
  end: number;
  queueId: string;
  agentId: string;
  outcome: string;
  // Share of the whole, 0 to 1.
  share: number;
}

export interface Timeline {
  start: number;
  end: number;
  stretches: Stretch[];
  // Milliseconds that no segment accounts for.
  unaccounted: number;
}

// Segments are cut at 1 ms by the wire: less is no gap.
const kTolerance = 2;

export function timelineOf(segments: readonly Segment[]): Timeline | undefined {
  const known = segments
    .map(({ kind, startTime, endTime, queueId, agentId, outcome }) => {
      const start = timeOf(startTime);
      return { kind, start, end: timeOf(endTime) ?? start, queueId, agentId, outcome };
    })
    .filter((one): one is Omit<Stretch, 'share'> => one.start !== undefined && one.end !== undefined)
    .sort((a, b) => a.start - b.start || a.end - b.end);
  const first = known[0];
  if (!first) return undefined;
  const end = Math.max(...known.map((one) => one.end));
  const filled: Omit<Stretch, 'share'>[] = [];
  let reached = first.start;
  for (const one of known) {
    if (one.start - reached > kTolerance) filled.push(gap(reached, one.start));
    filled.push(one);
    reached = Math.max(reached, one.end);
  }
  const total = Math.max(1, end - first.start);
  const stretches = filled.map((one) => ({ ...one, share: (one.end - one.start) / total }));
  const unaccounted = stretches
    .filter(({ kind }) => kind === 'gap')
    .reduce((sum, one) => sum + one.end - one.start, 0);
  return { start: first.start, end, stretches, unaccounted };
}

const gap = (start: number, end: number): Omit<Stretch, 'share'> => ({
  kind: 'gap',
  start,
  end,
  queueId: '',
  agentId: '',
  outcome: '',
});

// By the clock's whole seconds: each row begins where the one before ends, and
// all rows together make the total, as no rounding of lengths could.
export const wholeSeconds = (start: number, end: number): number =>
  (Math.floor(end / 1000) - Math.floor(start / 1000)) * 1000;

const kColors: Record<string, string> = {
  scenario: 'var(--mantine-color-gray-5)',
  queue: 'var(--mantine-color-orange-5)',
  offer: 'var(--mantine-color-pink-5)',
  talk: 'var(--mantine-color-blue-6)',
  hold: 'var(--mantine-color-yellow-6)',
  wrap_up: 'var(--mantine-color-violet-5)',
  gap: 'var(--mantine-color-red-7)',
};

export const segmentColor = (kind: string): string => kColors[kind] ?? 'var(--mantine-color-teal-6)';

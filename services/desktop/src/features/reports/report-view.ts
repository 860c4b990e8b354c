// The queue report's figures. Ratios are always made of sums, never of other
// ratios, so that every total agrees with its parts.
import type { QueueInterval } from '@/gen/zvon/reporting/v1/reporting_pb';
import { lengthOf, timeOf } from '@/lib/time';

export interface Counts {
  offered: number;
  answered: number;
  within: number;
  abandoned: number;
  shortAbandoned: number;
  flowedOut: number;
  waiting: number;
  // Milliseconds, sums.
  wait: number;
  talk: number;
  hold: number;
  wrapUp: number;
}

export interface Figures extends Counts {
  // 0 to 1; undefined where there is nothing to divide by.
  serviceLevel: number | undefined;
  averageWait: number | undefined;
  averageHandle: number | undefined;
}

export interface IntervalRow extends Figures {
  start: number;
}

export interface QueueRow extends Figures {
  queueId: string;
}

export const noCounts: Counts = {
  offered: 0,
  answered: 0,
  within: 0,
  abandoned: 0,
  shortAbandoned: 0,
  flowedOut: 0,
  waiting: 0,
  wait: 0,
  talk: 0,
  hold: 0,
  wrapUp: 0,
};

export function countsOf(cell: QueueInterval): Counts {
  return {
    offered: cell.offered,
    answered: cell.answered,
    within: cell.answeredWithinThreshold,
    abandoned: cell.abandoned,
    shortAbandoned: cell.shortAbandoned,
    flowedOut: cell.flowedOut,
    waiting: cell.waiting,
    wait: lengthOf(cell.waitAnswered),
    talk: lengthOf(cell.talk),
    hold: lengthOf(cell.hold),
    wrapUp: lengthOf(cell.wrapUp),
  };
}

export function add(a: Counts, b: Counts): Counts {
  const sum = { ...a };
  for (const name of Object.keys(noCounts) as (keyof Counts)[]) sum[name] += b[name];
  return sum;
}

// The service level leaves out short abandons and those still waiting.
export function figures(counts: Counts): Figures {
  const judged = counts.offered - counts.shortAbandoned - counts.waiting;
  const { answered } = counts;
  return {
    ...counts,
    serviceLevel: judged > 0 ? Math.min(1, counts.within / judged) : undefined,
    averageWait: answered > 0 ? counts.wait / answered : undefined,
    averageHandle: answered > 0 ? (counts.talk + counts.hold + counts.wrapUp) / answered : undefined,
  };
}

// All queues together, interval by interval; intervals without calls between
// the first and the last are there as zeros, so that the axis is even.
export function intervalRows(cells: readonly QueueInterval[], length: number): IntervalRow[] {
  const sums = new Map<number, Counts>();
  for (const cell of cells) {
    const start = timeOf(cell.startTime);
    if (start === undefined) continue;
    sums.set(start, add(sums.get(start) ?? noCounts, countsOf(cell)));
  }
  const starts = [...sums.keys()].sort((a, b) => a - b);
  const rows: IntervalRow[] = [];
  for (const [index, start] of starts.entries()) {
    const before = starts[index - 1];
    for (const empty of before === undefined ? [] : between(before, start, length)) {
      rows.push({ start: empty, ...figures(noCounts) });
    }
    rows.push({ start, ...figures(sums.get(start) ?? noCounts) });
  }
  return rows;
}

const kEmptyMax = 500;

function between(from: number, to: number, length: number): number[] {
  const starts: number[] = [];
  // Days may be 23 or 25 hours long: half a length is near enough.
  for (let start = from + length; to - start > length / 2 && starts.length < kEmptyMax; start += length) {
    starts.push(start);
  }
  return starts;
}

export function queueRows(totals: readonly QueueInterval[]): QueueRow[] {
  return totals.map((cell) => ({ queueId: cell.queueId, ...figures(countsOf(cell)) }));
}

export function grandTotal(rows: readonly Counts[]): Figures {
  return figures(rows.reduce((sum, row) => add(sum, row), noCounts));
}

// offered = answered + abandoned + flowed out + waiting; the difference.
export const imbalance = (counts: Counts): number =>
  counts.offered - counts.answered - counts.abandoned - counts.flowedOut - counts.waiting;

// Round steps for an axis from 0: at most five.
export function axisSteps(highest: number): number[] {
  if (highest <= 0) return [0, 1];
  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? power * 10);
  const count = Math.ceil(highest / step);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

import { fromJson } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { QueueIntervalSchema, type QueueIntervalJson } from '@/gen/zvon/reporting/v1/reporting_pb';
import { inventHistory, queueSummary } from '../../../test/fake-gateway/reports';
import { axisSteps, countsOf, figures, grandTotal, imbalance, intervalRows, queueRows } from './report-view';

const cell = (json: QueueIntervalJson) => fromJson(QueueIntervalSchema, json);
const kHour = 3_600_000;
const kStart = Date.UTC(2026, 4, 17, 9);
const at = (hours: number) => new Date(kStart + hours * kHour).toISOString();

test('the service level leaves out short abandons and who still waits', () => {
  const counts = countsOf(cell({ offered: 10, answered: 6, answeredWithinThreshold: 4, abandoned: 3, shortAbandoned: 1, waiting: 1 }));
  expect(figures(counts).serviceLevel).toBe(0.5);
  expect(imbalance(counts)).toBe(0);
});

test('nothing to divide by gives no figure', () => {
  expect(figures(countsOf(cell({})))).toMatchObject({ serviceLevel: undefined, averageWait: undefined, averageHandle: undefined });
});

test('averages are sums over counts', () => {
  const result = figures(countsOf(cell({ offered: 2, answered: 2, waitAnswered: '10s', talk: '100s', hold: '20s', wrapUp: '30s' })));
  expect(result).toMatchObject({ averageWait: 5000, averageHandle: 75_000 });
});

test('queues of an interval are added, quiet intervals are there as zeros', () => {
  const rows = intervalRows(
    [
      cell({ queueId: 'a', startTime: at(3), offered: 1 }),
      cell({ queueId: 'a', startTime: at(0), offered: 2 }),
      cell({ queueId: 'b', startTime: at(0), offered: 5 }),
    ],
    kHour,
  );
  expect(rows.map(({ start, offered }) => [(start - kStart) / kHour, offered])).toEqual([[0, 7], [1, 0], [2, 0], [3, 1]]);
});

describe('a made-up day', () => {
  const now = Date.now();
  const summary = queueSummary(inventHistory(now, 2, 200), now - 40 * kHour, now, kHour);
  const rows = intervalRows(summary.intervals.map(cell), kHour);
  const queues = queueRows(summary.totals.map(cell));

  test('the totals of both tables agree', () => {
    expect(grandTotal(rows)).toEqual(grandTotal(queues));
    expect(imbalance(grandTotal(rows))).toBe(0);
  });

  test('the server’s service level is the one made of its counts', () => {
    for (const total of summary.totals.map(cell)) {
      expect(figures(countsOf(total)).serviceLevel).toBeCloseTo(total.serviceLevel, 9);
    }
  });
});

test.each([
  [0, [0, 1]],
  [1, [0, 1]],
  [4, [0, 1, 2, 3, 4]],
  [17, [0, 5, 10, 15, 20]],
  [200, [0, 50, 100, 150, 200]],
  [1234, [0, 500, 1000, 1500]],
])('axis up to %i', (highest, steps) => {
  expect(axisSteps(highest)).toEqual(steps);
});

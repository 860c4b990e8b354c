// The stretches of time one asks about most, in the browser's time zone.
import { addDays, startOfDay } from '@/lib/time';

export type PeriodName = 'today' | 'yesterday' | 'hour' | 'week' | 'month' | 'custom';

export interface Period {
  name: PeriodName;
  // Of 'custom' only; milliseconds, `to` excluded.
  from?: number;
  to?: number;
}

export interface Range {
  from: number;
  to: number;
}

// `to` of a period that lasts until now is the end of today: rows that come
// meanwhile belong to it.
export function rangeOf(period: Period, now: number): Range {
  const today = startOfDay(now);
  const tomorrow = addDays(today, 1);
  switch (period.name) {
    case 'today':
      return { from: today, to: tomorrow };
    case 'yesterday':
      return { from: addDays(today, -1), to: today };
    case 'hour':
      return { from: now - 3600_000, to: now };
    case 'week':
      return { from: addDays(today, -6), to: tomorrow };
    case 'month':
      return { from: addDays(today, -29), to: tomorrow };
    case 'custom':
      return { from: period.from ?? today, to: period.to ?? tomorrow };
  }
}

export const queryOf = ({ from, to }: Range) => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
});

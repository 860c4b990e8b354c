// What the call list asks for, kept in the address so that a link shows the
// same list.
import type { Query } from '@/lib/api';
import { queryOf, rangeOf, type Period, type PeriodName } from '@/lib/periods';

export interface Filters {
  period: Period;
  queue: string;
  agent: string;
  outcome: string;
  number: string;
}

export const noFilters: Filters = { period: { name: 'today' }, queue: '', agent: '', outcome: '', number: '' };

export const outcomes = ['answered', 'abandoned', 'flowed_out', 'scenario_only', 'open'] as const;

export function filterQuery(filters: Filters, now: number): Query {
  const { queue, agent, outcome } = filters;
  const number = filters.number.replace(/[\s()-]/g, '');
  return { ...queryOf(rangeOf(filters.period, now)), queue, agent, outcome, number };
}

const kPeriods: PeriodName[] = ['today', 'yesterday', 'hour', 'week', 'month', 'custom'];

// "#/interactions?period=week&queue=sales" and back.
export function filtersFromHash(hash: string): Filters {
  const params = new URLSearchParams(hash.split('?')[1] ?? '');
  const text = (name: string) => params.get(name) ?? '';
  const name = kPeriods.find((one) => one === text('period')) ?? 'today';
  const [from, to] = [Number(text('from')), Number(text('to'))];
  const period: Period = name === 'custom' && from > 0 && to > from ? { name, from, to } : { name: name === 'custom' ? 'today' : name };
  return { period, queue: text('queue'), agent: text('agent'), outcome: text('outcome'), number: text('number') };
}

export function hashOf({ period, queue, agent, outcome, number }: Filters): string {
  const params = new URLSearchParams();
  if (period.name !== 'today') params.set('period', period.name);
  if (period.name === 'custom') {
    params.set('from', String(period.from));
    params.set('to', String(period.to));
  }
  for (const [name, value] of Object.entries({ queue, agent, outcome, number })) if (value) params.set(name, value);
  const text = params.toString();
  return `#/interactions${text ? `?${text}` : ''}`;
}

// Rows of the live view: settings and live frames put together, filtered and
// sorted. Pure; times stay times.
import { AgentState, type AgentStatus, type QueueStatus } from '@/gen/zvon/routing/v1/routing_pb';
import { nameIn, type Settings } from '@/lib/settings';
import { lengthOf, timeOf } from '@/lib/time';

export interface QueueRow {
  id: string;
  name: string;
  waiting: number;
  longestSince: number | undefined;
  ready: number;
  engaged: number;
  notReady: number;
  signedIn: number;
  // 0 to 1; undefined while nothing has been answered or abandoned.
  serviceLevel: number | undefined;
  // Milliseconds.
  threshold: number;
  answered: number;
  abandoned: number;
  averageWait: number;
  unservable: number;
}

export interface AgentRow {
  id: string;
  name: string;
  number: string;
  state: AgentState;
  since: number | undefined;
  reason: string;
  customer: string;
  queueId: string;
  handled: number;
}

export function queueRows(settings: Settings, live: ReadonlyMap<string, QueueStatus>): QueueRow[] {
  const ids = new Set([...settings.queues.keys(), ...live.keys()]);
  return [...ids].map((id) => queueRow(id, settings, live.get(id)));
}

function queueRow(id: string, settings: Settings, status: QueueStatus | undefined): QueueRow {
  const setting = settings.queues.get(id);
  const answered = status?.answeredToday ?? 0;
  const abandoned = status?.abandonedToday ?? 0;
  const ended = answered + abandoned;
  return {
    id,
    name: setting?.name ?? id,
    waiting: status?.waiting ?? 0,
    longestSince: status?.waiting ? timeOf(status.longestEnqueueTime) : undefined,
    ready: status?.agentsReady ?? 0,
    engaged: status?.agentsEngaged ?? 0,
    notReady: status?.agentsNotReady ?? 0,
    signedIn: status?.agentsSignedIn ?? 0,
    // Those still waiting are neither kept nor lost yet.
    serviceLevel: ended > 0 ? (status?.answeredWithinThresholdToday ?? 0) / ended : undefined,
    threshold: setting?.serviceLevelThreshold ?? 20_000,
    answered,
    abandoned,
    averageWait: lengthOf(status?.averageWaitToday),
    unservable: status?.unservable ?? 0,
  };
}

export function agentRows(settings: Settings, live: ReadonlyMap<string, AgentStatus>, language: string): AgentRow[] {
  const ids = new Set(live.keys());
  for (const user of settings.users.values()) {
    if (user.roleIds.includes('agent') && !user.disabled) ids.add(user.id);
  }
  return [...ids].map((id) => agentRow(id, settings, live.get(id), language));
}

function agentRow(id: string, settings: Settings, status: AgentStatus | undefined, language: string): AgentRow {
  const user = settings.users.get(id);
  const reason = status?.reasonId ? settings.reasons.get(status.reasonId) : undefined;
  const interaction = status?.interaction ?? status?.offer?.interaction;
  const state = status?.state || AgentState.OFFLINE;
  return {
    id,
    name: user?.name ?? id,
    number: user?.internalNumber ?? '',
    state,
    since: state === AgentState.OFFLINE ? undefined : timeOf(status?.stateTime),
    reason: reason ? nameIn(reason.names, language, reason.id) : (status?.reasonId ?? ''),
    customer: interaction?.callerName || interaction?.callerNumber || '',
    queueId: interaction?.queueId ?? '',
    handled: status?.handledToday ?? 0,
  };
}

export interface AgentFilter {
  text: string;
  state: AgentState | undefined;
  offline: boolean;
}

export function filterAgents(rows: readonly AgentRow[], { text, state, offline }: AgentFilter): AgentRow[] {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    if (state !== undefined && row.state !== state) return false;
    if (state === undefined && !offline && row.state === AgentState.OFFLINE) return false;
    const searched = `${row.name} ${row.number} ${row.id}`.toLocaleLowerCase();
    return words.every((word) => searched.includes(word));
  });
}

// A supervisor looks for those who stay too long, not for names.
const kStateOrder: AgentState[] = [
  AgentState.ENGAGED,
  AgentState.OFFERED,
  AgentState.WRAP_UP,
  AgentState.READY,
  AgentState.NOT_READY,
  AgentState.OFFLINE,
];

export const stateRank = (state: AgentState): number => kStateOrder.indexOf(state);

export interface Sorting<T> {
  column: keyof T;
  descending: boolean;
}

// Stable; what is undefined goes last in either direction; equal rows by name.
export function sortRows<T extends { name: string; id: string }>(
  rows: readonly T[],
  { column, descending }: Sorting<T>,
): T[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [key(a, column), key(b, column)];
    if (x === undefined || y === undefined) {
      if (x !== y) return x === undefined ? 1 : -1;
    } else {
      const order = typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y);
      if (order !== 0) return order * sign;
    }
    return a.name.localeCompare(b.name) || a.id.localeCompare(b.id);
  });
}

function key<T>(row: T, column: keyof T): string | number | undefined {
  const value = row[column];
  if (column === 'state') return stateRank(value as AgentState);
  // Shown as lengths: what began earlier lasts longer.
  if (column === 'since' || column === 'longestSince') return typeof value === 'number' ? -value : undefined;
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

export interface Warning {
  kind: 'unservable' | 'noReady';
  queue: string;
  count: number;
}

export function warningsOf(rows: readonly QueueRow[]): Warning[] {
  const warnings: Warning[] = [];
  for (const row of rows) {
    if (row.unservable > 0) warnings.push({ kind: 'unservable', queue: row.name, count: row.unservable });
    else if (row.waiting > 0 && row.ready === 0) warnings.push({ kind: 'noReady', queue: row.name, count: row.waiting });
  }
  return warnings.sort((a, b) => Number(b.kind === 'unservable') - Number(a.kind === 'unservable'));
}

export interface Totals {
  waiting: number;
  ready: number;
  engaged: number;
  answered: number;
  abandoned: number;
}

// Agents are counted themselves: one may serve several queues.
export function totalsOf(queues: readonly QueueRow[], agents: readonly AgentRow[]): Totals {
  const sum = (field: 'waiting' | 'answered' | 'abandoned') => queues.reduce((total, row) => total + row[field], 0);
  const busy = [AgentState.ENGAGED, AgentState.OFFERED, AgentState.WRAP_UP];
  return {
    waiting: sum('waiting'),
    ready: agents.filter(({ state }) => state === AgentState.READY).length,
    engaged: agents.filter(({ state }) => busy.includes(state)).length,
    answered: sum('answered'),
    abandoned: sum('abandoned'),
  };
}

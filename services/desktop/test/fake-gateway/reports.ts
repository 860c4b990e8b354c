// Finished interactions: made up for the past days, added as calls end.
import type { InteractionRecordJson, QueueIntervalJson, SegmentJson } from '@/gen/zvon/reporting/v1/reporting_pb';
import { formatDurationJson, parseDuration } from '../../src/lib/time';
import { customers, kTenant, users } from './demo';

export interface FakeRecord {
  record: InteractionRecordJson;
  segments: SegmentJson[];
}

export interface SegmentDraft {
  kind: string;
  start: number;
  end: number;
  queueId?: string;
  agentId?: string;
  outcome?: string;
}

// Small and repeatable; quality does not matter here.
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export const iso = (time: number): string => new Date(time).toISOString();
export const timeOf = (text: string | undefined): number => (text ? new Date(text).getTime() : 0);

function total(segments: readonly SegmentDraft[], ...kinds: string[]): string | undefined {
  const length = segments
    .filter(({ kind }) => kinds.includes(kind))
    .reduce((sum, { start, end }) => sum + end - start, 0);
  return length ? formatDurationJson(length) : undefined;
}

export interface RecordInput {
  id: string;
  number: string;
  name: string;
  calledNumber: string;
  outcome: string;
  direction?: string;
  dispositionId?: string;
  comment?: string;
  endCause: string;
  segments: SegmentDraft[];
}

export function recordOf(input: RecordInput): FakeRecord {
  const { segments } = input;
  const answered = segments.find(({ kind }) => kind === 'talk');
  const talks = segments.some(({ kind }) => kind === 'talk');
  const last = [...segments].reverse();
  const record: InteractionRecordJson = {
    interactionId: input.id,
    tenantId: kTenant,
    callId: `call-${input.id}`,
    direction: input.direction ?? 'inbound',
    callerNumber: input.number,
    callerName: input.name,
    calledNumber: input.calledNumber,
    startTime: iso(segments[0]?.start ?? 0),
    endTime: iso(segments.at(-1)?.end ?? 0),
    queueId: last.find(({ queueId }) => queueId)?.queueId,
    agentId: answered ? last.find(({ agentId }) => agentId)?.agentId : undefined,
    outcome: input.outcome,
    dispositionId: input.dispositionId,
    comment: input.comment,
    endCause: input.endCause,
    answerTime: answered && iso(answered.start),
    wait: total(segments, 'queue', 'offer'),
    talk: total(segments, 'talk'),
    hold: total(segments, 'hold'),
    wrapUp: total(segments, 'wrap_up'),
    recordingIds: talks ? [`rec-${input.id}`] : [],
  };
  return {
    record: withoutEmpty(record),
    segments: segments.map((segment, index) =>
      withoutEmpty({
        index: index || undefined,
        kind: segment.kind,
        startTime: iso(segment.start),
        endTime: iso(segment.end),
        queueId: segment.queueId,
        agentId: segment.agentId,
        outcome: segment.outcome,
      }),
    ),
  };
}

// As proto3 JSON does: default values are left out.
function withoutEmpty<T extends object>(value: T): T {
  const entries = Object.entries(value).filter(
    ([, item]) => item !== undefined && item !== '' && !(Array.isArray(item) && item.length === 0),
  );
  return Object.fromEntries(entries) as T;
}

function invent(id: string, start: number, random: () => number): RecordInput {
  const [number, name] = customers[Math.floor(random() * customers.length)] ?? ['', ''];
  const queueId = random() < 0.6 ? 'sales' : 'support';
  const agents = users.filter(({ queues }) => queues.includes(queueId));
  const agentId = agents[Math.floor(random() * agents.length)]?.id ?? 'agent1';
  const segments: SegmentDraft[] = [];
  let time = start;
  const add = (kind: string, seconds: number, more: Partial<SegmentDraft> = {}) => {
    const end = time + Math.round(seconds * 1000);
    segments.push({ kind, start: time, end, ...more });
    time = end;
  };
  add('scenario', 4 + random() * 12, { outcome: 'completed' });
  const base = { id, number, name, calledNumber: '1000' };
  const chance = random();
  if (chance < 0.06) return { ...base, outcome: 'scenario_only', endCause: 'customer_hangup', segments };
  if (chance < 0.2) {
    add('queue', 3 + random() * 60, { queueId, outcome: 'abandoned' });
    return { ...base, outcome: 'abandoned', endCause: 'customer_hangup', segments };
  }
  add('queue', random() * 25, { queueId });
  if (random() < 0.15) {
    add('offer', 20, { queueId, agentId: agents[0]?.id ?? '', outcome: 'expired' });
    add('queue', 2 + random() * 5, { queueId });
  }
  add('offer', 2 + random() * 8, { queueId, agentId, outcome: 'accepted' });
  add('talk', 15 + random() * 120, { queueId, agentId });
  if (random() < 0.3) {
    add('hold', 5 + random() * 20, { queueId, agentId });
    add('talk', 10 + random() * 60, { queueId, agentId });
  }
  add('wrap_up', 3 + random() * 25, { queueId, agentId });
  const dispositions = ['solved', 'callback', 'wrong', queueId === 'sales' ? 'sold' : 'solved'];
  return {
    ...base,
    outcome: 'answered',
    endCause: random() < 0.7 ? 'customer_hangup' : 'agent_hangup',
    dispositionId: dispositions[Math.floor(random() * 4)],
    comment: random() < 0.3 ? 'Просил прислать счёт на почту.' : '',
    segments,
  };
}

export function inventHistory(now: number, days: number, perDay: number): FakeRecord[] {
  const random = randomFrom(7);
  const records: FakeRecord[] = [];
  for (let day = days - 1; day >= 0; day -= 1) {
    const midnight = new Date(now);
    midnight.setHours(0, 0, 0, 0);
    const from = midnight.getTime() - day * 86_400_000;
    for (let index = 0; index < perDay; index += 1) {
      const start = from + Math.floor(8 * 3_600_000 + random() * 12 * 3_600_000);
      const input = invent(`i-${day}-${index}`, start, random);
      if ((input.segments.at(-1)?.end ?? 0) < now) records.push(recordOf(input));
    }
  }
  return records;
}

const kThreshold = 20_000;
const kShort = 5_000;

interface Counts {
  offered: number;
  answered: number;
  within: number;
  abandoned: number;
  abandonedWithin: number;
  short: number;
  wait: number;
  talk: number;
  hold: number;
  wrapUp: number;
}

export function queueSummary(records: readonly FakeRecord[], from: number, to: number, interval: number) {
  const cells = new Map<string, { queueId: string; start: number; counts: Counts }>();
  const totals = new Map<string, Counts>();
  for (const { record } of records) {
    const start = timeOf(record.startTime);
    if (!record.queueId || start < from || start >= to) continue;
    const cellStart = from + Math.floor((start - from) / interval) * interval;
    const key = `${cellStart} ${record.queueId}`;
    const cell = cells.get(key) ?? { queueId: record.queueId, start: cellStart, counts: noCounts() };
    cells.set(key, cell);
    const sum = totals.get(record.queueId) ?? noCounts();
    totals.set(record.queueId, sum);
    for (const counts of [cell.counts, sum]) count(counts, record);
  }
  return {
    intervals: [...cells.values()]
      .sort((a, b) => a.start - b.start || a.queueId.localeCompare(b.queueId))
      .map(({ queueId, start, counts }) => intervalJson(queueId, start, interval, counts)),
    totals: [...totals].sort().map(([queueId, counts]) => intervalJson(queueId, from, to - from, counts)),
    completeTime: iso(Math.min(to, Date.now())),
  };
}

const noCounts = (): Counts => ({
  offered: 0, answered: 0, within: 0, abandoned: 0, abandonedWithin: 0, short: 0, wait: 0, talk: 0, hold: 0, wrapUp: 0,
});

function count(counts: Counts, record: InteractionRecordJson): void {
  const wait = parseDuration(record.wait ?? '0s') ?? 0;
  counts.offered += 1;
  if (record.outcome === 'abandoned') {
    counts.abandoned += 1;
    if (wait <= kThreshold) counts.abandonedWithin += 1;
    if (wait <= kShort) counts.short += 1;
    return;
  }
  counts.answered += 1;
  if (wait <= kThreshold) counts.within += 1;
  counts.wait += wait;
  counts.talk += parseDuration(record.talk ?? '0s') ?? 0;
  counts.hold += parseDuration(record.hold ?? '0s') ?? 0;
  counts.wrapUp += parseDuration(record.wrapUp ?? '0s') ?? 0;
}

function intervalJson(queueId: string, start: number, length: number, counts: Counts): QueueIntervalJson {
  const base = counts.offered - counts.short;
  const number = (value: number) => value || undefined;
  return withoutEmpty({
    queueId,
    startTime: iso(start),
    length: formatDurationJson(length),
    offered: number(counts.offered),
    answered: number(counts.answered),
    answeredWithinThreshold: number(counts.within),
    abandoned: number(counts.abandoned),
    abandonedWithinThreshold: number(counts.abandonedWithin),
    shortAbandoned: number(counts.short),
    waitAnswered: formatDurationJson(counts.wait),
    talk: formatDurationJson(counts.talk),
    hold: formatDurationJson(counts.hold),
    wrapUp: formatDurationJson(counts.wrapUp),
    serviceLevel: base > 0 ? counts.within / base : -1,
  });
}

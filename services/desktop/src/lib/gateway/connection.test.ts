import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeSocket } from '../../../test/fake-socket';
import {
  GatewayConnection,
  kAckEvery,
  kAnswerTimeout,
  kBackoffMax,
  kCloseReplaced,
  kCloseUnauthenticated,
  kPingInterval,
  kRequestTimeout,
  type GatewayError,
} from './connection';
import { ServerClock } from './server-clock';

const kStart = Date.UTC(2026, 0, 1);
const sockets: FakeSocket[] = [];
const seen: string[] = [];
let verdict: 'valid' | 'invalid' | 'unknown';
let clock: ServerClock;
let connection: GatewayConnection;

const socket = (): FakeSocket => {
  const last = sockets.at(-1);
  if (!last) throw new Error('no socket was opened');
  return last;
};

beforeEach(() => {
  vi.useFakeTimers({ now: kStart });
  sockets.length = 0;
  seen.length = 0;
  verdict = 'valid';
  clock = new ServerClock();
  let id = 0;
  connection = new GatewayConnection(
    {
      open: () => {
        const opened = new FakeSocket();
        sockets.push(opened);
        return opened;
      },
      random: () => 1,
      newId: () => `id${++id}`,
      clock,
      checkSession: () => Promise.resolve(verdict),
    },
    {
      onReset: () => seen.push('reset'),
      onFrame: (frame) => seen.push(`${frame.frame.case} ${frame.sequence}`),
    },
  );
});
afterEach(() => {
  connection.stop();
  vi.useRealTimers();
});

function goOnline(): FakeSocket {
  connection.start({ token: 'secret', language: 'ru', agent: true });
  socket().accept();
  socket().welcome('session1');
  return socket();
}

const ping = { $typeName: 'zvon.gateway.v1.SignOut' } as const;
const request = () => connection.request({ case: 'signOut', value: ping });

describe('log-in', () => {
  test('the first frame is a hello with the token; welcome makes it online', () => {
    connection.start({ token: 'secret', language: 'ru', agent: true });
    expect(connection.state.get()).toEqual({ kind: 'connecting', attempt: 1 });
    socket().accept();
    expect(socket().last).toEqual({ id: 'id1', hello: { token: 'secret', language: 'ru', agent: true } });
    socket().welcome('session1');
    expect(connection.state.get()).toEqual({ kind: 'online' });
    expect(seen).toEqual(['reset']);
  });

  test.each([
    ['an answer', (it: FakeSocket) => it.say({ response: { id: 'id1', error: { code: 'UNAUTHENTICATED' } } })],
    ['a close code', (it: FakeSocket) => it.breakOff(kCloseUnauthenticated)],
  ])('a refused token by %s ends it for good', (_, refuse) => {
    connection.start({ token: 'old', language: 'ru', agent: false });
    socket().accept();
    refuse(socket());
    vi.advanceTimersByTime(60_000);
    expect(connection.state.get()).toEqual({ kind: 'closed', reason: 'unauthenticated' });
    expect(sockets).toHaveLength(1);
  });

  test('another window takes over: no fight for the desk', () => {
    goOnline().breakOff(kCloseReplaced);
    vi.advanceTimersByTime(60_000);
    expect(connection.state.get()).toEqual({ kind: 'closed', reason: 'replaced' });
    expect(sockets).toHaveLength(1);
  });

  test('a server that opens but does not greet is given up', () => {
    connection.start({ token: 'x', language: 'en', agent: false });
    socket().accept();
    vi.advanceTimersByTime(kAnswerTimeout);
    expect(connection.state.get().kind).toBe('waiting');
    expect(socket().closed).toBe(true);
  });
});

describe('break and resumption', () => {
  test('resumes with the session and the last sequence seen', () => {
    const first = goOnline();
    first.say({ sequence: '1', agent: {} });
    first.say({ sequence: '2', agent: {} });
    first.breakOff();
    expect(connection.state.get()).toMatchObject({ kind: 'waiting' });
    vi.advanceTimersByTime(2000);
    socket().accept();
    expect(socket().last?.hello).toMatchObject({ clientSessionId: 'session1', lastSequence: '2' });
    socket().welcome('session1', true);
    socket().say({ sequence: '3', agent: {} });
    expect(seen).toEqual(['reset', 'agent 1', 'agent 2', 'agent 3']);
  });

  test('a session forgotten by the gateway begins anew, from sequence 1', () => {
    const first = goOnline();
    first.say({ sequence: '1', agent: {} });
    first.breakOff();
    vi.advanceTimersByTime(2000);
    socket().accept();
    socket().welcome('session2');
    socket().say({ sequence: '1', agent: {} });
    expect(seen).toEqual(['reset', 'agent 1', 'reset', 'agent 1']);
  });

  test('waits longer from attempt to attempt, up to a bound, and at once when told', () => {
    goOnline().breakOff();
    const waits: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      const state = connection.state.get();
      if (state.kind !== 'waiting') throw new Error(state.kind);
      waits.push(state.retryAt - Date.now());
      vi.advanceTimersByTime(waits[i] ?? 0);
      socket().breakOff();
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, kBackoffMax, kBackoffMax, kBackoffMax]);
    const before = sockets.length;
    connection.retryNow();
    expect(sockets).toHaveLength(before + 1);
    expect(connection.state.get().kind).toBe('connecting');
  });

  test('a session that has ended meanwhile is found out', async () => {
    goOnline().breakOff();
    verdict = 'invalid';
    await vi.advanceTimersByTimeAsync(500);
    socket().breakOff();
    await vi.advanceTimersByTimeAsync(1000);
    socket().breakOff();
    await vi.advanceTimersByTimeAsync(0);
    expect(connection.state.get()).toEqual({ kind: 'closed', reason: 'unauthenticated' });
  });

  test('an event told twice counts once', () => {
    const it = goOnline();
    it.say({ sequence: '1', agent: {} });
    it.say({ sequence: '1', agent: {} });
    expect(seen).toEqual(['reset', 'agent 1']);
  });

  test('a missing event is asked for; missing again, all is asked anew', () => {
    const it = goOnline();
    it.say({ sequence: '1', agent: {} });
    it.say({ sequence: '3', agent: {} });
    expect(it.closed).toBe(true);
    vi.advanceTimersByTime(2000);
    socket().accept();
    expect(socket().last?.hello).toMatchObject({ clientSessionId: 'session1', lastSequence: '1' });
    socket().welcome('session1', true);
    socket().say({ sequence: '3', agent: {} });
    vi.advanceTimersByTime(2000);
    socket().accept();
    expect(socket().last?.hello).not.toHaveProperty('clientSessionId');
    expect(seen).toEqual(['reset', 'agent 1']);
  });

  test('silence is noticed: a ping without an answer breaks off', () => {
    const it = goOnline();
    vi.advanceTimersByTime(kPingInterval);
    expect(it.last).toHaveProperty('ping');
    it.say({ pong: { serverTime: new Date().toISOString() } });
    vi.advanceTimersByTime(kAnswerTimeout);
    expect(connection.state.get().kind).toBe('online');
    vi.advanceTimersByTime(kPingInterval + kAnswerTimeout);
    expect(connection.state.get().kind).not.toBe('online');
    expect(it.closed).toBe(true);
  });

  test('waking up asks at once whether the connection is still there', () => {
    const it = goOnline();
    connection.check();
    expect(it.last).toHaveProperty('ping');
    vi.advanceTimersByTime(kAnswerTimeout);
    expect(it.closed).toBe(true);
    const before = sockets.length;
    connection.check();
    expect(sockets).toHaveLength(before + 1);
  });

  test('damaged and unknown frames are passed over', () => {
    const it = goOnline();
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    it.onmessage?.({ data: 'not json' });
    it.say({ sequence: '1', newThing: {} } as never);
    it.say({ sequence: '2', agent: {} });
    expect(seen.at(-1)).toBe('agent 2');
    expect(connection.state.get().kind).toBe('online');
  });
});

describe('requests', () => {
  test('are answered by id, with the call id', async () => {
    const it = goOnline();
    const answer = request();
    const id = it.last?.id ?? '';
    it.say({ response: { id: 'another' } });
    it.say({ response: { id, callId: 'call7' } });
    await expect(answer).resolves.toBe('call7');
  });

  test('fail with code, field and the server’s text', async () => {
    const it = goOnline();
    const answer = request();
    it.say({ response: { id: it.last?.id, error: { code: 'NOT_FOUND', field: 'call_id', text: 'Такого звонка нет' } } });
    await expect(answer).rejects.toMatchObject({ code: 'NOT_FOUND', field: 'call_id', message: 'Такого звонка нет' });
  });

  test('without an answer at the break are sent again with the same id', async () => {
    const it = goOnline();
    const answer = request();
    const id = it.last?.id;
    it.breakOff();
    vi.advanceTimersByTime(1000);
    socket().accept();
    socket().welcome('session1', true);
    expect(socket().last).toEqual({ id, signOut: {} });
    socket().say({ response: { id } });
    await expect(answer).resolves.toBe('');
  });

  test('give up in time when nothing comes', async () => {
    goOnline();
    const failure = request().catch((error: unknown) => (error as GatewayError).code);
    vi.advanceTimersByTime(kRequestTimeout);
    await expect(failure).resolves.toBe('DEADLINE_EXCEEDED');
  });

  test('end with the session', async () => {
    goOnline();
    const failure = request().catch((error: unknown) => (error as GatewayError).code);
    connection.stop();
    await expect(failure).resolves.toBe('CANCELLED');
    await expect(request()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

test('what was seen is acknowledged from time to time', () => {
  const it = goOnline();
  for (let i = 1; i <= kAckEvery; i += 1) it.say({ sequence: String(i), agent: {} });
  expect(it.last).toEqual({ ack: { sequence: String(kAckEvery) } });
});

test('the server’s clock is followed', () => {
  connection.start({ token: 'x', language: 'en', agent: false });
  socket().accept();
  vi.advanceTimersByTime(200);
  socket().say({ welcome: { clientSessionId: 's', serverTime: new Date(kStart + 60_100).toISOString() } });
  expect(clock.now() - Date.now()).toBe(60_000);
});

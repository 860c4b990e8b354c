// The WebSocket to the gateway: log-in, requests with answers, numbered
// events, resumption after a break without loss.
//
// A state machine over three inputs: the socket, the timers, the user. It
// knows frames, not what they mean. Break → wait (with jitter) → connect →
// hello with the session and the last sequence seen → the missed events.
// Requests that have no answer yet are sent again with the same id: the
// gateway answers a repeat, it does not carry it out twice.
import { create, fromJson, toJson, type JsonValue } from '@bufbuild/protobuf';
import {
  ClientFrameSchema,
  HelloSchema,
  ServerFrameSchema,
  type ClientFrame,
  type ServerFrame,
  type Welcome,
} from '@/gen/zvon/gateway/v1/frames_pb';
import { Store } from '@/lib/store';
import { timeOf } from '@/lib/time';
import type { ServerClock } from './server-clock';

export const kSubprotocol = 'zvon.v1';
export const kBackoffMin = 500;
export const kBackoffMax = 10_000;
export const kPingInterval = 15_000;
// A ping, or a hello, unanswered for this long: the connection is dead.
export const kAnswerTimeout = 8_000;
export const kRequestTimeout = 10_000;
export const kAckEvery = 20;
// Close codes of the gateway.
export const kCloseUnauthenticated = 4401;
export const kCloseReplaced = 4409;

export type ClosedReason = 'idle' | 'signed_out' | 'unauthenticated' | 'replaced';

export type ConnectionState =
  | { kind: 'closed'; reason: ClosedReason }
  | { kind: 'connecting'; attempt: number }
  | { kind: 'online' }
  | { kind: 'waiting'; attempt: number; retryAt: number };

export interface SocketPort {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface ConnectionPorts {
  open: () => SocketPort;
  random: () => number;
  newId: () => string;
  clock: ServerClock;
  // Asked when connecting fails again and again: is the session still good?
  checkSession: () => Promise<'valid' | 'invalid' | 'unknown'>;
}

export interface Identity {
  token: string;
  language: string;
  agent: boolean;
}

export type RequestBody = Exclude<ClientFrame['frame'], { case: undefined }>;

export class GatewayError extends Error {
  constructor(
    readonly code: string,
    text: string,
    readonly field = '',
  ) {
    super(text);
    this.name = 'GatewayError';
  }
}

interface Pending {
  id: string;
  body: RequestBody;
  resolve: (callId: string) => void;
  reject: (error: GatewayError) => void;
  timer: ReturnType<typeof setTimeout>;
}

export interface ConnectionListener {
  // The state is about to be sent anew: forget what was known.
  onReset: () => void;
  onFrame: (frame: ServerFrame) => void;
}

export class GatewayConnection {
  readonly state = new Store<ConnectionState>({ kind: 'closed', reason: 'idle' });

  #identity: Identity | undefined;
  #socket: SocketPort | undefined;
  #attempt = 0;
  #helloId = '';
  #helloAt = 0;
  #pingAt = 0;
  #clientSessionId = '';
  #lastSequence = 0;
  #acknowledged = 0;
  #gaps = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setTimeout> | undefined;
  #answerTimer: ReturnType<typeof setTimeout> | undefined;
  // Insertion order is sending order.
  readonly #pending = new Map<string, Pending>();

  constructor(
    private readonly ports: ConnectionPorts,
    private readonly listener: ConnectionListener,
  ) {}

  start(identity: Identity): void {
    if (this.state.get().kind !== 'closed') return;
    this.#identity = identity;
    this.#attempt = 0;
    this.#forgetSession();
    this.#connect();
  }

  stop(reason: ClosedReason = 'signed_out'): void {
    this.#dropSocket();
    this.#forgetSession();
    this.#failAll(new GatewayError('CANCELLED', ''));
    this.state.set({ kind: 'closed', reason });
  }

  // Ends the waiting: the user pressed "now", or the network came back.
  retryNow(): void {
    if (this.state.get().kind === 'waiting') this.#connect();
  }

  // The machine woke up or the network changed: is the connection still there?
  check(): void {
    this.retryNow();
    if (this.state.get().kind === 'online') this.#ping();
  }

  // Resolves with Response.call_id. Survives a break of up to kRequestTimeout.
  request(body: RequestBody): Promise<string> {
    if (this.state.get().kind === 'closed') {
      return Promise.reject(new GatewayError('UNAVAILABLE', ''));
    }
    return new Promise((resolve, reject) => {
      const id = this.ports.newId();
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new GatewayError('DEADLINE_EXCEEDED', ''));
      }, kRequestTimeout);
      const pending = { id, body, resolve, reject, timer };
      this.#pending.set(id, pending);
      if (this.state.get().kind === 'online') this.#send(id, body);
    });
  }

  #connect(): void {
    this.#clearTimers();
    this.#attempt += 1;
    this.state.set({ kind: 'connecting', attempt: this.#attempt });
    const socket = this.ports.open();
    this.#socket = socket;
    // Covers opening and the hello.
    this.#answerTimer = setTimeout(() => this.#breakOff(), kAnswerTimeout);
    socket.onopen = () => this.#sendHello();
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => this.#closed(event.code);
  }

  #sendHello(): void {
    const identity = this.#identity;
    if (!identity) return;
    this.#helloId = this.ports.newId();
    this.#helloAt = Date.now();
    const hello = create(HelloSchema, {
      token: identity.token,
      clientSessionId: this.#clientSessionId,
      lastSequence: BigInt(this.#lastSequence),
      language: identity.language,
      agent: identity.agent,
    });
    this.#send(this.#helloId, { case: 'hello', value: hello });
  }

  #receive(data: unknown): void {
    let frame: ServerFrame;
    try {
      const json = JSON.parse(String(data)) as JsonValue;
      frame = fromJson(ServerFrameSchema, json, { ignoreUnknownFields: true });
    } catch (error) {
      // A frame of a newer gateway, or damage; the numbers tell if it mattered.
      console.warn('frame not understood', error);
      return;
    }
    if (!this.#countSequence(Number(frame.sequence))) return;
    switch (frame.frame.case) {
      case 'welcome':
        return this.#welcomed(frame.frame.value);
      case 'response':
        return this.#answered(frame.frame.value);
      case 'pong':
        clearTimeout(this.#answerTimer);
        this.#answerTimer = undefined;
        return this.#observeClock(timeOf(frame.frame.value.serverTime), this.#pingAt);
      default:
        this.listener.onFrame(frame);
    }
  }

  // False: the event was seen already, or one before it is missing.
  #countSequence(sequence: number): boolean {
    if (sequence === 0) return true;
    if (sequence <= this.#lastSequence) return false;
    if (this.#lastSequence > 0 && sequence > this.#lastSequence + 1) {
      this.#gaps += 1;
      // First ask for the missing ones; if that fails, for everything anew.
      if (this.#gaps > 1) this.#forgetSession();
      this.#breakOff();
      return false;
    }
    this.#lastSequence = sequence;
    if (sequence - this.#acknowledged >= kAckEvery) this.#acknowledge();
    return true;
  }

  #acknowledge(): void {
    this.#acknowledged = this.#lastSequence;
    this.#send('', { case: 'ack', value: { $typeName: 'zvon.gateway.v1.Ack', sequence: BigInt(this.#lastSequence) } });
  }

  #welcomed(welcome: Welcome): void {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    this.#observeClock(timeOf(welcome.serverTime), this.#helloAt);
    this.#clientSessionId = welcome.clientSessionId;
    if (!welcome.resumed) {
      this.#lastSequence = 0;
      this.#acknowledged = 0;
      this.listener.onReset();
    }
    this.#attempt = 0;
    this.state.set({ kind: 'online' });
    for (const pending of this.#pending.values()) this.#send(pending.id, pending.body);
    this.#schedulePing();
  }

  #answered(response: { id: string; callId: string; error?: { code: string; field: string; text: string } }): void {
    const error = response.error
      ? new GatewayError(response.error.code, response.error.text, response.error.field)
      : undefined;
    if (response.id === this.#helloId && error) {
      if (error.code === 'UNAUTHENTICATED') return this.stop('unauthenticated');
      return this.#breakOff();
    }
    const pending = this.#pending.get(response.id);
    if (!pending) return;
    this.#pending.delete(response.id);
    clearTimeout(pending.timer);
    if (error) pending.reject(error);
    else pending.resolve(response.callId);
  }

  #schedulePing(): void {
    clearTimeout(this.#pingTimer);
    this.#pingTimer = setTimeout(() => {
      this.#ping();
      this.#schedulePing();
    }, kPingInterval);
  }

  #ping(): void {
    this.#pingAt = Date.now();
    this.#send(this.ports.newId(), { case: 'ping', value: { $typeName: 'zvon.gateway.v1.Ping' } });
    this.#answerTimer ??= setTimeout(() => this.#breakOff(), kAnswerTimeout);
  }

  #observeClock(serverTime: number | undefined, sentAt: number): void {
    if (serverTime !== undefined) this.ports.clock.observe(serverTime, sentAt, Date.now());
  }

  #send(id: string, body: RequestBody): void {
    const frame = create(ClientFrameSchema, { id, frame: body });
    this.#socket?.send(JSON.stringify(toJson(ClientFrameSchema, frame)));
  }

  #closed(code: number): void {
    if (code === kCloseUnauthenticated) return this.stop('unauthenticated');
    if (code === kCloseReplaced) return this.stop('replaced');
    this.#breakOff();
  }

  // The connection is of no use any more: drop it and try again later.
  #breakOff(): void {
    this.#dropSocket();
    const ceiling = Math.min(kBackoffMax, kBackoffMin * 2 ** Math.min(this.#attempt, 6));
    const delay = ceiling / 2 + (ceiling / 2) * this.ports.random();
    this.state.set({ kind: 'waiting', attempt: this.#attempt, retryAt: Date.now() + delay });
    this.#retryTimer = setTimeout(() => this.#connect(), delay);
    if (this.#attempt >= 2) void this.#probeSession();
  }

  async #probeSession(): Promise<void> {
    const verdict = await this.ports.checkSession();
    if (verdict === 'invalid' && this.state.get().kind !== 'online') this.stop('unauthenticated');
  }

  #dropSocket(): void {
    this.#clearTimers();
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  #forgetSession(): void {
    this.#clientSessionId = '';
    this.#lastSequence = 0;
    this.#acknowledged = 0;
    this.#gaps = 0;
  }

  #failAll(error: GatewayError): void {
    for (const pending of this.#pending.values()) {
      clearTimeout(pending.timer);
      pending.reject(error);
    }
    this.#pending.clear();
  }

  #clearTimers(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
  }
}

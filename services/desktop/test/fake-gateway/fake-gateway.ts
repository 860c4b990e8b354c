// A gateway without a platform behind it: the REST interface and the
// WebSocket protocol as services/gateway serves them, over a made-up world.
// For developing the pages and for their tests.
import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { ClientFrameJson, ServerFrameJson } from '@/gen/zvon/gateway/v1/frames_pb';
import { parseDuration } from '../../src/lib/time';
import { kPassword, kTenant, permissions, settings, users, type FakeUser } from './demo';
import { inventHistory, iso, queueSummary, timeOf, type FakeRecord } from './reports';
import { dialogueWav } from './wav';
import { World, WorldError, type AgentStateName } from './world';

export interface FakeOptions {
  // Folder of the built application; nothing is served without it.
  root?: string;
  offerTimeout?: number;
  wrapUpLimit?: number;
  historyDays?: number;
}

interface ClientSession {
  id: string;
  user: FakeUser;
  socket: WebSocket | undefined;
  sequence: number;
  // What was sent and not acknowledged.
  sent: ServerFrameJson[];
  live: boolean;
  agent: boolean;
  // Answers by request id, so that a repeat is answered again.
  answers: Map<string, ServerFrameJson>;
}

export const kCsp = "default-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
const kCloseUnauthenticated = 4401;
const kCloseReplaced = 4409;

const kTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

export class FakeGateway {
  readonly world: World;
  readonly records: FakeRecord[];
  readonly sessions = new Map<string, FakeUser>();
  readonly clients = new Map<string, ClientSession>();
  // Received client frames, newest last.
  readonly received: ClientFrameJson[] = [];
  // While true, connections and requests are refused.
  down = false;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: (set) => (set.has('zvon.v1') ? 'zvon.v1' : false) });

  constructor(private readonly options: FakeOptions = {}) {
    this.world = new World(
      { offerTimeout: options.offerTimeout ?? 20_000, wrapUpLimit: options.wrapUpLimit ?? 30_000 },
      (to, frame) => this.#tell(to, frame),
      (record) => this.records.push(record),
    );
    this.records = inventHistory(Date.now(), options.historyDays ?? 3, 120);
    this.#server = createServer((request, response) => this.handle(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
  }

  listen(port = 0): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(port, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : port}`);
      });
    });
  }

  async close(): Promise<void> {
    this.world.close();
    for (const client of this.#sockets.clients) client.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  // Breaks every WebSocket, as a dying gateway or network does.
  cutConnections(): void {
    for (const client of this.clients.values()) {
      client.socket?.terminate();
      client.socket = undefined;
    }
  }

  // Forgets the client sessions: the next hello is not resumed.
  forgetClients(): void {
    this.clients.clear();
  }

  degrade(...services: string[]): void {
    for (const client of this.clients.values()) this.#event(client, { degradation: { services } });
  }

  // ---- HTTP

  handle(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://fake');
    if (this.down) return void response.writeHead(503).end();
    if (!url.pathname.startsWith('/api/v1/')) return this.#file(url.pathname, response);
    this.#rest(request, response, url).catch((error: unknown) => {
      const known = error instanceof RestError ? error : new RestError(500, 'INTERNAL', String(error));
      const body = { error: { code: known.code, field: known.field, text: known.message, requestId: randomUUID() } };
      json(response, body, known.status);
    });
  }

  async #rest(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = url.pathname.slice('/api/v1'.length);
    if (path === '/sessions' && request.method === 'POST') return this.#signIn(await bodyOf(request), response);
    const user = this.#userOf(request);
    if (path === '/sessions' && request.method === 'DELETE') {
      this.sessions.delete(tokenOf(request));
      return json(response, {});
    }
    if (path === '/me') return json(response, userJson(user));
    if (path === '/settings') return json(response, settings);
    if (path === '/interactions') return json(response, this.#interactions(user, url.searchParams));
    if (path === '/interactions.csv') return csv(response, this.#csv(user, url.searchParams), 'interactions.csv');
    if (path === '/reports/queues') return json(response, this.#report(user, url.searchParams));
    if (path === '/reports/queues.csv') return csv(response, 'queue;offered\r\nsales;1\r\n', 'queues.csv');
    if (path === '/telephony') return json(response, this.#telephony());
    const interaction = /^\/interactions\/([^/]+)(\/recordings)?$/.exec(path);
    if (interaction) {
      const found = this.#record(user, interaction[1] ?? '');
      return json(response, interaction[2] ? recordingsOf(found) : { interaction: found.record, segments: found.segments });
    }
    const audio = /^\/recordings\/rec-([^/]+)\/audio$/.exec(path);
    if (audio) return sound(request, response, this.#record(user, audio[1] ?? ''), url.searchParams);
    throw new RestError(404, 'NOT_FOUND', 'Нет такого адреса');
  }

  #signIn(body: Record<string, unknown>, response: ServerResponse): void {
    for (const field of ['tenant', 'login', 'password']) {
      if (typeof body[field] !== 'string' || !body[field]) throw new RestError(400, 'INVALID_ARGUMENT', 'Пустое поле', field);
    }
    const user = users.find(({ id }) => id === body['login']);
    if (body['tenant'] !== kTenant || !user || body['password'] !== kPassword) {
      throw new RestError(401, 'UNAUTHENTICATED', 'Неверный логин или пароль');
    }
    const token = randomUUID();
    this.sessions.set(token, user);
    response.setHeader('Set-Cookie', `zvon_session=${token}; HttpOnly; SameSite=Strict; Path=/`);
    json(response, { token, expireTime: iso(Date.now() + 12 * 3_600_000), user: userJson(user) });
  }

  #userOf(request: IncomingMessage): FakeUser {
    const user = this.sessions.get(tokenOf(request));
    if (!user) throw new RestError(401, 'UNAUTHENTICATED', 'Войдите снова');
    return user;
  }

  #filtered(user: FakeUser, query: URLSearchParams): FakeRecord[] {
    // Who may not read reports sees what was theirs.
    const own = may(user, 'reports.read') ? '' : user.id;
    const [from, to] = [timeOf(query.get('from') ?? ''), timeOf(query.get('to') ?? '') || Number.POSITIVE_INFINITY];
    const equal = (name: string, value: string | undefined) => !query.get(name) || query.getAll(name).includes(value ?? '');
    const number = query.get('number') ?? '';
    return this.records
      .filter(({ record }) => {
        const start = timeOf(record.startTime);
        return (
          start >= from && start < to && equal('queue', record.queueId) && equal('agent', record.agentId) &&
          (!own || record.agentId === own) &&
          equal('outcome', record.outcome) &&
          `${record.callerNumber ?? ''} ${record.calledNumber ?? ''}`.includes(number)
        );
      })
      .sort((a, b) => timeOf(b.record.startTime) - timeOf(a.record.startTime));
  }

  #interactions(user: FakeUser, query: URLSearchParams) {
    const found = this.#filtered(user, query);
    const size = Number(query.get('pageSize') ?? 50) || 50;
    const offset = Number(query.get('pageToken') ?? 0) || 0;
    const next = offset + size < found.length ? { nextPageToken: String(offset + size) } : {};
    return { interactions: found.slice(offset, offset + size).map(({ record }) => record), ...next };
  }

  #csv(user: FakeUser, query: URLSearchParams): string {
    const lines = this.#filtered(user, query).map(({ record }) => [record.startTime, record.callerNumber, record.outcome].join(';'));
    return ['start;number;outcome', ...lines, ''].join('\r\n');
  }

  #report(user: FakeUser, query: URLSearchParams) {
    if (!may(user, 'reports.read')) throw new RestError(403, 'PERMISSION_DENIED', 'Нет прав');
    const interval = parseDuration(query.get('interval') ?? '3600s');
    if (!interval || ![900, 1800, 3600, 86_400].includes(interval / 1000)) {
      throw new RestError(400, 'INVALID_ARGUMENT', 'Интервал: 900s, 1800s, 3600s или 86400s', 'interval');
    }
    const records = this.records.filter(({ record }) => !query.get('queue') || record.queueId === query.get('queue'));
    return queueSummary(records, timeOf(query.get('from') ?? ''), timeOf(query.get('to') ?? ''), interval);
  }

  #record(user: FakeUser, id: string): FakeRecord {
    const found = this.records.find(({ record }) => record.interactionId === id);
    const allowed = may(user, 'reports.read') || found?.segments.some(({ agentId }) => agentId === user.id);
    // One that is not the user's is not told apart from one that is not.
    if (!found || !allowed) throw new RestError(404, 'NOT_FOUND', 'Нет такого звонка', 'interaction_id');
    return found;
  }

  #telephony() {
    return {
      trunks: [
        { trunkId: 'local', healthy: true, callsActive: this.world.calls.size || undefined },
        { trunkId: 'carrier', reason: 'OPTIONS: no answer for 32 s' },
      ],
      endpoints: users
        .filter(({ number }) => number)
        .map(({ id, number }, index) =>
          index < 4
            ? { endpointId: number, userId: id, registered: true, userAgent: 'baresip v1.0.0 <x86_64>', expireTime: iso(Date.now() + 3_600_000) }
            : { endpointId: number, userId: id },
        ),
      callsActive: this.world.calls.size || undefined,
    };
  }

  #file(path: string, response: ServerResponse): void {
    const root = this.options.root;
    const name = normalize(path === '/' ? '/index.html' : path);
    const file = root ? join(root, name) : '';
    if (!file || !existsSync(file) || !statSync(file).isFile()) return void response.writeHead(404).end();
    response.writeHead(200, {
      'Content-Type': kTypes[extname(file)] ?? 'application/octet-stream',
      'Content-Security-Policy': kCsp,
      'X-Content-Type-Options': 'nosniff',
    });
    createReadStream(file).pipe(response);
  }

  // ---- WebSocket

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!request.url?.startsWith('/ws') || this.down) return void socket.destroy();
    this.#sockets.handleUpgrade(request, socket, head, (client) => this.#connected(client, request));
  }

  #connected(socket: WebSocket, request: IncomingMessage): void {
    let client: ClientSession | undefined;
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as ClientFrameJson;
      this.received.push(frame);
      if (frame.hello) client = this.#hello(socket, frame, request);
      else if (client) this.#command(client, frame);
      else socket.close(kCloseUnauthenticated);
    });
    socket.on('close', () => {
      if (client?.socket === socket) client.socket = undefined;
    });
  }

  #hello(socket: WebSocket, frame: ClientFrameJson, request: IncomingMessage): ClientSession | undefined {
    const hello = frame.hello ?? {};
    const user = this.sessions.get(hello.token || tokenOf(request));
    if (!user) {
      socket.send(JSON.stringify({ response: { id: frame.id, error: { code: 'UNAUTHENTICATED', text: 'Войдите снова' } } }));
      socket.close(kCloseUnauthenticated);
      return undefined;
    }
    const known = this.clients.get(hello.clientSessionId ?? '');
    const resumed = known?.user === user ? known : undefined;
    const client = resumed ?? this.#newClient(user, hello.agent ?? false);
    client.socket = socket;
    const serverTime = iso(Date.now());
    socket.send(JSON.stringify({ welcome: { clientSessionId: client.id, ...(resumed ? { resumed: true } : {}), serverTime } }));
    if (!resumed) {
      this.#sendState(client);
      return client;
    }
    const seen = Number(hello.lastSequence ?? 0);
    for (const missed of client.sent) if (Number(missed.sequence) > seen) socket.send(JSON.stringify(missed));
    return client;
  }

  #newClient(user: FakeUser, agent: boolean): ClientSession {
    if (agent) this.#replaceOthers(user);
    const client: ClientSession = {
      id: randomUUID(), user, socket: undefined, sequence: 0, sent: [], live: false, agent, answers: new Map(),
    };
    this.clients.set(client.id, client);
    return client;
  }

  // One place of work at a time: an open one elsewhere is told to stop.
  #replaceOthers(user: FakeUser): void {
    for (const other of this.clients.values()) {
      if (other.user !== user || !other.agent) continue;
      other.socket?.close(kCloseReplaced);
      this.clients.delete(other.id);
    }
  }

  #sendState(client: ClientSession): void {
    if (!client.agent) return;
    const before = this.world.statusOf(client.user.id);
    if (before?.state === 'AGENT_STATE_OFFLINE') this.world.signIn(client.user.id);
    else if (before) this.#event(client, { agent: before });
    for (const call of this.world.callsOf(client.user.id)) this.#event(client, { call });
  }

  #command(client: ClientSession, frame: ClientFrameJson): void {
    if (frame.ack) {
      const seen = Number(frame.ack.sequence ?? 0);
      client.sent = client.sent.filter(({ sequence }) => Number(sequence) > seen);
      return;
    }
    if (frame.ping) return this.#send(client, { pong: { serverTime: iso(Date.now()) } });
    const id = frame.id ?? '';
    const repeated = client.answers.get(id);
    const answer = repeated ?? { response: this.#carryOut(client, frame, id) };
    client.answers.set(id, answer);
    this.#send(client, answer);
  }

  #carryOut(client: ClientSession, frame: ClientFrameJson, id: string): ServerFrameJson['response'] {
    try {
      const callId = this.#perform(client, frame);
      return callId ? { id, callId } : { id };
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      return { id, error: { code: error.code, field: error.field, text: error.message } };
    }
  }

  #perform(client: ClientSession, frame: ClientFrameJson): string {
    const { world } = this;
    const user = client.user.id;
    if (frame.setState) world.setState(user, frame.setState.state as AgentStateName, frame.setState.reasonId ?? '');
    else if (frame.declineOffer) world.decline(user, frame.declineOffer.offerId ?? '');
    else if (frame.callAction) world.act(user, frame.callAction.callId ?? '', String(frame.callAction.action));
    else if (frame.transfer) world.transfer(user, frame.transfer.callId ?? '', frame.transfer);
    else if (frame.sendDigits) world.sendDigits(user, frame.sendDigits.callId ?? '', frame.sendDigits.digits ?? '');
    else if (frame.startCall) return world.startCall(user, frame.startCall.number ?? '');
    else if (frame.setDisposition) {
      const { interactionId = '', dispositionId = '', comment = '' } = frame.setDisposition;
      world.setDisposition(user, interactionId, dispositionId, comment);
    } else if (frame.finishWrapUp) {
      const { interactionId = '', dispositionId = '', comment = '' } = frame.finishWrapUp;
      world.finishWrapUp(user, interactionId, dispositionId, comment);
    } else if (frame.signOut) world.signOut(user);
    else if (frame.subscribe) this.#subscribe(client);
    else if (frame.unsubscribe) client.live = false;
    else throw new WorldError('UNIMPLEMENTED', 'Неизвестная команда');
    return '';
  }

  #subscribe(client: ClientSession): void {
    if (!may(client.user, 'live.read') && !may(client.user, 'calls.handle')) throw new WorldError('PERMISSION_DENIED', 'Нет прав');
    client.live = true;
    for (const id of this.world.agents.keys()) {
      const liveAgent = this.world.statusOf(id);
      if (liveAgent && liveAgent.state !== 'AGENT_STATE_OFFLINE') this.#event(client, { liveAgent });
    }
    for (const id of this.world.today.keys()) this.#event(client, { liveQueue: this.world.queueStatus(id) });
  }

  #tell(to: string, frame: ServerFrameJson): void {
    for (const client of this.clients.values()) {
      if (to === 'live' ? client.live : client.user.id === to && client.agent) this.#event(client, frame);
    }
  }

  #event(client: ClientSession, frame: ServerFrameJson): void {
    client.sequence += 1;
    const numbered = { sequence: String(client.sequence), ...frame };
    client.sent.push(numbered);
    this.#send(client, numbered);
  }

  #send(client: ClientSession, frame: ServerFrameJson): void {
    client.socket?.send(JSON.stringify(frame));
  }
}

class RestError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    text: string,
    readonly field = '',
  ) {
    super(text);
  }
}

function may(user: FakeUser, permission: string): boolean {
  const held = user.roles.flatMap((role) => permissions[role] ?? []);
  return held.includes('*') || held.includes(permission);
}

function userJson(user: FakeUser) {
  return {
    tenantId: kTenant,
    userId: user.id,
    displayName: user.name,
    roleIds: user.roles,
    permissions: user.roles.flatMap((role) => permissions[role] ?? []),
    internalNumber: user.number,
    language: 'ru',
  };
}

function tokenOf(request: IncomingMessage): string {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  return bearer ?? /zvon_session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
  } catch {
    throw new RestError(400, 'INVALID_ARGUMENT', 'Не JSON');
  }
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}

function csv(response: ServerResponse, text: string, name: string): void {
  response.writeHead(200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name}"`,
  });
  response.end(`\uFEFF${text}`);
}

const kWavSecondsMax = 90;

function talkSeconds({ record }: FakeRecord): number {
  const length = (parseDuration(record.talk ?? '0s') ?? 0) + (parseDuration(record.hold ?? '0s') ?? 0);
  return Math.min(kWavSecondsMax, Math.max(2, length / 1000));
}

function recordingsOf(found: FakeRecord) {
  const { record } = found;
  if (!record.recordingIds?.length) return {};
  const seconds = talkSeconds(found);
  return {
    recordings: [
      {
        recordingId: record.recordingIds[0],
        interactionId: record.interactionId,
        callId: record.callId,
        agentIds: [record.agentId],
        startTime: record.answerTime,
        length: `${seconds.toFixed(3)}s`,
        state: 'STATE_STORED',
        mediaType: 'audio/wav',
        gaps: record.hold ? [{ startFrame: String(8 * 1000 * 8), frames: String(4 * 8000), reason: 'hold' }] : [],
      },
    ],
  };
}

function sound(request: IncomingMessage, response: ServerResponse, found: FakeRecord, query: URLSearchParams): void {
  const data = dialogueWav(talkSeconds(found));
  const headers: Record<string, string> = { 'Content-Type': 'audio/wav', 'Accept-Ranges': 'bytes' };
  if (query.get('download')) headers['Content-Disposition'] = `attachment; filename="${found.record.interactionId}.wav"`;
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (!range) {
    response.writeHead(200, { ...headers, 'Content-Length': String(data.length) });
    return void response.end(data);
  }
  const start = Number(range[1]);
  const end = Math.min(data.length - 1, range[2] ? Number(range[2]) : data.length - 1);
  response.writeHead(206, {
    ...headers,
    'Content-Range': `bytes ${start}-${end}/${data.length}`,
    'Content-Length': String(end - start + 1),
  });
  response.end(data.subarray(start, end + 1));
}

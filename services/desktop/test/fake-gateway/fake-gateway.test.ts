// The fake speaks the contract: every frame and answer parses without an
// unknown field, so that pages tested on it work on the real gateway.
import { fromJson, type DescMessage, type JsonValue } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ResourceSchema } from '@/gen/zvon/directory/v1/resource_pb';
import { ServerFrameSchema, type ClientFrameJson, type ServerFrameJson } from '@/gen/zvon/gateway/v1/frames_pb';
import { ListRecordingsResponseSchema } from '@/gen/zvon/recordingservice/v1/recording_service_pb';
import {
  GetInteractionResponseSchema,
  GetQueueSummaryResponseSchema,
  ListInteractionsResponseSchema,
} from '@/gen/zvon/reportingservice/v1/reporting_service_pb';
import { GetTelephonyStatusResponseSchema } from '@/gen/zvon/signalingservice/v1/signaling_service_pb';
import { FakeGateway } from './fake-gateway';

let gateway: FakeGateway;
let url: string;
beforeEach(async () => {
  gateway = new FakeGateway();
  url = await gateway.listen();
});
afterEach(() => gateway.close());

async function signIn(login: string, password = 'zvon-demo') {
  const response = await fetch(`${url}/api/v1/sessions`, {
    method: 'POST',
    body: JSON.stringify({ tenant: 'demo', login, password }),
  });
  return { status: response.status, cookie: response.headers.get('set-cookie') ?? '', body: (await response.json()) as { token: string } };
}

async function get(path: string, token: string) {
  const response = await fetch(`${url}/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } });
  return { status: response.status, body: (await response.json()) as JsonValue };
}

class Client {
  readonly frames: ServerFrameJson[] = [];
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;

  constructor(readonly token: string) {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, 'zvon.v1');
    this.#socket.on('message', (data) => {
      const json = JSON.parse(String(data)) as ServerFrameJson;
      fromJson(ServerFrameSchema, json as JsonValue);
      this.frames.push(json);
    });
    this.closed = new Promise((resolve) => this.#socket.on('close', resolve));
  }

  async hello(more: ClientFrameJson['hello'] = {}): Promise<void> {
    await new Promise((resolve) => this.#socket.once('open', resolve));
    this.send({ id: 'h', hello: { token: this.token, agent: true, language: 'ru', ...more } });
    await expect.poll(() => this.frames.length).toBeGreaterThan(0);
  }
  send(frame: ClientFrameJson): void {
    this.#socket.send(JSON.stringify(frame));
  }
  async answer(frame: ClientFrameJson): Promise<ServerFrameJson['response']> {
    this.send(frame);
    const find = () => this.frames.find(({ response }) => response?.id === frame.id)?.response;
    await expect.poll(find).toBeDefined();
    return find();
  }
  drop(): void {
    this.#socket.terminate();
  }
}

describe('REST', () => {
  test('log-in, log-out', async () => {
    expect((await signIn('agent1', 'wrong')).status).toBe(401);
    const { status, cookie, body } = await signIn('agent1');
    expect(status).toBe(200);
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    expect((await get('/me', body.token)).body).toMatchObject({ userId: 'agent1', tenantId: 'demo' });
    await fetch(`${url}/api/v1/sessions`, { method: 'DELETE', headers: { Cookie: cookie } });
    expect((await get('/me', body.token)).status).toBe(401);
  });

  test('answers parse strictly', async () => {
    const { token } = (await signIn('supervisor')).body;
    const parse = async <T extends DescMessage>(schema: T, path: string) => fromJson(schema, (await get(path, token)).body);
    const { interactions, nextPageToken } = await parse(ListInteractionsResponseSchema, '/interactions?pageSize=20&outcome=answered');
    expect(interactions).toHaveLength(20);
    expect(nextPageToken).not.toBe('');
    const id = interactions[0]?.interactionId ?? '';
    const one = await parse(GetInteractionResponseSchema, `/interactions/${id}`);
    expect(one.segments.length).toBeGreaterThan(2);
    const { recordings } = await parse(ListRecordingsResponseSchema, `/interactions/${id}/recordings`);
    expect(recordings).toHaveLength(1);
    const range = `from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&interval=86400s`;
    expect((await parse(GetQueueSummaryResponseSchema, `/reports/queues?${range}`)).totals).toHaveLength(2);
    await parse(GetTelephonyStatusResponseSchema, '/telephony');
    const settings = (await get('/settings', token)).body as Record<string, JsonValue[]>;
    for (const item of Object.values(settings).flat()) fromJson(ResourceSchema, item);
    const audio = await fetch(`${url}/api/v1/recordings/${recordings[0]?.recordingId}/audio`, {
      headers: { Authorization: `Bearer ${token}`, Range: 'bytes=0-43' },
    });
    expect([audio.status, audio.headers.get('content-length')]).toEqual([206, '44']);
  });

  test('errors name what was wrong', async () => {
    const { token } = (await signIn('supervisor')).body;
    expect(await get('/reports/queues?interval=7s', token)).toMatchObject({ status: 400, body: { error: { field: 'interval' } } });
    expect(await get('/interactions/none', token)).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
    const agent = (await signIn('agent1')).body;
    expect((await get('/reports/queues', agent.token)).status).toBe(403);
    const own = (await get('/interactions?pageSize=1000', agent.token)).body as { interactions: { agentId: string }[] };
    expect(new Set(own.interactions.map(({ agentId }) => agentId))).toEqual(new Set(['agent1']));
  });
});

describe('WebSocket', () => {
  test('a bad token is refused and the socket closed', async () => {
    const client = new Client('nonsense');
    await client.hello();
    expect(client.frames[0]?.response?.error?.code).toBe('UNAUTHENTICATED');
    expect(await client.closed).toBe(4401);
  });

  test('a call from ring to disposition, each frame numbered', async () => {
    const client = new Client((await signIn('agent1')).body.token);
    await client.hello();
    expect((await client.answer({ id: '1', setState: { state: 'AGENT_STATE_READY' } }))?.error).toBeUndefined();
    const call = gateway.world.ringIn({ name: 'Иван' });
    await client.answer({ id: '2', callAction: { callId: call.id, action: 'ACTION_ANSWER' } });
    await client.answer({ id: '3', callAction: { callId: call.id, action: 'ACTION_HOLD' } });
    await client.answer({ id: '4', callAction: { callId: call.id, action: 'ACTION_HANG_UP' } });
    await client.answer({ id: '5', finishWrapUp: { interactionId: call.interactionId, dispositionId: 'sold' } });
    const states = client.frames.flatMap(({ agent }) => agent?.state ?? []);
    expect(states.map((state) => String(state).replace('AGENT_STATE_', ''))).toEqual(['NOT_READY', 'READY', 'OFFERED', 'ENGAGED', 'WRAP_UP', 'READY']);
    const numbers = client.frames.flatMap(({ sequence }) => (sequence ? [Number(sequence)] : []));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(gateway.records.at(-1)?.segments.map(({ kind }) => kind)).toEqual(['scenario', 'queue', 'offer', 'talk', 'hold', 'wrap_up']);
  });

  test('resumption gives what was missed; a repeat is not carried out twice', async () => {
    const { token } = (await signIn('agent1')).body;
    const first = new Client(token);
    await first.hello();
    const start: ClientFrameJson = { id: 's', startCall: { number: '102' } };
    const answer = await first.answer(start);
    const clientSessionId = first.frames[0]?.welcome?.clientSessionId ?? '';
    const lastSequence = String(first.frames.filter(({ sequence }) => sequence).length);
    first.drop();
    gateway.world.pickUp(answer?.callId ?? '');
    const second = new Client(token);
    await second.hello({ clientSessionId, lastSequence });
    expect(second.frames[0]?.welcome?.resumed).toBe(true);
    await expect.poll(() => second.frames.some(({ agent }) => agent?.state === 'AGENT_STATE_ENGAGED')).toBe(true);
    expect(await second.answer(start)).toEqual(answer);
    expect(gateway.world.calls.size).toBe(1);
  });

  test('a second desk of the same agent replaces the first', async () => {
    const { token } = (await signIn('agent1')).body;
    const first = new Client(token);
    await first.hello();
    const second = new Client(token);
    await second.hello();
    expect(await first.closed).toBe(4409);
  });
});

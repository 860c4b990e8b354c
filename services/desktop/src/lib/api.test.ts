import { describe, expect, test, vi } from 'vitest';
import { ApiClient, ApiError, queryText } from './api';

const answering = (status: number, body: string) =>
  vi.fn((_url: string | URL | Request, _init?: RequestInit) => Promise.resolve(new Response(body, { status })));

describe('errors', () => {
  test.each([
    [401, '{"error":{"code":"UNAUTHENTICATED","text":"Нет"}}', { code: 'UNAUTHENTICATED', message: 'Нет' }],
    [400, '{"error":{"code":"INVALID_ARGUMENT","field":"from","requestId":"r1"}}', { field: 'from', requestId: 'r1' }],
    [502, '<html>Bad gateway</html>', { code: 'UNAVAILABLE', message: '' }],
    [500, '{}', { code: 'INTERNAL' }],
  ])('%i %s', async (status, body, expected) => {
    await expect(new ApiClient(answering(status, body)).telephony()).rejects.toMatchObject({ status, ...expected });
  });

  test('no network', async () => {
    const client = new ApiClient(() => Promise.reject(new TypeError('fetch failed')));
    await expect(client.telephony()).rejects.toEqual(new ApiError(0, 'UNAVAILABLE', ''));
  });
});

test('the end of the session is told, but not by a log-in that fails', async () => {
  const client = new ApiClient(answering(401, ''));
  client.onUnauthenticated = vi.fn();
  await client.signIn('demo', 'a', 'b').catch(() => undefined);
  expect(client.onUnauthenticated).not.toHaveBeenCalled();
  await client.telephony().catch(() => undefined);
  expect(client.onUnauthenticated).toHaveBeenCalledOnce();
});

test('requests carry token and language', async () => {
  const fetcher = answering(200, '{}');
  const client = new ApiClient(fetcher);
  client.token = 't';
  client.language = 'ru';
  await client.listInteractions({ queue: 'sales', agent: '', pageSize: 50 });
  expect(fetcher).toHaveBeenCalledWith(
    '/api/v1/interactions?queue=sales&pageSize=50',
    expect.objectContaining({ headers: { 'Accept-Language': 'ru', Authorization: 'Bearer t' } }),
  );
});

test('answers become messages: lengths, int64 as text, absent fields', async () => {
  const body = '{"interactions":[{"interactionId":"i1","talk":"12.345s","future":1}]}';
  const { interactions } = await new ApiClient(answering(200, body)).listInteractions({});
  expect(interactions[0]?.talk).toMatchObject({ seconds: 12n, nanos: 345_000_000 });
  expect(interactions[0]?.comment).toBe('');
});

test('“me” with and without an envelope', async () => {
  const user = { tenantId: 'demo', userId: 'agent1', displayName: 'Анна' };
  expect(await new ApiClient(answering(200, JSON.stringify(user))).me()).toEqual(user);
  expect(await new ApiClient(answering(200, JSON.stringify({ user }))).me()).toEqual(user);
});

test('addresses are escaped', () => {
  const client = new ApiClient();
  expect(client.audioUrl('a/b', { format: 'wav', download: 1 })).toBe('/api/v1/recordings/a%2Fb/audio?format=wav&download=1');
  expect(queryText({ number: '+7 9', queue: ['a', 'b'], none: undefined })).toBe('?number=%2B7+9&queue=a&queue=b');
});

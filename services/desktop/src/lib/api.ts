// The REST side of the gateway. Answers are proto3 JSON and become messages
// here; errors become ApiError with the server's text in the user's language.
import { fromJson, type DescMessage, type JsonValue, type MessageShape } from '@bufbuild/protobuf';
import {
  GetInteractionResponseSchema,
  GetQueueSummaryResponseSchema,
  ListInteractionsResponseSchema,
} from '@/gen/zvon/reportingservice/v1/reporting_service_pb';
import { ListRecordingsResponseSchema } from '@/gen/zvon/recordingservice/v1/recording_service_pb';
import { GetTelephonyStatusResponseSchema } from '@/gen/zvon/signalingservice/v1/signaling_service_pb';
import { parseSettings, type Settings } from '@/lib/settings';
import type { SessionUser } from '@/lib/session-user';

export class ApiError extends Error {
  constructor(
    // 0 = the gateway was not reached.
    readonly status: number,
    readonly code: string,
    text: string,
    readonly field = '',
    readonly requestId = '',
  ) {
    super(text);
    this.name = 'ApiError';
  }
}

export interface Session {
  token: string;
  expireTime: string;
  user: SessionUser;
}

export type Query = Record<string, string | number | readonly string[] | undefined>;

export function queryText(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    if (typeof value === 'object') for (const item of value) params.append(name, item);
    else params.append(name, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

const kTimeout = 20_000;

export class ApiClient {
  token = '';
  language = 'en';
  // Called when the gateway says that the session is over.
  onUnauthenticated: () => void = () => undefined;

  constructor(private readonly fetcher: typeof fetch = (...args) => fetch(...args)) {}

  async signIn(tenant: string, login: string, password: string): Promise<Session> {
    const body = { tenant, login, password };
    return (await this.#call('POST', '/sessions', body, false)) as unknown as Session;
  }

  async signOut(): Promise<void> {
    await this.#call('DELETE', '/sessions', undefined, false);
  }

  async me(): Promise<SessionUser> {
    const json = (await this.#call('GET', '/me', undefined, false)) as { user?: SessionUser };
    return json.user ?? (json as unknown as SessionUser);
  }

  async settings(): Promise<Settings> {
    return parseSettings(await this.#call('GET', '/settings'));
  }

  listInteractions(query: Query) {
    return this.#get(ListInteractionsResponseSchema, `/interactions${queryText(query)}`);
  }

  getInteraction(id: string) {
    return this.#get(GetInteractionResponseSchema, `/interactions/${encodeURIComponent(id)}`);
  }

  listRecordings(interactionId: string) {
    const path = `/interactions/${encodeURIComponent(interactionId)}/recordings`;
    return this.#get(ListRecordingsResponseSchema, path);
  }

  queueSummary(query: Query) {
    return this.#get(GetQueueSummaryResponseSchema, `/reports/queues${queryText(query)}`);
  }

  telephony() {
    return this.#get(GetTelephonyStatusResponseSchema, '/telephony');
  }

  // Addresses for <audio> and links; those carry the cookie, not the token.
  audioUrl(recordingId: string, query: Query = {}): string {
    return `/api/v1/recordings/${encodeURIComponent(recordingId)}/audio${queryText(query)}`;
  }

  csvUrl(path: '/interactions.csv' | '/reports/queues.csv', query: Query): string {
    return `/api/v1${path}${queryText({ ...query, language: this.language })}`;
  }

  async #get<T extends DescMessage>(schema: T, path: string): Promise<MessageShape<T>> {
    return fromJson(schema, await this.#call('GET', path), { ignoreUnknownFields: true });
  }

  async #call(method: string, path: string, body?: unknown, watched = true): Promise<JsonValue> {
    const response = await this.#fetch(method, path, body);
    const text = await response.text();
    if (response.ok) return text ? (JSON.parse(text) as JsonValue) : {};
    const error = errorOf(response.status, text);
    if (error.status === 401 && watched) this.onUnauthenticated();
    throw error;
  }

  async #fetch(method: string, path: string, body: unknown): Promise<Response> {
    const headers: Record<string, string> = { 'Accept-Language': this.language };
    if (this.token) headers['Authorization'] = `Bearer ${this.token}`;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    try {
      return await this.fetcher(`/api/v1${path}`, {
        method,
        headers,
        credentials: 'same-origin',
        signal: AbortSignal.timeout(kTimeout),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      throw new ApiError(0, 'UNAVAILABLE', '');
    }
  }
}

function errorOf(status: number, text: string): ApiError {
  try {
    const { error } = JSON.parse(text) as {
      error?: { code?: string; field?: string; text?: string; requestId?: string };
    };
    if (error) {
      return new ApiError(status, error.code ?? 'UNKNOWN', error.text ?? '', error.field, error.requestId);
    }
  } catch {
    // Not ours: a proxy's page. The status says enough.
  }
  return new ApiError(status, codeOfStatus(status), '');
}

function codeOfStatus(status: number): string {
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 403) return 'PERMISSION_DENIED';
  if (status === 404) return 'NOT_FOUND';
  if (status === 429) return 'RESOURCE_EXHAUSTED';
  if (status === 502 || status === 503 || status === 504) return 'UNAVAILABLE';
  return status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT';
}

export const api = new ApiClient();

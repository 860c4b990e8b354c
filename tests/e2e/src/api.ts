import { eventually } from "./wait.ts";

export interface Segment {
  index?: number;
  kind: string;
  startTime: string;
  endTime?: string;
  queueId?: string;
  agentId?: string;
  outcome?: string;
}

export interface InteractionRecord {
  interactionId: string;
  callId: string;
  direction: string;
  callerNumber: string;
  calledNumber: string;
  startTime: string;
  answerTime?: string;
  endTime?: string;
  queueId?: string;
  agentId?: string;
  outcome: string;
  dispositionId?: string;
  wait?: string;
  talk?: string;
  hold?: string;
  wrapUp?: string;
  recordingIds?: string[];
}

export interface QueueInterval {
  queueId: string;
  offered?: number;
  answered?: number;
  abandoned?: number;
  flowedOut?: number;
  waiting?: number;
}

/** The gateway's REST interface, as one signed-in user. */
export class Api {
  private constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  static async logIn(url: string, login: string, password = "zvon-demo", tenant = "demo"): Promise<Api> {
    const response = await fetch(`${url}/api/v1/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ tenant, login, password }),
    });
    const body = (await response.json()) as { token?: string; error?: { text: string } };
    if (!response.ok || !body.token) throw new Error(`log-in of ${login}: ${response.status} ${JSON.stringify(body)}`);
    return new Api(url, body.token);
  }

  fetch(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}/api/v1${path}`, { headers: { authorization: `Bearer ${this.token}`, ...headers } });
  }

  async get<T>(path: string): Promise<T> {
    const response = await this.fetch(path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async interactions(query = ""): Promise<InteractionRecord[]> {
    return (await this.get<{ interactions?: InteractionRecord[] }>(`/interactions?pageSize=1000${query}`)).interactions ?? [];
  }

  /** The finished record of a caller's number, when reporting has folded it. */
  async finished(number: string, limitMs = 30_000): Promise<{ interaction: InteractionRecord; segments: Segment[] }> {
    const row = await eventually(
      `the call of ${number} stands finished in the report`,
      async () => (await this.interactions(`&number=${number}`)).find((r) => r.endTime && r.outcome !== "open"),
      limitMs,
    );
    return this.get(`/interactions/${row.interactionId}`);
  }
}

/** "12.345s" → milliseconds; absent = 0. */
export function ms(duration: string | undefined): number {
  return duration ? Math.round(Number(duration.replace(/s$/, "")) * 1000) : 0;
}

/** Segments must follow each other without gap or overlap over the record. */
export function checkPartition(record: InteractionRecord, segments: Segment[]): void {
  let at = Date.parse(record.startTime);
  for (const segment of segments) {
    const start = Date.parse(segment.startTime);
    if (start !== at) throw new Error(`segment ${segment.kind} begins at ${start}, the one before ended at ${at}`);
    at = Date.parse(segment.endTime ?? "");
    if (!(at >= start)) throw new Error(`segment ${segment.kind} ends before it begins`);
  }
  const end = Date.parse(record.endTime ?? "");
  if (segments.length === 0 || at < end) throw new Error(`the segments end at ${at}, the interaction at ${end}`);
}

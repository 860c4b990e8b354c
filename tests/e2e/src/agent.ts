import WebSocket from "ws";
import { eventually } from "./wait.ts";

interface AgentStatus {
  state: string;
  reasonId?: string;
  offer?: { offerId: string; interactionId: string };
  interaction?: { interactionId: string; callId: string };
}
interface AgentCall {
  callId: string;
  interactionId: string;
  state: string;
  customerData?: Record<string, string>;
}
interface Frame {
  sequence?: string;
  welcome?: { clientSessionId: string };
  response?: { id: string; error?: { code: string; text: string }; callId?: string };
  agent?: AgentStatus;
  call?: AgentCall;
}

/** An agent's desktop without the screen: the WebSocket protocol itself. */
export class Agent {
  status: AgentStatus = { state: "UNKNOWN" };
  /** Every state the agent was in, with its time. */
  readonly history: { state: string; at: number; interactionId?: string }[] = [];
  readonly calls = new Map<string, AgentCall>();
  private readonly responses = new Map<string, NonNullable<Frame["response"]>>();
  private next = 1;
  private constructor(
    private readonly socket: WebSocket,
    readonly name: string,
  ) {}

  static async signIn(url: string, token: string, name: string): Promise<Agent> {
    const socket = new WebSocket(`${url.replace("http", "ws")}/ws`, "zvon.v1", { origin: url });
    const agent = new Agent(socket, name);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    let welcome = false;
    socket.on("message", (data) => {
      const frame = JSON.parse(String(data)) as Frame;
      if (frame.welcome) welcome = true;
      agent.take(frame);
    });
    socket.on("error", () => undefined);
    socket.send(JSON.stringify({ id: "hello", hello: { token, agent: true, language: "en" } }));
    await eventually(`${name} is welcomed`, () => welcome);
    await eventually(`${name} knows its state`, () => agent.status.state !== "UNKNOWN");
    return agent;
  }

  private take(frame: Frame): void {
    if (frame.response) this.responses.set(frame.response.id, frame.response);
    if (frame.call) this.calls.set(frame.call.callId, frame.call);
    if (frame.agent) {
      this.status = frame.agent;
      const interactionId = frame.agent.offer?.interactionId ?? frame.agent.interaction?.interactionId;
      this.history.push({ state: frame.agent.state, at: Date.now(), ...(interactionId ? { interactionId } : {}) });
    }
  }

  /** Sends a frame and gives its response; throws where it says an error. */
  async ask(frame: object): Promise<NonNullable<Frame["response"]>> {
    const id = `r${this.next++}`;
    this.socket.send(JSON.stringify({ id, ...frame }));
    const response = await eventually(`${this.name} gets an answer`, () => this.responses.get(id), 10_000);
    if (response.error) throw new Error(`${response.error.code}: ${response.error.text}`);
    return response;
  }

  ready(): Promise<unknown> {
    return this.ask({ setState: { state: "AGENT_STATE_READY" } });
  }
  notReady(reasonId: string): Promise<unknown> {
    return this.ask({ setState: { state: "AGENT_STATE_NOT_READY", reasonId } });
  }
  inState(state: string, limitMs = 15_000): Promise<unknown> {
    return eventually(`${this.name} is ${state} (is ${this.status.state})`, () => this.status.state === `AGENT_STATE_${state}`, limitMs);
  }
  async signOut(): Promise<void> {
    await this.ask({ signOut: {} }).catch(() => undefined);
    this.socket.close();
  }
  close(): void {
    this.socket.terminate();
  }
}

// A socket whose other end is the test.
import type { ClientFrameJson, ServerFrameJson } from '@/gen/zvon/gateway/v1/frames_pb';
import type { SocketPort } from '@/lib/gateway/connection';

export class FakeSocket implements SocketPort {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly sent: ClientFrameJson[] = [];
  closed = false;

  send(text: string): void {
    if (this.closed) return;
    this.sent.push(JSON.parse(text) as ClientFrameJson);
  }
  close(): void {
    this.closed = true;
  }

  // ---- the server's side
  accept(): void {
    this.onopen?.();
  }
  say(frame: ServerFrameJson): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  welcome(clientSessionId: string, resumed = false): void {
    this.say({ welcome: { clientSessionId, resumed, serverTime: new Date().toISOString() } });
  }
  breakOff(code = 1006): void {
    this.onclose?.({ code, reason: '' });
  }
  get last(): ClientFrameJson | undefined {
    return this.sent.at(-1);
  }
}

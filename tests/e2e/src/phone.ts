import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { freePort } from "./ports.ts";
import { writeWavTone } from "./tone.ts";
import { eventually } from "./wait.ts";

interface PhoneEvent {
  type: string;
  param?: string;
  peeruri?: string;
  peerdisplayname?: string;
}

interface PhoneOptions {
  dir: string;
  sipPort: number;
  user: string;
  password?: string;
  /** Frequency of the tone that the phone "speaks". */
  toneHz?: number;
  answer?: "manual" | "auto";
  codec?: "pcma" | "pcmu";
  register?: boolean;
}

/** baresip as an agent's phone, driven through its ctrl_tcp module. */
export class Phone {
  readonly events: PhoneEvent[] = [];
  private socket?: net.Socket;
  private child!: ChildProcess;
  private constructor(
    readonly dir: string,
    readonly rtpPort: number,
  ) {}

  static async start(options: PhoneOptions): Promise<Phone> {
    const dir = path.join(options.dir, `phone-${options.user}-${Math.random().toString(36).slice(2, 8)}`);
    mkdirSync(dir, { recursive: true });
    const [sip, control, rtp] = [await freePort(), await freePort(), (await freePort()) & ~1];
    writeWavTone(path.join(dir, "tone.wav"), options.toneHz ?? 440, 120);
    writeFileSync(path.join(dir, "config"), phoneConfig(dir, sip, control, rtp));
    const password = options.password ?? `zvon-demo-${options.user}`;
    writeFileSync(
      path.join(dir, "accounts"),
      `<sip:${options.user}@127.0.0.1:${options.sipPort};transport=udp>;auth_pass=${password};` +
        `answermode=${options.answer ?? "manual"};audio_codecs=${options.codec ?? "pcma"};` +
        `regint=${options.register === false ? 0 : 60};dtmfmode=rtpevent\n`,
    );
    writeFileSync(path.join(dir, "contacts"), "");
    const phone = new Phone(dir, rtp);
    phone.child = spawn("sh", ["-c", 'exec baresip -f "$0" > "$0/log" 2>&1', dir], { stdio: "ignore" });
    try {
      await phone.connect(control);
      if (options.register !== false) {
        // It may have registered before we could listen to its events.
        await eventually("phone sees REGISTER_OK", () => /200 OK .*binding/.test(phone.log()), 10_000);
      }
    } catch (error) {
      const log = phone.log();
      await phone.stop();
      throw new Error(`${(error as Error).message}\n${log.slice(-2000)}`);
    }
    return phone;
  }

  log(): string {
    return readFileSync(path.join(this.dir, "log"), "utf8");
  }

  private async connect(port: number): Promise<void> {
    const socket = await eventually(
      "baresip takes commands",
      () =>
        new Promise<net.Socket>((resolve, reject) => {
          const opening = net.connect(port, "127.0.0.1", () => resolve(opening));
          opening.once("error", reject);
        }),
    );
    this.socket = socket;
    let buffer = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      buffer = Buffer.concat([buffer, chunk]);
      // Netstrings: "12:{…},".
      for (let colon = buffer.indexOf(":"); colon > 0; colon = buffer.indexOf(":")) {
        const length = Number(buffer.subarray(0, colon).toString());
        if (buffer.length < colon + 1 + length + 1) break;
        const message = JSON.parse(buffer.subarray(colon + 1, colon + 1 + length).toString());
        buffer = buffer.subarray(colon + 1 + length + 1);
        if (message.event) this.events.push(message);
      }
    });
    socket.on("error", () => undefined);
  }

  command(command: string, params?: string): void {
    const body = JSON.stringify({ command, params });
    this.socket?.write(`${Buffer.byteLength(body)}:${body},`);
  }
  answer(): void {
    this.command("accept");
  }
  hangUp(): void {
    this.command("hangup");
  }
  dial(number: string): void {
    this.command("dial", number);
  }

  /** The first event of a type not yet taken. */
  async until(type: string, limitMs = 15_000): Promise<PhoneEvent> {
    return eventually(
      `phone sees ${type} (saw ${this.events.map((e) => e.type).join(" ")})`,
      () => {
        const index = this.events.findIndex((event) => event.type === type);
        return index < 0 ? undefined : this.events.splice(index, 1)[0];
      },
      limitMs,
    );
  }

  async stop(): Promise<void> {
    this.socket?.destroy();
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    if (this.child.exitCode === null) {
      this.child.kill("SIGTERM");
      await ended;
    }
  }
}

function phoneConfig(dir: string, sip: number, control: number, rtp: number): string {
  return `poll_method epoll
sip_listen 127.0.0.1:${sip}
audio_player aubridge,sink
audio_source aufile,${dir}/tone.wav
audio_alert aubridge,alert
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports ${rtp}-${rtp + 1}
rtcp_mux no
net_interface 127.0.0.1
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:${control}
`;
}

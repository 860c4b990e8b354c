import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { freePort } from "./ports.ts";
import { root } from "./stack.ts";
import { writeAlawTone } from "./tone.ts";

interface BankOptions {
  dir: string;
  sipPort: number;
  users: { user: string; password: string }[];
  ringMs: number;
  talkMs: number;
}

/** Many agents' phones in one sipp: registered, ringing, answering, hanging up. */
export class PhoneBank {
  private constructor(
    private readonly child: ChildProcess,
    readonly dir: string,
  ) {}

  static async start(options: BankOptions): Promise<PhoneBank> {
    const dir = path.join(options.dir, `phones-${Math.random().toString(36).slice(2, 8)}`);
    mkdirSync(dir, { recursive: true });
    writeAlawTone(path.join(dir, "tone.alaw"), 440, 10);
    // sipp takes no fields within [authentication]: the whole keyword is the field.
    const users = options.users.map((u) => `${u.user};[authentication username=${u.user} password=${u.password}]`);
    writeFileSync(path.join(dir, "users.csv"), ["SEQUENTIAL", ...users, ""].join("\n"));
    const scenario = (name: string) => path.join(root, "tests/e2e/scenarios", name);
    writeFileSync(
      path.join(dir, "phones.xml"),
      readFileSync(scenario("phones.xml"), "utf8").replaceAll("{{ring}}", String(options.ringMs)).replaceAll("{{talk}}", String(options.talkMs)),
    );
    // The same port registers and then listens, as a phone's does.
    const port = await freePort();
    const media = (await freePort()) & ~1;
    const common = [`127.0.0.1:${options.sipPort}`, "-i", "127.0.0.1", "-p", String(port), "-nostdin"];
    const register = sipp(dir, "register", [...common, "-sf", scenario("register.xml"), "-inf", "users.csv", "-m", String(users.length), "-r", "20", "-recv_timeout", "5000"]);
    const code = await ended(register);
    if (code !== 0) throw new Error(`the phones could not register: ${readFileSync(path.join(dir, "register.log"), "utf8").slice(-2000)}`);
    const child = sipp(dir, "phones", [...common, "-sf", "phones.xml", "-mi", "127.0.0.1", "-mp", String(media), "-trace_err", "-error_file", "errors.log"]);
    return new PhoneBank(child, dir);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const end = ended(this.child);
      this.child.kill("SIGKILL");
      await end;
    }
  }
}

function sipp(cwd: string, name: string, args: string[]): ChildProcess {
  return spawn("sh", ["-c", `exec sipp "$@" > ${name}.log 2>&1`, "sipp", ...args], { cwd, stdio: "ignore" });
}
function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("exit", resolve));
}

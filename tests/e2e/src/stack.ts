import { execFile, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { eventually } from "./wait.ts";

const run = promisify(execFile);
export const root = path.resolve(import.meta.dirname, "../../..");

/** A running copy of the platform, started by tools/run. */
export class Stack {
  constructor(
    readonly dir: string,
    readonly offset: number,
  ) {}

  get sipPort() {
    return 5060 + this.offset;
  }
  get url() {
    return `http://127.0.0.1:${8080 + this.offset}`;
  }
  get redisPort() {
    return 16379 + this.offset;
  }
  get kafka() {
    return `127.0.0.1:${19092 + this.offset}`;
  }
  adminUrl(service: string): string {
    const ports: Record<string, number> = {
      signaling: 9401, media: 9402, routing: 9403, scenario: 9405, recording: 9406, reporting: 9407, directory: 9408, gateway: 9411,
    };
    return `http://127.0.0.1:${ports[service]! + this.offset}`;
  }

  static async start(offset: number): Promise<Stack> {
    const dir = mkdtempSync(path.join(os.tmpdir(), "zvon-e2e-"));
    chmodSync(dir, 0o755); // PostgreSQL's user must walk through it.
    const stack = new Stack(dir, offset);
    await stack.up();
    return stack;
  }

  /** Starts what does not run; the rest is left alone. */
  async up(): Promise<void> {
    const preset = process.env.ZVON_PRESET ?? "dev";
    const args = ["--detach", "--no-build", "--replicas", "--preset", preset, "--data", this.dir, "--port-offset", String(this.offset)];
    // A log file, not a pipe: the services would hold a pipe open for ever.
    const child = spawn("bash", ["-c", '"$0" "$@" > "$OUT" 2>&1', path.join(root, "tools/run"), ...args], {
      env: { ...process.env, OUT: path.join(this.dir, "tools-run.log") },
      stdio: "ignore",
    });
    const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
    if (code !== 0) throw new Error(`tools/run failed:\n${readFileSync(path.join(this.dir, "tools-run.log"), "utf8")}`);
  }

  async down(): Promise<void> {
    await run(path.join(root, "tools/stop"), ["--data", this.dir]);
    if (!process.env.ZVON_KEEP) rmSync(this.dir, { recursive: true, force: true });
  }

  pid(process_: string): number {
    return Number(readFileSync(path.join(this.dir, "run", `${process_}.pid`), "utf8").split(" ")[0]);
  }
  alive(process_: string): boolean {
    const file = path.join(this.dir, "run", `${process_}.pid`);
    return existsSync(file) && existsSync(`/proc/${this.pid(process_)}`);
  }

  /** kill -9, by pid, and waits until it has gone. */
  async kill(process_: string, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const pid = this.pid(process_);
    // runuser stands before postgres: its child is the one that counts.
    if (process_ === "postgres") {
      await run("pkill", ["-KILL", "-P", String(pid)]).catch(() => undefined);
    }
    process.kill(pid, signal);
    await eventually(`${process_} has ended`, () => !existsSync(`/proc/${pid}`));
  }

  log(process_: string): string {
    return readFileSync(path.join(this.dir, "log", `${process_}.log`), "utf8");
  }

  /** Rows of a query; a new connection each time, since tests stop the server. */
  async sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ host: "127.0.0.1", port: 15432 + this.offset, user: "zvon", database: "zvon" });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  async redis(...command: string[]): Promise<string> {
    return (await run("redis-cli", ["-p", String(this.redisPort), ...command])).stdout.trim();
  }
}

/** The copy that global-setup.ts started. */
export function sharedStack(): Stack {
  const dir = process.env.ZVON_E2E_DIR;
  const offset = process.env.ZVON_E2E_OFFSET;
  if (!dir || !offset) throw new Error("global-setup.ts did not run");
  return new Stack(dir, Number(offset));
}

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { freePort } from "./ports.ts";
import { root } from "./stack.ts";
import { writeAlawTone } from "./tone.ts";

interface CallerOptions {
  dir: string;
  sipPort: number;
  number: string;
  /** File of tests/e2e/scenarios. */
  scenario: string;
  toneHz?: number;
  /** Caller's number. */
  from?: string;
  keys?: Record<string, string | number>;
  calls?: number;
  rate?: number;
  limit?: number;
}

/** sipp as the customer. */
export class Caller {
  readonly ended: Promise<number | null>;
  private constructor(
    private readonly child: ChildProcess,
    readonly dir: string,
    readonly rtpPort: number,
  ) {
    this.ended = new Promise((resolve) => child.once("exit", resolve));
  }

  static async start(options: CallerOptions): Promise<Caller> {
    const dir = path.join(options.dir, `caller-${Math.random().toString(36).slice(2, 8)}`);
    mkdirSync(dir, { recursive: true });
    writeAlawTone(path.join(dir, "tone.alaw"), options.toneHz ?? 1000, 10);
    const [sip, media] = [await freePort(), (await freePort()) & ~1];
    // sipp takes no keywords in pauses and file names: the scenario is a template.
    const scenario = readFileSync(path.join(root, "tests/e2e/scenarios", options.scenario), "utf8").replace(
      /\{\{(\w+)\}\}/g,
      (_, key: string) => {
        const value = options.keys?.[key];
        if (value === undefined) throw new Error(`${options.scenario} wants the key "${key}"`);
        return String(value);
      },
    );
    writeFileSync(path.join(dir, "scenario.xml"), scenario);
    const args = [
      `127.0.0.1:${options.sipPort}`,
      ...["-sf", "scenario.xml"],
      ...["-s", options.number, "-i", "127.0.0.1", "-p", String(sip)],
      ...["-mi", "127.0.0.1", "-mp", String(media)],
      ...["-m", String(options.calls ?? 1), "-r", String(options.rate ?? 1), "-l", String(options.limit ?? options.calls ?? 1)],
      ...["-key", "from", options.from ?? "79161234567"],
      ...["-trace_err", "-trace_stat", "-fd", "1", "-error_file", "errors.log", "-nostdin"],
      ...["-recv_timeout", "120000"],
    ];
    const child = spawn("sh", ["-c", 'exec sipp "$@" > sipp.log 2>&1', "sipp", ...args], { cwd: dir, stdio: "ignore" });
    return new Caller(child, dir, media);
  }

  /** sipp's exit code must be 0: every call ended as the scenario says. */
  async succeeds(): Promise<void> {
    const code = await this.ended;
    if (code !== 0) throw new Error(`sipp ended with ${code}\n${this.log()}`);
  }

  log(): string {
    let text = "";
    for (const file of ["errors.log", "sipp.log"]) {
      try {
        text += readFileSync(path.join(this.dir, file), "utf8").slice(-3000);
      } catch {
        // sipp writes the file with the first error only.
      }
    }
    return text;
  }

  /** Ends the call as sipp does on SIGUSR1: gracefully after calls end; else kill. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null) this.child.kill("SIGKILL");
    await this.ended;
  }
}

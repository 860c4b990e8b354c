// What a call costs: CPU of each process and set-up time, beside Kamailio as
// a plain proxy and beside sipp without anything between, in the same run.
//   tools/bench calls [--rate N] [--seconds N] [--queued-rate N]

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Agent } from "../../e2e/src/agent.ts";
import { Api } from "../../e2e/src/api.ts";
import { PhoneBank } from "../../e2e/src/phone-bank.ts";
import { freeOffset, freePort } from "../../e2e/src/ports.ts";
import { root, Stack } from "../../e2e/src/stack.ts";
import { delay, eventually } from "../../e2e/src/wait.ts";
import { cpuMs, quantile, responseTimes } from "./measure.ts";

interface Result {
  name: string;
  calls: number;
  failed: number;
  p50: number;
  p99: number;
  cpuPerCall: Record<string, number>;
}

const options = Object.fromEntries(process.argv.slice(2).map((a) => a.replace(/^--/, "").split("=")) as [string, string][]);
const rate = Number(options.rate ?? 200);
const seconds = Number(options.seconds ?? 15);
const queuedRate = Number(options["queued-rate"] ?? 4);
const dir = mkdtempSync(path.join(os.tmpdir(), "zvon-bench-"));
const here = import.meta.dirname;

function sipp(name: string, args: string[]): ChildProcess {
  const cwd = path.join(dir, name);
  mkdirSync(cwd, { recursive: true });
  return spawn("sh", ["-c", 'exec sipp "$@" > sipp.log 2>&1', "sipp", ...args, "-nostdin"], { cwd, stdio: "ignore" });
}
const ended = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => (child.exitCode === null ? child.once("exit", resolve) : resolve(child.exitCode)));

async function uas(port: number): Promise<ChildProcess> {
  const child = sipp(`uas-${port}`, ["-sf", path.join(here, "uas.xml"), "-i", "127.0.0.1", "-p", String(port), "-mi", "127.0.0.1"]);
  await eventually("the answering sipp listens", () => execFileSync("ss", ["-Hlun", `sport = :${port}`]).length > 0);
  return child;
}

/** One load of calls through `port`; CPU of `pids` per call. */
async function measure(name: string, port: number, number: string, pids: Record<string, number>, load = rate): Promise<Result> {
  const scenario = path.join(dir, `${name.replace(/\W+/g, "-")}.xml`);
  writeFileSync(scenario, readFileSync(path.join(here, "uac.xml"), "utf8").replaceAll("{{hold}}", "500"));
  const run = async (label: string, calls: number) => {
    const cwd = `uac-${label}`;
    const child = sipp(cwd, [
      `127.0.0.1:${port}`, "-sf", scenario, "-s", number, "-i", "127.0.0.1", "-p", String(await freePort()), "-mi", "127.0.0.1",
      "-r", String(load), "-m", String(calls), "-l", "5000", "-trace_rtt", "-rtt_freq", "1", "-recv_timeout", "10000",
    ]);
    const code = await ended(child);
    const file = readdirSync(path.join(dir, cwd)).find((f) => f.endsWith("_rtt.csv"));
    return { code, times: file ? responseTimes(readFileSync(path.join(dir, cwd, file), "utf8")) : [] };
  };
  const label = name.replace(/\W+/g, "-");
  await run(`${label}-warm`, load * 2);
  const before = Object.entries(pids).map(([p, pid]) => [p, cpuMs(pid)] as const);
  const calls = load * seconds;
  const { times } = await run(label, calls);
  const cpuPerCall = Object.fromEntries(before.map(([p, ms]) => [p, (cpuMs(pids[p]!) - ms) / calls]));
  return { name, calls, failed: calls - times.length, p50: quantile(times, 0.5), p99: quantile(times, 0.99), cpuPerCall };
}

async function kamailio(uasPort: number): Promise<Result | undefined> {
  if (!existsSync("/usr/sbin/kamailio")) return undefined;
  const port = await freePort();
  const config = readFileSync(path.join(here, "kamailio.cfg"), "utf8").replace("KAMAILIO_PORT", String(port)).replace("UAS_PORT", String(uasPort));
  writeFileSync(path.join(dir, "kamailio.cfg"), config);
  const child = spawn("/usr/sbin/kamailio", ["-DD", "-E", "-f", path.join(dir, "kamailio.cfg"), "-Y", dir, "-P", path.join(dir, "kamailio.pid"), "-m", "256", "-M", "16"], { stdio: "ignore" });
  try {
    await eventually("Kamailio listens", () => execFileSync("ss", ["-Hlun", `sport = :${port}`]).length > 0);
    return await measure("Kamailio, plain proxy", port, "2000", { kamailio: child.pid! });
  } finally {
    child.kill("SIGTERM");
    await ended(child);
  }
}

function demoFile(uasPort: number): string {
  // The shipped demo tenant, with routes to the answering sipp.
  const shipped = readFileSync(path.join(root, "deploy/demo/demo.yaml"), "utf8");
  const text = shipped.replace('accepted_patterns: ["10XX"]', 'accepted_patterns: ["10XX", "2XXX", "3XXX"]');
  if (text === shipped) throw new Error("deploy/demo/demo.yaml: the trunk's accepted_patterns are not as expected");
  const file = path.join(dir, "demo.yaml");
  writeFileSync(file, text + readFileSync(path.join(here, "demo-extra.yaml"), "utf8").replaceAll("UAS_PORT", String(uasPort)));
  return file;
}

async function queued(stack: Stack, pids: Record<string, number>): Promise<Result> {
  const users = [1, 2, 3, 6];
  const bank = await PhoneBank.start({
    dir, sipPort: stack.sipPort, ringMs: 50, talkMs: 700, users: users.map((n) => ({ user: `10${n}`, password: `zvon-demo-10${n}` })),
  });
  const agents: Agent[] = [];
  for (const n of users) {
    const agent = await Agent.signIn(stack.url, (await Api.logIn(stack.url, `agent${n}`)).token, `agent${n}`);
    await agent.ready();
    agents.push(agent);
  }
  let going = true;
  const workers = agents.map(async (agent) => {
    for (; going; await delay(20)) {
      if (agent.status.state !== "AGENT_STATE_WRAP_UP") continue;
      await agent.ask({ finishWrapUp: { interactionId: agent.status.interaction!.interactionId, dispositionId: "solved" } }).catch(() => undefined);
    }
  });
  const scenario = path.join(dir, "queued.xml");
  writeFileSync(scenario, readFileSync(path.join(root, "tests/e2e/scenarios/talk-until-bye.xml"), "utf8"));
  mkdirSync(path.join(dir, "queued"), { recursive: true });
  execFileSync("cp", [path.join(bank.dir, "tone.alaw"), path.join(dir, "queued")]);
  const before = Object.entries(pids).map(([p, pid]) => [p, cpuMs(pid)] as const);
  const calls = queuedRate * seconds;
  const child = sipp("queued", [
    `127.0.0.1:${stack.sipPort}`, "-sf", scenario, "-s", "1004", "-i", "127.0.0.1", "-p", String(await freePort()), "-mi", "127.0.0.1",
    "-mp", String((await freePort()) & ~1), "-key", "from", "79160000000", "-r", String(queuedRate), "-m", String(calls), "-trace_rtt", "-rtt_freq", "1",
  ]);
  const code = await ended(child);
  const cpuPerCall = Object.fromEntries(before.map(([p, ms]) => [p, (cpuMs(pids[p]!) - ms) / calls]));
  going = false;
  await Promise.all(workers);
  for (const agent of agents) await agent.signOut();
  await bank.stop();
  const file = readdirSync(path.join(dir, "queued")).find((f) => f.endsWith("_rtt.csv"));
  const times = file ? responseTimes(readFileSync(path.join(dir, "queued", file), "utf8")) : [];
  return { name: `queued, answered, recorded (${queuedRate}/s)`, calls, failed: code === 0 ? 0 : calls - times.length, p50: quantile(times, 0.5), p99: quantile(times, 0.99), cpuPerCall };
}

function print(results: Result[]): void {
  const baseline = results.find((r) => r.name.startsWith("Kamailio"));
  const base = baseline ? Object.values(baseline.cpuPerCall)[0]! : Number.NaN;
  console.log(`\n| what | calls | failed | INVITE→200 p50 ms | p99 ms | CPU-ms a call | of Kamailio |\n|---|---|---|---|---|---|---|`);
  for (const r of results) {
    const sum = Object.values(r.cpuPerCall).reduce((a, b) => a + b, 0);
    const parts = Object.entries(r.cpuPerCall).map(([p, ms]) => `${p} ${ms.toFixed(3)}`).join(", ");
    console.log(`| ${r.name} | ${r.calls} | ${r.failed} | ${r.p50.toFixed(2)} | ${r.p99.toFixed(2)} | ${parts || "–"} | ${parts ? (sum / base).toFixed(2) : "–"} |`);
  }
}

async function main(): Promise<void> {
  process.env.ZVON_PRESET ??= "release";
  const uasPort = await freePort();
  const answering = await uas(uasPort);
  process.env.ZVON_DEMO_FILE = demoFile(uasPort);
  const results: Result[] = [];
  const stack = await Stack.start(await freeOffset());
  const note = (result: Result) => {
    console.log(`${result.name}: done`);
    results.push(result);
  };
  try {
    const pid = (s: string) => stack.pid(s);
    note(await measure("sipp to sipp", uasPort, "2000", {}));
    const baseline = await kamailio(uasPort);
    if (baseline) note(baseline);
    note(await measure("trunk to trunk, media direct", stack.sipPort, "2000", { signaling: pid("signaling"), redis: pid("redis") }));
    note(await measure("trunk to trunk, media anchored", stack.sipPort, "3000", { signaling: pid("signaling"), media: pid("media"), redis: pid("redis") }));
    const all = ["signaling", "media", "scenario", "routing", "gateway", "recording", "reporting", "redis"];
    note(await queued(stack, Object.fromEntries(all.map((s) => [s, pid(s)]))));
  } finally {
    answering.kill("SIGKILL");
    await stack.down();
  }
  print(results);
  rmSync(dir, { recursive: true, force: true });
}
await main();

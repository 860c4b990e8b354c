import { readdirSync, readFileSync } from "node:fs";

const ticksPerSecond = 100; // Linux' USER_HZ.

/** CPU time of a process and its children, in milliseconds. */
export function cpuMs(pid: number): number {
  let ms = ownCpuMs(pid);
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    for (const child of readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ")) {
      if (child) ms += cpuMs(Number(child));
    }
  }
  return ms;
}

function ownCpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** Response times in ms from sipp's -trace_rtt file: "Date_ms;response_time_ms;rtd_no". */
export function responseTimes(csv: string): number[] {
  return csv
    .split("\n")
    .slice(1)
    .map((line) => line.split(";"))
    .filter((fields) => fields.length >= 3)
    .map((fields) => Number(fields[1]))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
}

export function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

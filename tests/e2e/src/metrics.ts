import type { Stack } from "./stack.ts";
import { eventually } from "./wait.ts";

/** Text of /metrics of a process; "" where it does not answer. */
async function metrics(url: string): Promise<string> {
  return fetch(`${url}/metrics`).then((r) => r.text(), () => "");
}

/** Waits until so many callers wait in a queue, as the leading router says. */
export async function waitingIn(stack: Stack, queue: string, count: number): Promise<void> {
  const first = stack.adminUrl("routing");
  const second = first.replace(/\d+$/, (port) => String(Number(port) + 50));
  const line = new RegExp(`zvon_queue_waiting\\{[^}]*"${queue}"[^}]*\\} ${count}\\b`);
  await eventually(`${count} wait in ${queue}`, async () => line.test((await metrics(first)) + (await metrics(second))), 20_000);
}

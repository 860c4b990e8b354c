import { freeOffset } from "./ports.ts";
import { Stack } from "./stack.ts";

/** Starts one copy of the platform for all test files, and ends it. */
export default async function setup(): Promise<() => Promise<void>> {
  const stack = await Stack.start(await freeOffset());
  process.env.ZVON_E2E_DIR = stack.dir;
  process.env.ZVON_E2E_OFFSET = String(stack.offset);
  return () => stack.down();
}

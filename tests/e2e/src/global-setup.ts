import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { freeOffset } from "./ports.ts";
import { root, Stack } from "./stack.ts";

/** The shipped demo tenant and 20 more sales agents, 11…30, for the load. */
function demoFile(dir: string): string {
  const extra = Array.from({ length: 20 }, (_, i) => i + 11).map(
    (n) => `
  - name: tenants/demo/users/agent${n}
    user: {login: agent${n}, display_name: Agent ${n}, role_ids: [agent], internal_number: "1${n}", password: zvon-demo,
           skills: [{skill_id: sales, level: 5}]}
  - name: tenants/demo/endpoints/1${n}
    endpoint: {user_id: agent${n}, sip_username: "1${n}", password: zvon-demo-1${n}}
`,
  );
  const file = path.join(dir, "demo.yaml");
  writeFileSync(file, readFileSync(path.join(root, "deploy/demo/demo.yaml"), "utf8") + extra.join(""));
  return file;
}

/** Starts one copy of the platform for all test files, and ends it. */
export default async function setup(): Promise<() => Promise<void>> {
  const dir = mkdtempSync(path.join(os.tmpdir(), "zvon-e2e-demo-"));
  process.env.ZVON_DEMO_FILE = demoFile(dir);
  const stack = await Stack.start(await freeOffset());
  process.env.ZVON_E2E_DIR = stack.dir;
  process.env.ZVON_E2E_OFFSET = String(stack.offset);
  return async () => {
    await stack.down();
    rmSync(dir, { recursive: true, force: true });
  };
}

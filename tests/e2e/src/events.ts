import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import protobuf from "protobufjs";
import { root, type Stack } from "./stack.ts";

const run = promisify(execFile);

export interface EventRow {
  type: string;
  time: number;
  interactionId: string;
  agentId: string;
  outcome?: string;
}

/** All facts of zvon.interactions.v1, read from the broker, by time. */
export async function interactionEvents(stack: Stack): Promise<EventRow[]> {
  const { stdout } = await run(
    "kcat",
    ["-C", "-b", stack.kafka, "-t", "zvon.interactions.v1", "-o", "beginning", "-e", "-q", "-f", "%S\n%s"],
    { encoding: "buffer", maxBuffer: 512 << 20 },
  );
  const types = await new protobuf.Root();
  types.resolvePath = (_, target) =>
    target.startsWith("google/") ? path.join("/usr/include", target) : path.join(root, "protos", target.replace(/^.*protos\//, ""));
  await types.load("zvon/events/v1/events.proto");
  const eventType = types.lookupType("zvon.events.v1.Event");
  const rows: EventRow[] = [];
  for (let at = 0; at < stdout.length; ) {
    const line = stdout.indexOf(10, at);
    const size = Number(stdout.subarray(at, line).toString());
    const message = eventType.decode(stdout.subarray(line + 1, line + 1 + size));
    at = line + 1 + size;
    const event = eventType.toObject(message, { enums: String, longs: Number, oneofs: true });
    const fact = event.fact as string;
    rows.push({
      type: fact,
      time: event.occurTime.seconds * 1000 + (event.occurTime.nanos ?? 0) / 1e6,
      interactionId: event.interactionId ?? "",
      agentId: event.agentId ?? "",
      outcome: event[fact]?.outcome,
    });
  }
  return rows.sort((a, b) => a.time - b.time);
}

import { spawnSync } from "node:child_process";
import dgram from "node:dgram";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { expect, test } from "vitest";
import { Api } from "../src/api.ts";
import { Phone } from "../src/phone.ts";
import { root, sharedStack } from "../src/stack.ts";
import { eventually } from "../src/wait.ts";

const stack = sharedStack();
const corpus = path.join(root, "tests/data/rfc4475");

/** The server answers a plain OPTIONS: it lives and serves. */
async function answersOptions(): Promise<void> {
  const socket = dgram.createSocket("udp4");
  try {
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    const port = socket.address().port;
    let answer = "";
    socket.on("message", (bytes) => (answer = bytes.toString()));
    const id = Math.random().toString(36).slice(2);
    const text = [
      `OPTIONS sip:127.0.0.1:${stack.sipPort} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${id};rport`,
      "Max-Forwards: 70",
      `From: <sip:probe@127.0.0.1>;tag=${id}`,
      `To: <sip:127.0.0.1:${stack.sipPort}>`,
      `Call-ID: ${id}`,
      "CSeq: 1 OPTIONS",
      "Content-Length: 0",
      "",
      "",
    ].join("\r\n");
    await eventually("OPTIONS is answered 200", () => {
      if (!answer) socket.send(text, stack.sipPort, "127.0.0.1");
      return answer.startsWith("SIP/2.0 200");
    }, 5000);
  } finally {
    socket.close();
  }
}

test("every RFC 4475 message over UDP and TCP leaves signaling alive", async () => {
  const pid = stack.pid("signaling");
  const files = readdirSync(corpus).filter((f) => f.endsWith(".dat"));
  expect(files.length).toBeGreaterThan(40);
  const udp = dgram.createSocket("udp4");
  for (const file of files) {
    const bytes = readFileSync(path.join(corpus, file));
    await new Promise((resolve) => udp.send(bytes, stack.sipPort, "127.0.0.1", resolve));
    await new Promise<void>((resolve) => {
      const socket = net.connect(stack.sipPort, "127.0.0.1", () => socket.end(bytes));
      socket.on("error", () => resolve());
      socket.on("close", () => resolve());
      socket.setTimeout(300, () => socket.destroy());
      socket.resume();
    });
  }
  udp.close();
  await answersOptions();
  expect(stack.pid("signaling")).toBe(pid);
  expect(stack.alive("signaling")).toBe(true);
}, 60_000);

test("the SDP that hangs sofia-sip is refused and hangs nothing", async () => {
  const socket = dgram.createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const answers: string[] = [];
  socket.on("message", (bytes) => answers.push(bytes.toString().split("\r\n")[0]!));
  const sdp = "v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5000 udp;\r\n";
  const port = socket.address().port;
  const text = [
    `INVITE sip:1000@127.0.0.1:${stack.sipPort} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bKsdploop;rport`,
    "Max-Forwards: 70",
    "From: <sip:79160000201@127.0.0.1>;tag=sdploop",
    `To: <sip:1000@127.0.0.1:${stack.sipPort}>`,
    "Call-ID: sdploop",
    "CSeq: 1 INVITE",
    `Contact: <sip:79160000201@127.0.0.1:${port}>`,
    "Content-Type: application/sdp",
    `Content-Length: ${sdp.length}`,
    "",
    sdp,
  ].join("\r\n");
  socket.send(text, stack.sipPort, "127.0.0.1");
  const final = await eventually("a final answer", () => answers.find((a) => !/^SIP\/2\.0 1/.test(a)), 5000);
  expect(final).toMatch(/^SIP\/2\.0 4(00|88)/);
  socket.close();
  await answersOptions();
});

test("a phone with a wrong password is not registered", async () => {
  await expect(
    Phone.start({ dir: stack.dir, sipPort: stack.sipPort, user: "103", password: "wrong" }),
  ).rejects.toThrow(/REGISTER_OK/);
  await answersOptions();
}, 30_000);

test("a wrong password at the log-in says so and nothing more", async () => {
  await expect(Api.logIn(stack.url, "agent1", "wrong")).rejects.toThrow(/401/);
  await expect(Api.logIn(stack.url, "nobody", "wrong")).rejects.toThrow(/401/);
  await expect(Api.logIn(stack.url, "agent1", "zvon-demo", "no-such-tenant")).rejects.toThrow(/401/);
});

test.each(["directory", "recording", "reporting", "routing", "scenario", "media", "signaling", "gateway"])(
  "an unknown setting of %s is an error that names it",
  (service) => {
    const file = path.join(stack.dir, `bad-${service}.yaml`);
    writeFileSync(file, "admin: {lisen: '127.0.0.1:1'}\n");
    const preset = process.env.ZVON_PRESET ?? "dev";
    const run = spawnSync(path.join(root, "build", preset, "bin", `zvon-${service}`), ["--config", file], {
      encoding: "utf8",
      timeout: 5000,
    });
    expect(run.status).toBeGreaterThan(0);
    expect(run.stderr).toContain("admin.lisen");
    expect(run.stderr).toContain("admin.listen"); // What was meant.
  },
);

test("JSON nested a hundred thousand deep is refused by the gateway, which goes on", async () => {
  const body = `{"tenant":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
  const response = await fetch(`${stack.url}/api/v1/sessions`, { method: "POST", body, headers: { "content-type": "application/json" } });
  expect(response.status).toBe(400);
  const huge = await fetch(`${stack.url}/api/v1/sessions`, {
    method: "POST", body: "x".repeat(200_000), headers: { "content-type": "application/json" },
  }).catch((error: Error) => error);
  if (huge instanceof Response) expect(huge.status).toBe(413);
  await Api.logIn(stack.url, "agent1");
});

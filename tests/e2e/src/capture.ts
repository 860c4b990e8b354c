import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { alawToLinear, ulawToLinear } from "./g711.ts";
import { eventually } from "./wait.ts";

interface RtpPacket {
  time: number;
  to: number;
  from: number;
  type: number;
  sequence: number;
  payload: Buffer;
}

/** What went over the loopback wire, judged apart from both peers. */
export class Capture {
  private constructor(
    private readonly child: ChildProcess,
    private readonly file: string,
  ) {}

  static async start(file: string, filter = "udp"): Promise<Capture> {
    const child = spawn("tcpdump", ["-i", "lo", "-n", "-U", "--immediate-mode", "-w", file, ...filter.split(" ")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let text = "";
    child.stderr!.on("data", (chunk) => (text += chunk));
    await eventually("tcpdump listens", () => text.includes("listening on"));
    return new Capture(child, file);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGINT");
    await ended;
  }

  /** RTP packets sent to a port, in order of arrival. */
  packetsTo(port: number): RtpPacket[] {
    return parse(readFileSync(this.file)).filter((p) => p.to === port);
  }

  /** The G.711 audio sent to a port. */
  audioTo(port: number): Int16Array {
    const samples: number[] = [];
    for (const packet of this.packetsTo(port)) {
      if (packet.type === 8) for (const b of packet.payload) samples.push(alawToLinear(b));
      if (packet.type === 0) for (const b of packet.payload) samples.push(ulawToLinear(b));
    }
    return Int16Array.from(samples);
  }
}

/** pcap, Ethernet framing of the loopback device, IPv4, UDP, RTP version 2. */
function parse(bytes: Buffer): RtpPacket[] {
  const packets: RtpPacket[] = [];
  for (let at = 24; at + 16 <= bytes.length; ) {
    const time = bytes.readUInt32LE(at) * 1000 + bytes.readUInt32LE(at + 4) / 1000;
    const length = bytes.readUInt32LE(at + 8);
    const frame = bytes.subarray(at + 16, at + 16 + length);
    at += 16 + length;
    if (frame.length < 54 || frame.readUInt16BE(12) !== 0x0800 || frame[23] !== 17) continue;
    const udp = 14 + (frame[14]! & 0x0f) * 4;
    const rtp = frame.subarray(udp + 8);
    if (rtp.length < 12 || rtp[0]! >> 6 !== 2) continue;
    const header = 12 + (rtp[0]! & 0x0f) * 4;
    packets.push({
      time,
      from: frame.readUInt16BE(udp),
      to: frame.readUInt16BE(udp + 2),
      type: rtp[1]! & 0x7f,
      sequence: rtp.readUInt16BE(2),
      payload: rtp.subarray(header),
    });
  }
  return packets;
}

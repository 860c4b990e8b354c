import net from "node:net";
import dgram from "node:dgram";

function tcpIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** A free TCP and UDP port chosen by the system. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket("udp4");
    socket.once("error", reject);
    socket.bind(0, "127.0.0.1", () => {
      const port = socket.address().port;
      socket.close(async () => ((await tcpIsFree(port)) ? resolve(port) : resolve(await freePort())));
    });
  });
}

/** Base ports of tools/run (tools/lib/stack.sh, services.sh). */
const basePorts = [
  5060, 5061, 8080, 9101, 9102, 9103, 9105, 9106, 9107, 9108, 9153, 9155, 9401, 9402, 9403, 9405, 9406, 9407, 9408, 9411, 9453,
  9455, 15432,
  16379, 19092, 19093,
];

/** A port offset at which a whole copy of the platform fits. */
export async function freeOffset(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const offset = 1000 + Math.floor(Math.random() * 4000) * 3;
    // Ports from 32768 on are the system's own to give away.
    const results = await Promise.all(basePorts.map((port) => tcpIsFree(port + offset)));
    if (results.every(Boolean)) return offset;
  }
  throw new Error("no port offset with all ports free was found");
}

// The platform's clock as seen from here: deadlines and "since" times are the
// server's, and a desktop's clock may be minutes off.

export class ServerClock {
  #offset = 0;
  #bestRoundTrip = Number.POSITIVE_INFINITY;

  constructor(private readonly local: () => number = Date.now) {}

  now(): number {
    return this.local() + this.#offset;
  }

  // A measurement: the answer said `serverTime` and took from `sentAt` to
  // `receivedAt` (local). Kept if its round trip is as good as the best so
  // far; each measurement ages the best, so that drift is followed.
  observe(serverTime: number, sentAt: number, receivedAt: number): void {
    const roundTrip = Math.max(0, receivedAt - sentAt);
    this.#bestRoundTrip *= 1.5;
    if (roundTrip > this.#bestRoundTrip) return;
    this.#bestRoundTrip = Math.max(roundTrip, 1);
    this.#offset = serverTime - (sentAt + receivedAt) / 2;
  }
}

export const serverClock = new ServerClock();

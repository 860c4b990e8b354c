// Volume per channel of an <audio> element: split, two gains, merge.

export class ChannelMixer {
  readonly #context = new AudioContext();
  readonly #gains: GainNode[];

  constructor(element: HTMLMediaElement) {
    const source = this.#context.createMediaElementSource(element);
    const splitter = this.#context.createChannelSplitter(2);
    const merger = this.#context.createChannelMerger(2);
    source.connect(splitter);
    this.#gains = [0, 1].map((channel) => {
      const gain = this.#context.createGain();
      splitter.connect(gain, channel);
      gain.connect(merger, 0, channel);
      return gain;
    });
    merger.connect(this.#context.destination);
  }

  // Browsers let sound begin only from a user's gesture.
  resume(): Promise<void> {
    return this.#context.resume();
  }

  setGain(channel: number, gain: number): void {
    const node = this.#gains[channel];
    node?.gain.setTargetAtTime(gain, this.#context.currentTime, 0.01);
  }

  close(): void {
    void this.#context.close();
  }
}

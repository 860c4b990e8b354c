// The sound of an incoming call: two soft tones every two seconds, made on
// the spot (no file to load, works with the network gone).

export class Ring {
  #context: AudioContext | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  start(): void {
    if (this.#timer) return;
    try {
      this.#context ??= new AudioContext();
      void this.#context.resume();
    } catch {
      return; // No sound device: the card and the title still tell.
    }
    this.#chime();
    this.#timer = setInterval(() => this.#chime(), 2000);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #chime(): void {
    this.#tone(880, 0, 0.35);
    this.#tone(1174.7, 0.22, 0.55);
  }

  #tone(frequency: number, delay: number, length: number): void {
    const context = this.#context;
    if (!context || context.state !== 'running') return;
    const start = context.currentTime + delay;
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(0.18, start + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, start + length);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(start + length);
  }
}

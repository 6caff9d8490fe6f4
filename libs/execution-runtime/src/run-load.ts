/** An attempt that takes longer than this waits for the outside: it has a hand, and hardly anything of the processor. */
const YOUNG_MS = 50;

interface Running {
  readonly startedMs: number;
  counted: boolean;
}

/** The attempts that a process makes at the moment, and how many of them are likely to keep it busy. */
export class RunLoad {
  /** In the order of their start, those over included until they would be old. */
  readonly #recent: Running[] = [];
  #busy = 0;
  #young = 0;

  /** `nowMs` never goes back. */
  constructor(private readonly nowMs: () => number) {}

  /** All attempts under way. */
  get busy(): number {
    return this.#busy;
  }

  /** Those that began a moment ago. */
  get young(): number {
    this.#forgetOld();
    return this.#young;
  }

  /** An attempt begins; returns its end. */
  began(): () => void {
    this.#forgetOld();
    const running: Running = { startedMs: this.nowMs(), counted: true };
    this.#recent.push(running);
    this.#busy++;
    this.#young++;
    return () => {
      this.#busy--;
      this.#discount(running);
    };
  }

  #forgetOld(): void {
    const oldest = this.nowMs() - YOUNG_MS;
    for (let first = this.#recent[0]; first && first.startedMs <= oldest; first = this.#recent[0]) {
      this.#discount(first);
      this.#recent.shift();
    }
  }

  #discount(running: Running): void {
    if (running.counted) this.#young--;
    running.counted = false;
  }
}

/** How a call to the outside goes on: as it should, or as the spec's trouble has it. */
export type Outcome = 'well' | 'badly' | 'badlyAfterAll';

export interface ParkedCall {
  readonly process: object;
  readonly what: string;
  /** In which ways it may go wrong. */
  readonly troubles: readonly Exclude<Outcome, 'well'>[];
  readonly goOn: (outcome: Outcome) => void;
}

/** Calls of processes to the outside that wait for the world to say what becomes of them. */
export class ParkedCalls {
  readonly waiting: ParkedCall[] = [];
  /** When set, nothing waits and nothing goes wrong. */
  areCalm = false;

  async park(call: Omit<ParkedCall, 'goOn'>): Promise<Outcome> {
    if (this.areCalm) return 'well';
    return new Promise((resolve) => {
      const parked: ParkedCall = { ...call, goOn: (outcome) => this.#end(parked, () => resolve(outcome)) };
      this.waiting.push(parked);
    });
  }

  #end(parked: ParkedCall, resolve: () => void): void {
    const index = this.waiting.indexOf(parked);
    if (index < 0) return;
    this.waiting.splice(index, 1);
    resolve();
  }
}

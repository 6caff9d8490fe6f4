/** Attempts that this process makes now: none twice at a time, and all of an execution's can be told to stop. */
export class AttemptsInHand {
  readonly #byName = new Map<string, Promise<unknown>>();
  readonly #byExecution = new Map<string, Set<AbortController>>();

  /**
   * Makes the attempt, or waits for the one that is being made: a delivery that comes again while the process was busy
   * does not mean that nobody is at work. `signal` aborts when the execution is told to stop.
   */
  make<Result>(
    { executionId, name }: { readonly executionId: string; readonly name: string },
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const key = `${executionId}/${name}`;
    const present = this.#byName.get(key);
    // The name tells the kind of work, and one kind of work has one kind of result.
    if (present) return present as Promise<Result>;
    const controller = new AbortController();
    const siblings = this.#byExecution.get(executionId) ?? new Set();
    this.#byExecution.set(executionId, siblings.add(controller));
    const made = work(controller.signal).finally(() => {
      this.#byName.delete(key);
      siblings.delete(controller);
      if (siblings.size === 0) this.#byExecution.delete(executionId);
    });
    this.#byName.set(key, made);
    return made;
  }

  /** The execution is over; nobody wants what comes of its attempts any more. */
  stop(executionId: string): void {
    for (const controller of this.#byExecution.get(executionId) ?? [])
      controller.abort(new DOMException('the execution is over', 'AbortError'));
  }
}

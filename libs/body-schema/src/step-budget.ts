/** Thrown out of the middle of a check, and caught where the check began. */
export class OutOfStepsError extends Error {
  override readonly name = 'OutOfStepsError';
}

const FEW_NAMES = 1_000;
const STEPS_PER_HASHED_NAME = 8;

/**
 * What a check may still cost. The schemas were counted when they were published, but only the body says how often each is
 * looked at and how long its texts are: this is what ends a check, whatever both are.
 */
export class StepBudget {
  #left = 0;

  restart(steps: number): void {
    this.#left = steps;
  }

  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new OutOfStepsError('the check takes too many steps');
  }

  /** For keywords that read all of a text or all names of an object. */
  spendOn(value: unknown): void {
    if (typeof value === 'string') this.spendText(value.length);
    else if (typeof value === 'object' && value !== null) this.#spendNames(Object.keys(value).length);
  }

  /** An object with many names is a hash table, which is slow to list. */
  #spendNames(count: number): void {
    this.spend(count > FEW_NAMES ? count * STEPS_PER_HASHED_NAME : count);
  }

  spendText(length: number): void {
    this.spend(1 + (length >> 4));
  }
}

import { NodeError, type AttemptContext } from '#libs/node-kit';

export interface AttemptCall {
  /** The quota that it takes from. */
  readonly quotaKey: string;
  /** Whether doing it twice does no harm. */
  readonly isRepeatable: boolean;
}

/**
 * The calls of one attempt, one after the other. One of each quota was taken when it began; more of one are counted. What a
 * limit refuses once others were answered is made again with all of the attempt, unless that would do twice what must not be:
 * then it is a failure which `retry` counts.
 */
export class AttemptCalls {
  readonly #begun = new Set<string>();
  #isAnswered = false;
  #mayBeginAnew = true;

  constructor(private readonly spendQuota: AttemptContext['spendQuota']) {}

  /** Rejects as `call` does. */
  async make<Answer>({ quotaKey, isRepeatable }: AttemptCall, call: () => Promise<Answer>): Promise<Answer> {
    try {
      if (this.#begun.has(quotaKey)) this.spendQuota(quotaKey);
      this.#begun.add(quotaKey);
      const answer = await call();
      this.#isAnswered = true;
      this.#mayBeginAnew &&= isRepeatable;
      return answer;
    } catch (error) {
      throw this.#isAnswered ? this.#late(error) : error;
    }
  }

  #late(error: unknown): unknown {
    if (!(error instanceof NodeError) || !error.options.rateLimited) return error;
    const { rateLimited, ...options } = error.options;
    const again = this.#mayBeginAnew ? { rateLimited, afterAnswers: true } : {};
    return new NodeError(error.code, error.message, { ...options, ...again, cause: error });
  }
}

/** As `dns.promises.resolve`: records of a type, TXT as lists of its strings. */
export type DnsResolver = (domain: string, type: string) => Promise<string[][] | string[]>;

export interface Deadline extends Disposable {
  /** Resolves when the time is over; never when it is disposed before. */
  readonly over: Promise<void>;
  readonly isOver: boolean;
  /** The resolver whose questions fail when the time is over, answered or not, and when there were so many. */
  bound(resolver: DnsResolver, questions: number): DnsResolver;
}

/** Of all questions about one message together. */
export function deadlineFrom(timeoutMs: number): Deadline {
  const over = Promise.withResolvers<void>();
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    over.resolve();
  }, timeoutMs);
  const late = over.promise.then(() => Promise.reject(timedOut()));
  late.catch(() => undefined);
  return {
    over: over.promise,
    get isOver() {
      return isOver;
    },
    bound: (resolver, questions) => {
      let left = questions;
      return async (domain, type) =>
        left-- > 0 ? Promise.race([resolver(domain, type), late]) : Promise.reject(timedOut());
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

/** With the code that node's own resolver gives, which the verifiers know. */
function timedOut(): Error {
  return Object.assign(new Error('DNS did not answer in time'), { code: 'ETIMEOUT' });
}

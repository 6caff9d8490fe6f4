import { LRUCache } from 'lru-cache';
import type { Clock } from '#libs/kernel';
import type { DnsResolver } from './dns-deadline.ts';

export interface CachedDnsOptions {
  readonly clock: Clock;
  /** How long an answer holds, default 60 s. Node does not say for how long the domain lets it. */
  readonly holdsMs?: number;
  /** How long it holds that there is no such name or record. Default 30 s. */
  readonly absenceHoldsMs?: number;
  /** Answers that are kept; for one more, the one used longest ago goes. Default 10,000. */
  readonly maxAnswers?: number;
}

type Answer = Awaited<ReturnType<DnsResolver>>;

interface Asked {
  readonly answer: Promise<Answer>;
  /** Infinity until it is there. */
  endsAtMs: number;
}

/** There is none: an answer too. */
const ABSENT: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA']);

/**
 * Asks once for what many messages ask at about the same time: most come from few domains. A failure that is no answer is
 * told to those who wait for it, and is asked for again by the next.
 */
export function cachedDns(resolver: DnsResolver, options: CachedDnsOptions): DnsResolver {
  const { clock, holdsMs = 60_000, absenceHoldsMs = 30_000, maxAnswers = 10_000 } = options;
  const known = new LRUCache<string, Asked>({ max: maxAnswers });
  return (domain, type) => {
    const key = `${type} ${domain.toLowerCase()}`;
    const found = known.get(key);
    if (found && found.endsAtMs > clock.nowMs()) return found.answer;
    const asked: Asked = { answer: resolver(domain, type), endsAtMs: Infinity };
    known.set(key, asked);
    asked.answer.then(
      () => (asked.endsAtMs = clock.nowMs() + holdsMs),
      (error: unknown) => {
        if (isAbsence(error)) asked.endsAtMs = clock.nowMs() + absenceHoldsMs;
        else if (known.peek(key) === asked) known.delete(key);
      },
    );
    return asked.answer;
  };
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ABSENT.has(error.code);
}

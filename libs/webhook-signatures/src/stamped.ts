import { isWithin, secondsIn } from './call-headers.ts';
import type { Refusal, Verifier } from './types.ts';

/** What a scheme reads out of a call: the time at which it was signed, as it is written, and whether it is signed. */
export interface Stamped {
  readonly timestamp: string;
  readonly isSigned: () => boolean;
}

/** The time of the signature is part of what is signed: an old call that somebody kept is refused though its signature is right. */
export function stampedVerifier(
  toleranceSeconds: number,
  read: (call: Parameters<Verifier>[0]) => Stamped | Refusal,
): Verifier {
  return (call, nowMs) => {
    const stamped = read(call);
    if (typeof stamped === 'string') return stamped;
    const seconds = secondsIn(stamped.timestamp);
    if (seconds === undefined) return 'malformed';
    // First: whoever can't sign learns nothing about our clock.
    if (!stamped.isSigned()) return 'mismatch';
    return isWithin(toleranceSeconds, seconds, nowMs) ? undefined : 'expired';
  };
}

import type { FailureKind, FailureReason } from '../bounce-report.ts';

/**
 * Words that tell a reason. Patterns are held against plain text (`plainText`): lower case, no addresses, single spaces.
 * Each gap has a small bound, those inside of another as well, so that time grows with the length of the text.
 */
export interface TextRule {
  readonly name: string;
  readonly reason: FailureReason;
  /** Where it says more than the reason does. */
  readonly kind?: FailureKind;
  readonly pattern: RegExp;
}

/** A table of one reason: rules are named `<reason>.<key>`. */
export function rulesOf(
  reason: FailureReason,
  patterns: Readonly<Record<string, RegExp>>,
  failureKind?: FailureKind,
): readonly TextRule[] {
  return Object.entries(patterns).map(([key, pattern]) => ({
    name: `${reason}.${key}`,
    reason,
    pattern,
    ...(failureKind === undefined ? {} : { kind: failureKind }),
  }));
}

export function firstMatch(rules: readonly TextRule[], text: string): TextRule | undefined {
  return text === '' ? undefined : rules.find(({ pattern }) => pattern.test(text));
}

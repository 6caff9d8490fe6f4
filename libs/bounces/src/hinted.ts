import type { FailedRecipient, FailureKind } from './bounce-report.ts';
import { keyOf } from './mail-address.ts';

/** From what harms an address least. */
const MILDEST_FIRST: readonly FailureKind[] = ['delayed', 'policy', 'soft', 'mailboxFull', 'complaint', 'hard'];

/**
 * What a notice says of the one that it can only be about: at most one, all of them without a hint. `others` are those that
 * it names besides, as far as it says how: reached, or nothing clear.
 *
 * Behind an alias or a forwarding it names an address that nobody here has sent to. When it names no other, that one stands
 * for the hinted one; of several nobody can tell which does, and the mildest is given as it is, under its own address.
 */
export function aboutHinted(
  recipients: readonly FailedRecipient[],
  others: readonly (string | undefined)[],
  hint: string | undefined,
): readonly FailedRecipient[] {
  const [first] = recipients;
  if (hint === undefined || first === undefined) return recipients;
  const isHint = (address: string | undefined): boolean => address !== undefined && keyOf(address) === keyOf(hint);
  const own = recipients.filter(({ address }) => isHint(address));
  if (own.length > 0) return own;
  if (others.some(isHint)) return [];
  return recipients.length === 1 && !names(others, first)
    ? [{ ...first, address: hint }]
    : [mildestOf(recipients, first)];
}

/** Whether there is another one among them. */
function names(others: readonly (string | undefined)[], { address }: FailedRecipient): boolean {
  return others.some((other) => other === undefined || address === undefined || keyOf(other) !== keyOf(address));
}

function mildestOf(recipients: readonly FailedRecipient[], first: FailedRecipient): FailedRecipient {
  const rankOf = ({ kind }: FailedRecipient): number => MILDEST_FIRST.indexOf(kind);
  return recipients.reduce((mildest, one) => (rankOf(one) < rankOf(mildest) ? one : mildest), first);
}

import type { Address } from 'postal-mime';
import { MAIL_LIMITS } from './limits.ts';
import { withoutNul } from './plain-text.ts';
import type { MailAddress } from './types.ts';
import type { Warnings } from './warnings.ts';

/** The mailboxes of a header, those of groups among them. */
export function mailboxesOf(addresses: readonly Address[] | undefined, warnings: Warnings): MailAddress[] {
  const all = (addresses ?? []).flatMap((one) => one.group ?? [one]).flatMap(mailboxOf);
  if (all.length > MAIL_LIMITS.addresses) {
    warnings.add(`more than ${MAIL_LIMITS.addresses} addresses in one header: the rest is left out`);
  }
  return all.slice(0, MAIL_LIMITS.addresses);
}

export function mailboxIn(address: Address | undefined, warnings: Warnings): MailAddress | undefined {
  return mailboxesOf(address ? [address] : [], warnings)[0];
}

function mailboxOf({ address, name }: { address?: string | undefined; name: string }): MailAddress[] {
  const at = withoutNul(address ?? '').trim();
  if (at === '') return [];
  const called = withoutNul(name).trim();
  return [called === '' ? { address: at } : { address: at, name: called }];
}

import { areHostsWithin, oauth2Data } from '#libs/credential-types';
import type { OpenedCredential } from '#libs/execution-runtime';
import { hostsOf, isSameClient, type Tokens } from './oauth-settings.ts';

interface Change {
  /** As they were, and as they are to be. */
  readonly hosts: readonly string[];
  readonly newHosts: readonly string[];
}

/**
 * Whether the credential may go nowhere where it might not go before. Hosts of an account are those of its provider where none
 * are given, so that giving some there is no narrowing by itself.
 */
export function staysWithin(before: OpenedCredential, { hosts, newHosts }: Change): boolean {
  if (before.kind !== 'found' || before.credential.type !== 'oauth2') return areHostsWithin(newHosts, hosts);
  const { data } = before.credential;
  return areHostsWithin(hostsOf({ data, allowedHosts: newHosts }), hostsOf({ data, allowedHosts: hosts }));
}

/**
 * Tokens of an account that is connected stay while the client is the same, whatever its secret, and while they can go
 * nowhere else: the data of a client is no proof that somebody knows them.
 */
export function tokensThatStay(before: OpenedCredential, given: unknown, change: Change): Tokens | undefined {
  if (before.kind !== 'found' || before.credential.type !== 'oauth2') return undefined;
  const isSame = isSameClient(before.credential.data, oauth2Data.parse(given));
  return isSame && staysWithin(before, change) ? before.credential.data.tokens : undefined;
}

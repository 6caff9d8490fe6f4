import { CLOSED, MOVED, NO_MAIL, SURELY_UNKNOWN, SUSPENDED, UNKNOWN_HOSTS, UNKNOWN_USERS } from './address-rules.ts';
import { BROKEN_SYSTEMS, EXPIRED, TOO_MUCH, UNREACHABLE } from './delivery-rules.ts';
import { FULL_MAILBOXES, TOO_BIG } from './mailbox-rules.ts';
import {
  BAD_CONTENT,
  INSECURE,
  LISTED_HOSTS,
  NO_RELAY,
  RECIPIENT_FILTERS,
  REFUSED_SENDERS,
  SPAM,
  UNAUTHENTICATED,
  VIRUSES,
} from './policy-rules.ts';
import type { TextRule } from './rule.ts';
import { VAGUE_ADDRESS, VAGUE_POLICY } from './vague-rules.ts';

/**
 * The first that matches counts. What is said of the sender goes before what is said of the recipient, because the words
 * are the same ("unknown", "rejected") and only the former names whom they are about.
 */
export const TELLING_RULES: readonly TextRule[] = [
  ...UNAUTHENTICATED,
  ...REFUSED_SENDERS,
  ...NO_RELAY,
  ...MOVED,
  ...CLOSED,
  ...NO_MAIL,
  ...FULL_MAILBOXES,
  ...SURELY_UNKNOWN,
  ...UNKNOWN_USERS,
  ...UNKNOWN_HOSTS,
  ...SUSPENDED,
  ...VIRUSES,
  ...LISTED_HOSTS,
  ...SPAM,
  ...TOO_MUCH,
  ...TOO_BIG,
  ...RECIPIENT_FILTERS,
  ...BAD_CONTENT,
  ...INSECURE,
  ...UNREACHABLE,
  ...EXPIRED,
];

/** For when neither telling words nor a telling status are there. */
export const VAGUE_RULES: readonly TextRule[] = [...VAGUE_ADDRESS, ...VAGUE_POLICY, ...BROKEN_SYSTEMS];

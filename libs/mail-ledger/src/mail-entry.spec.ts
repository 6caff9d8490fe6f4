import { frozenSamples } from '#libs/event-sourcing/testing';
import { decodeMailEntry, type MailEntryKind } from './mail-entry.ts';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Fails to compile when a kind is added, so that its sample is not forgotten. */
const KINDS: Readonly<Record<MailEntryKind, true>> = {
  sending: true,
  sent: true,
  deferred: true,
  refused: true,
  unsent: true,
  unknown: true,
  suppressed: true,
  bounced: true,
  complained: true,
  unsubscribed: true,
};

frozenSamples('entries of the mail ledger', {
  folder: new URL('./testing/samples/', import.meta.url),
  types: Object.keys(KINDS),
  parse: (stored) => decodeMailEntry(bytes(stored), 1),
});

it('refuses what is no entry', () => {
  expect(() => decodeMailEntry(bytes({ kind: 'sent' }), 7)).toThrow(/message 7 .*\n/);
});

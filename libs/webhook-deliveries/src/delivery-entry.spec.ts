import { frozenSamples } from '#libs/event-sourcing/testing';
import { decodeEntry, type DeliveryEntry } from './delivery-entry.ts';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Fails to compile when an outcome is added, so that its sample is not forgotten. */
const OUTCOMES: Readonly<Record<DeliveryEntry['outcome'], true>> = { refused: true, answered: true };

frozenSamples('entries of the delivery ledger', {
  folder: new URL('./testing/samples/', import.meta.url),
  types: Object.keys(OUTCOMES),
  parse: (stored) => decodeEntry(bytes(stored), 1),
});

import type { OwnPayload } from '#libs/execution-engine';
import type { JsonValue } from '#libs/kernel';
import { recordedOutputOf, type ExecutionRecord } from '#libs/read-models';

/** Payloads that one page shows, in bytes as far as they can be told without writing them; with larger ones it has fewer items. */
export const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/** How many of the records, from the first, a page may show; at least one. */
export function howManyFit(records: readonly ExecutionRecord[]): number {
  let bytes = 0;
  const excess = records.findIndex((record) => (bytes += shownBytesOf(record)) > MAX_PAGE_BYTES);
  return excess < 0 ? records.length : Math.max(excess, 1);
}

/** Of the payloads that the execution's view shows; one that was handed through is shown for each node, and measured once. */
function shownBytesOf(record: ExecutionRecord): number {
  const measured = new Map<OwnPayload, number>();
  const bytesOf = (payload: OwnPayload | undefined): number => {
    if (!payload) return 0;
    const bytes = measured.get(payload) ?? payloadBytes(payload);
    measured.set(payload, bytes);
    return bytes;
  };
  const shown = [...Object.keys(record.nodes), ...(record.endNodes ?? [])];
  return shown.reduce((sum, nodeId) => sum + bytesOf(recordedOutputOf(record, nodeId)), bytesOf(record.input));
}

/** Of a payload, whether it lies in the object store or in the record. */
export function payloadBytes(payload: OwnPayload): number {
  if ('erased' in payload) return 0;
  return 'stored' in payload ? payload.stored.bytes : roughBytes(payload.value);
}

const BYTES_OF_A_SCALAR = 8;

/** Its depth was bounded when it came in. */
function roughBytes(value: JsonValue): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return BYTES_OF_A_SCALAR;
  if (Array.isArray(value)) return value.reduce<number>((sum, one: JsonValue) => sum + roughBytes(one) + 1, 2);
  return Object.entries(value).reduce((sum, [name, one]) => sum + name.length + roughBytes(one), BYTES_OF_A_SCALAR);
}

import type { Summary } from '#libs/audit-log';
import type { JsonObject } from '#libs/kernel';

/** Of `before` and `after` each, as JSON. */
export const MAX_SUMMARY_BYTES = 2 * 1024;
const MAX_TEXT = 256;

/** The summary as it is recorded: long texts end early, and what is still too large is left out, which it then says. */
export function boundedSummary(noted: JsonObject | null | undefined): Summary | undefined {
  if (noted === undefined || noted === null) return undefined;
  const cut = Object.entries(noted).map(([name, value]) => [
    name,
    typeof value === 'string' ? boundedText(value) : value,
  ]);
  const summary = Object.fromEntries(cut) as Summary;
  const bytes = Buffer.byteLength(JSON.stringify(summary));
  return bytes <= MAX_SUMMARY_BYTES ? summary : { omittedBytes: bytes };
}

/** Whole characters: half of one would not survive as UTF-8. */
export function boundedText(text: string): string {
  return text.length <= MAX_TEXT ? text.toWellFormed() : `${text.slice(0, MAX_TEXT).toWellFormed()}…`;
}

import { readdirSync, readFileSync } from 'node:fs';

export interface EventSample {
  /** File name without its end: the event's type, and a dash and what is special about it. */
  readonly name: string;
  readonly stored: unknown;
}

/**
 * One event of each released shape, as logs hold it. Files are added and never edited: they stand for histories that
 * exist, and whatever changes must still read them.
 */
export function eventSamples(): readonly EventSample[] {
  const folder = new URL('./samples/', import.meta.url);
  return readdirSync(folder)
    .sort()
    .map((file) => ({
      name: file.replace(/\.json$/, ''),
      stored: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as unknown,
    }));
}

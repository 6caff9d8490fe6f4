import { readFileSync } from 'node:fs';
import type { JsonValue } from '#libs/kernel';

/** Reads answers and calls that were recorded, from `fixtures/` of a connector whose spec is at `specUrl`, in `src/`. */
export function fixturesOf(specUrl: string): (name: string) => JsonValue {
  return (name) => JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, specUrl), 'utf8')) as JsonValue;
}

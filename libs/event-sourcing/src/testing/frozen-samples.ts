import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

export interface FrozenSamples {
  /**
   * Of JSON files, one a released shape: the event's type, and a dash and what is special about it. Beside it lies a file
   * of the same name and `.digests.json`: the SHA-256 of each, by name, of its JSON without white space. A line is added
   * with its sample, and never changed.
   */
  readonly folder: URL;
  /** All that there are: each needs a sample. */
  readonly types: readonly string[];
  /** As readers of the log do. */
  readonly parse: (stored: unknown) => unknown;
}

/** The suite that stored events of every kind must pass: samples stand for histories that exist. */
export function frozenSamples(what: string, { folder, types, parse }: FrozenSamples): void {
  const samples = readdirSync(folder)
    .sort()
    .map((file) => [file.replace(/\.json$/, ''), readJson(new URL(file, folder))] as const);
  const digests = readJson(new URL(folder.href.replace(/\/$/, '.digests.json')));

  describe(`stored samples of ${what}`, () => {
    it.each(samples)('%s parses to what was written', (_, stored) => {
      expect(parse(stored)).toStrictEqual(stored);
    });

    it('are there for every type', () => {
      expect([...new Set(samples.map(([name]) => name.split('-')[0]))].sort()).toEqual([...types].sort());
    });

    it('are as they were released, all of them', () => {
      expect(Object.fromEntries(samples.map(([name, stored]) => [name, digestOf(stored)]))).toEqual(digests);
    });
  });
}

function readJson(file: URL): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function digestOf(stored: unknown): string {
  return createHash('sha256').update(JSON.stringify(stored)).digest('hex');
}

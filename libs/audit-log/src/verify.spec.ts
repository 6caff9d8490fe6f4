import fc from 'fast-check';
import { createSecretKey, randomBytes } from 'node:crypto';
import { EMPTY_CHAIN, extendChain, rootHexOf } from './chain.ts';
import { signCheckpoint } from './checkpoint.ts';
import type { AuditEntry, AuditFact } from './entry.ts';
import { lineOf } from './hashing.ts';
import { createAuditSigner } from './keys.ts';
import { splitLines } from './lines.ts';
import type { Verdict } from './verdict.ts';
import { verifyAudit, type OpenLines, type VerifyOptions } from './verify.ts';

const signer = createAuditSigner(createSecretKey(randomBytes(32)));
const stranger = createAuditSigner(createSecretKey(randomBytes(32)));
const at = '2026-11-28T10:00:00.000Z';

function fact(place: number): AuditFact {
  const address = '192.0.2.1';
  const call = {
    actor: { type: 'user' as const, id: 'usr_1' },
    address,
    action: 'workflow.activate',
    requestId: `r-${place}`,
  };
  if (place % 3 === 1)
    return { kind: 'ended', of: place - 1, status: 200, target: 'wf_1', after: { name: 'a\u2028b' } };
  return { kind: place % 3 === 0 ? 'begun' : 'read', ...call, target: 'wf_1' };
}

function entriesOf(size: number, from: AuditFact[] = []): readonly AuditEntry[] {
  const facts = [...from, ...Array.from({ length: size - from.length }, (_, place) => fact(place + from.length))];
  return extendChain(EMPTY_CHAIN, facts, at).entries;
}

function exportOf(entries: readonly object[], signed: readonly AuditFact[] | number, by = signer): string[] {
  const facts = typeof signed === 'number' ? Array.from({ length: signed }, (_, place) => fact(place)) : signed;
  const { end } = extendChain(EMPTY_CHAIN, facts, at);
  const root = rootHexOf(end);
  const checkpoint = signCheckpoint({ workspaceId: 'ws_1', size: end.frontier.size, root, at }, by);
  const header = { format: 'millrace.audit.export/v1', workspaceId: 'ws_1', keys: [by.key], checkpoint };
  return [JSON.stringify(header), ...entries.map(lineOf)];
}

/** Through bytes, as a file is read. */
const file = (lines: readonly string[]): OpenLines => {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return () =>
    splitLines(
      (async function* () {
        for (let from = 0; from < bytes.length; from += 700) yield bytes.subarray(from, from + 700);
      })(),
    );
};
const verify = (lines: readonly string[], options?: VerifyOptions): Promise<Verdict> =>
  verifyAudit(file(lines), options);
const found = async (lines: readonly string[], options?: VerifyOptions) => (await verify(lines, options)).problem;

const sizes = fc.integer({ min: 1, max: 40 });
const sizeAndPlace = sizes.chain((size) =>
  fc.record({ size: fc.constant(size), place: fc.integer({ min: 0, max: size - 1 }) }),
);
const changed = (entries: readonly AuditEntry[], place: number, by: object): object[] =>
  entries.map((entry, at) => (at === place ? { ...entry, ...by } : entry));

describe('an export that nobody touched', () => {
  it('is what was signed, whoever names the key', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async (size) => {
        const lines = exportOf(entriesOf(size), size);
        const verdict = await verify(lines);
        expect(verdict).toMatchObject({ problem: null, entries: size, isKeyPinned: false, workspaceId: 'ws_1' });
        const pinned = await verify(lines, { trusted: new Set([signer.key.keyId]) });
        expect(pinned).toMatchObject({ problem: null, isKeyPinned: true });
      }),
      { numRuns: 20 },
    );
  });

  it('may have its fields in any order', async () => {
    const [header = '', ...entries] = exportOf(entriesOf(3), 3);
    const turned = entries.map((line) =>
      JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line) as object).reverse()), null, 1).replaceAll(
        '\n',
        '',
      ),
    );
    expect(await found([header, ...turned])).toBeNull();
  });
});

describe('an export that somebody touched is found, and the first bad entry named:', () => {
  const fields = fc.constantFrom({ kind: 'noted' }, { at: 'later' }, { requestId: 'x' }, { note: 1 }, { target: null });

  it('a changed entry', async () => {
    await fc.assert(
      fc.asyncProperty(sizeAndPlace, fields, async ({ size, place }, by) => {
        const lines = exportOf(changed(entriesOf(size), place, by), size);
        expect(await found(lines)).toMatchObject({ index: place });
      }),
    );
  });

  it('an entry whose place in the chain was changed', async () => {
    await fc.assert(
      fc.asyncProperty(sizeAndPlace, fc.nat(50), async ({ size, place }, other) => {
        const previous = changed(entriesOf(size), place, { previous: 'f'.repeat(64) });
        expect(await found(exportOf(previous, size))).toMatchObject({ code: 'ENTRY_CHANGED', index: place });
        const index = changed(entriesOf(size), place, { index: place + 1 + other });
        expect(await found(exportOf(index, size))).toMatchObject({ index: place });
      }),
    );
  });

  it('a removed entry', async () => {
    await fc.assert(
      fc.asyncProperty(sizeAndPlace, async ({ size, place }) => {
        const code = place === size - 1 ? 'TAIL_CUT' : 'ENTRY_MISSING';
        const lines = exportOf(entriesOf(size).toSpliced(place, 1), size);
        expect(await found(lines)).toMatchObject({ code, index: place });
      }),
    );
  });

  it('a removed entry, those behind it counted anew', async () => {
    await fc.assert(
      fc.asyncProperty(sizeAndPlace, async ({ size, place }) => {
        const entries = entriesOf(size)
          .toSpliced(place, 1)
          .map((entry, index) => ({ ...entry, index }));
        expect(await found(exportOf(entries, size))).toMatchObject({ index: place });
      }),
    );
  });

  it('an inserted entry', async () => {
    await fc.assert(
      fc.asyncProperty(sizeAndPlace, fc.boolean(), async ({ size, place }, isCounted) => {
        const entries = entriesOf(size);
        const copy = { ...entries[place]!, requestId: 'inserted' };
        const inserted = entries
          .toSpliced(place, 0, copy)
          .map((entry, index) => (isCounted ? { ...entry, index } : entry));
        const problem = await found(exportOf(inserted, size));
        // Which of two that both follow the one before is the forged one, only the next can say.
        expect([place, place + 1]).toContain(problem?.index);
        expect(problem).not.toBeNull();
      }),
    );
  });

  it('two entries that changed places', async () => {
    await fc.assert(
      fc.asyncProperty(sizeAndPlace, fc.nat(39), async ({ size, place }, to) => {
        fc.pre(to < size && to !== place);
        const entries = [...entriesOf(size)];
        [entries[place], entries[to]] = [entries[to]!, entries[place]!];
        expect(await found(exportOf(entries, size))).toMatchObject({
          code: 'ENTRY_MISSING',
          index: Math.min(place, to),
        });
      }),
    );
  });

  it('a tail that was cut, or added', async () => {
    await fc.assert(
      fc.asyncProperty(sizeAndPlace, async ({ size, place }) => {
        expect(await found(exportOf(entriesOf(place), size))).toMatchObject({ code: 'TAIL_CUT', index: place });
        const longer = exportOf(entriesOf(size + 1), place);
        expect(await found(longer)).toMatchObject({ code: 'ENTRY_ADDED', index: place });
      }),
    );
  });

  it('a line that is no entry', async () => {
    const lines = exportOf(entriesOf(4), 4);
    expect(await found(lines.with(3, 'no entry'))).toMatchObject({ code: 'ENTRY_UNREADABLE', index: 2 });
    expect(await found(lines.with(4, lines[4]!.slice(0, 20)))).toMatchObject({ code: 'ENTRY_UNREADABLE', index: 3 });
  });
});

describe('what is signed', () => {
  const lines = exportOf(entriesOf(5), 5);
  const header = JSON.parse(lines[0]!) as { checkpoint: object; keys: object[] };
  const withHeader = (by: object): string[] => [JSON.stringify({ ...header, ...by }), ...lines.slice(1)];

  it.each([{ size: 4 }, { root: 'a'.repeat(64) }, { at: 'now' }, { signature: 'AAAA' }])(
    'may not be changed: %j',
    async (by) => {
      const problem = await found(withHeader({ checkpoint: { ...header.checkpoint, ...by } }));
      expect(problem).toMatchObject({ code: 'SIGNATURE_WRONG', index: null });
    },
  );

  it('is signed by the key that it names, and no other', async () => {
    const checkpoint = { ...header.checkpoint, keyId: stranger.key.keyId };
    expect(await found(withHeader({ checkpoint }))).toMatchObject({ code: 'KEY_UNKNOWN' });
    expect(await found(withHeader({ checkpoint, keys: [stranger.key] }))).toMatchObject({ code: 'SIGNATURE_WRONG' });
    const forged = { ...signer.key, publicKey: stranger.key.publicKey };
    expect(await found(withHeader({ keys: [forged] }))).toMatchObject({ code: 'KEY_FORGED' });
    expect(await found(withHeader({ workspaceId: 'ws_2' }))).toMatchObject({ code: 'OTHER_WORKSPACE' });
  });

  it('counts for nothing when the caller names another key', async () => {
    const forged = exportOf(entriesOf(5), 5, stranger);
    expect(await found(forged)).toBeNull();
    expect(await found(forged, { trusted: new Set([signer.key.keyId]) })).toMatchObject({ code: 'KEY_NOT_TRUSTED' });
  });

  it('must be of ours', async () => {
    await expect(verify(['{}'])).rejects.toMatchObject({ code: 'NOT_AUDIT_FILE' });
    await expect(verify([])).rejects.toMatchObject({ code: 'NOT_AUDIT_FILE' });
  });
});

describe('an export held against another one', () => {
  const other = (size: number): OpenLines => file(exportOf(entriesOf(size), size));
  const checkpointOnly = (size: number): OpenLines => file(exportOf([], size).slice(0, 1).map(asProof));
  /** A header that calls itself a proof stands for a checkpoint alone. */
  const asProof = (line: string): string => line.replace('audit.export', 'audit.inclusion');

  it('goes on from the older one', async () => {
    const lines = exportOf(entriesOf(9), 9);
    for (const size of [1, 5, 9]) {
      expect(await found(lines, { other: other(size) })).toBeNull();
      expect(await found(lines, { other: checkpointOnly(size) })).toBeNull();
    }
  });

  it('does not, when its tail was cut and signed anew', async () => {
    const lines = exportOf(entriesOf(6), 6);
    for (const evidence of [other(9), checkpointOnly(9)])
      expect(await found(lines, { other: evidence })).toMatchObject({ code: 'TAIL_CUT', index: 6 });
  });

  it('does not, when it was written and signed anew from some entry on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 5 }), async (place) => {
        const facts = Array.from({ length: 9 }, (_, at) =>
          at === place ? { ...fact(at), requestId: 'new' } : fact(at),
        );
        const lines = exportOf(extendChain(EMPTY_CHAIN, facts, at).entries, facts);
        expect(await found(lines)).toBeNull();
        expect(await found(lines, { other: other(6) })).toMatchObject({ code: 'ENTRY_CHANGED', index: place });
        expect(await found(lines, { other: checkpointOnly(6) })).toMatchObject({
          code: 'HISTORY_REWRITTEN',
          index: null,
        });
      }),
    );
  });

  it('says so when the other one is of no use', async () => {
    const lines = exportOf(entriesOf(3), 3);
    const wrong = { code: 'OTHER_FILE_WRONG' };
    await expect(verify(lines, { other: file(['{}']) })).rejects.toMatchObject(wrong);
    await expect(verify(lines, { other: file(exportOf(entriesOf(1), 2)) })).rejects.toMatchObject(wrong);
    const trusted = new Set([signer.key.keyId]);
    const others = file(exportOf(entriesOf(2), 2, stranger));
    await expect(verify(lines, { other: others, trusted })).rejects.toMatchObject(wrong);
  });
});

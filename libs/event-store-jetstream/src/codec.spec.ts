import * as fc from 'fast-check';
import { z } from 'zod';
import type { Commit, DomainEvent } from '#libs/event-sourcing';
import { InvariantError, type JsonValue } from '#libs/kernel';
import { createCommitCodec, readEnvelope } from './codec.ts';

type Noted = DomainEvent<'Noted', { readonly text: string }>;
const notedSchema: z.ZodType<Noted> = z.object({ type: z.literal('Noted'), data: z.object({ text: z.string() }) });
const codec = createCommitCodec(notedSchema);
const bytesOf = (text: string): Uint8Array => Buffer.from(text);

const text = fc.string({ unit: 'binary' });
const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>;
const commits: fc.Arbitrary<Commit<Noted>> = fc.record(
  {
    id: text,
    aggregateId: text,
    firstVersion: fc.integer({ min: 1 }),
    at: text,
    actor: fc.record({ type: fc.constantFrom('user' as const, 'apiKey' as const), id: text }),
    events: fc.array(fc.record({ type: fc.constant('Noted' as const), data: fc.record({ text }) }), { minLength: 1 }),
    tasks: fc.array(
      fc.record({
        queue: text,
        payload: fc.dictionary(
          text.filter((key) => key !== '__proto__'),
          json,
        ),
      }),
    ),
    timers: fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('arm' as const), id: text, dueAt: text }),
        fc.record({ kind: fc.constant('drop' as const), id: text }),
      ),
    ),
    snapshot: fc.record({ version: fc.nat(), state: json }),
    snapshotSequence: fc.integer({ min: 1 }),
  },
  { requiredKeys: ['id', 'aggregateId', 'firstVersion', 'at', 'events'] },
);
/** What survives JSON. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a commit on the wire', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(commits, fc.nat(), (commit, sequence) => {
        const data = bytesOf(codec.encode(commit));
        expect(asJson(codec.decode(data, sequence))).toEqual(asJson({ ...commit, sequence }));
      }),
    );
  });

  it('comes back in parts for those who need no more', () => {
    fc.assert(
      fc.property(commits, (commit) => {
        const data = bytesOf(codec.encode(commit));
        const { snapshot: _, ...withoutSnapshot } = commit;
        expect(asJson(codec.decodeEvents(data, 7))).toEqual(asJson({ ...withoutSnapshot, sequence: 7 }));
        const { events: __, ...envelope } = withoutSnapshot;
        expect(asJson(readEnvelope(data, 7))).toEqual(asJson(envelope));
      }),
    );
  });

  const valid = codec.encode({ id: 'c', aggregateId: 'a', firstVersion: 1, at: 't', events: [noted('x')] });
  it.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['one line', '{}'],
    ['JSON of something else', '{"hello": 1}\n[]'],
    ['a commit without events', valid.replace(/\n.*/, '\n[]')],
    ['events of another kind', valid.replace('Noted', 'Forgotten')],
    ['an event without its data', valid.replace('"text":"x"', '')],
    ['version 0', valid.replace('"firstVersion":1', '"firstVersion":0')],
    ['bytes that are no text', '\xff\xfe\n\xff'],
  ])('is refused with its sequence when it is %s', (_what, foreign) => {
    expect(valid).not.toBe(foreign);
    expect(() => codec.decode(bytesOf(foreign), 4711)).toThrow(InvariantError);
    expect(() => codec.decode(bytesOf(foreign), 4711)).toThrow(/4711/);
  });
});

function noted(said: string): Noted {
  return { type: 'Noted', data: { text: said } };
}

describe('a codec with upcasters', () => {
  /** As if texts had been called words once. */
  const upcasters = { Noted: [(data: unknown) => ({ text: (data as { words: string }).words })] };
  const current = createCommitCodec(notedSchema, upcasters);
  const commit = { id: 'c', aggregateId: 'a', firstVersion: 1, at: 'now' };

  it('reads what was written before the shape changed, and what is written now, in one history', () => {
    const before = `${JSON.stringify(commit)}\n[{"type":"Noted","data":{"words":"old"}}]`;
    expect(current.decodeEvents(bytesOf(before), 1).events).toEqual([{ type: 'Noted', data: { text: 'old' } }]);
    const written = current.encode({ ...commit, events: [{ type: 'Noted', data: { text: 'new' } }] });
    expect(written).toContain('"shape":2');
    expect(current.decodeEvents(bytesOf(written), 2).events).toEqual([{ type: 'Noted', data: { text: 'new' } }]);
  });

  it('refuses a shape that only a newer version knows', () => {
    const newer = `${JSON.stringify(commit)}\n[{"type":"Noted","shape":3,"data":{"lines":["x"]}}]`;
    expect(() => current.decodeEvents(bytesOf(newer), 7)).toThrow(InvariantError);
  });
});

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { executionEventSchema, type ExecutionEvent, type OwnPayload } from '#libs/execution-engine';
import { eventSamples } from '#libs/execution-engine/testing';
import type { JsonValue } from '#libs/kernel';
import { canonicalJson } from '#libs/workflow-definition';
import {
  commitmentOf,
  digestAfter,
  digestsAfterEach,
  EMPTY_HISTORY,
  erasedEvent,
  type DigestedCommit,
} from './index.ts';

const AT = '2026-11-28T10:00:00.000Z';
const samples = eventSamples().map(({ name, stored }) => ({ name, event: executionEventSchema.parse(stored) }));
const commitOf = (...events: readonly ExecutionEvent[]): DigestedCommit => ({ firstVersion: 1, at: AT, events });
const digestOf = (event: ExecutionEvent): string => digestAfter(EMPTY_HISTORY, commitOf(event));
const events = fc.constantFrom(...samples.map(({ event }) => event));
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

/** As the object store describes what was put into it. */
function storedAs(value: JsonValue): Extract<OwnPayload, { stored: unknown }> {
  const text = JSON.stringify(value);
  const sha256 = createHash('sha256').update(text).digest('base64url');
  return { stored: { object: 'ex_1/1', bytes: Buffer.byteLength(text), sha256 } };
}

/** The event with `change` made of each payload that it carries by value or by reference. */
function withPayloads(event: ExecutionEvent, change: (payload: OwnPayload) => unknown): ExecutionEvent {
  const changed = (one: unknown): unknown => {
    if (typeof one !== 'object' || one === null) return one;
    if (Array.isArray(one)) return one.map(changed);
    if (isPayload(one)) return change(one);
    return Object.fromEntries(Object.entries(one).map(([key, value]) => [key, changed(value)]));
  };
  return changed(event) as ExecutionEvent;
}

function isPayload(one: object): one is OwnPayload {
  const [key, ...others] = Object.keys(one);
  return others.length === 0 && (key === 'value' || key === 'stored' || key === 'erased');
}

describe('the digest of a history', () => {
  it('is of 32 zero bytes before the first event', () => {
    expect(EMPTY_HISTORY).toBe('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
    expect(digestAfter(EMPTY_HISTORY, commitOf())).toBe(EMPTY_HISTORY);
  });

  it('is what its definition says, so that others can verify it', () => {
    const actor = { type: 'user', id: 'usr_1' } as const;
    const event = { type: 'SignalReceived', data: { name: 'go', payload: { value: { b: 1, a: 'ü' } } } } as const;
    const sha256 = (bytes: string | Buffer): Buffer => createHash('sha256').update(bytes).digest();
    const payload = { sha256: sha256('{"b":1,"a":"ü"}').toString('base64url'), bytes: 16 };
    const digested = {
      version: 7,
      type: 'SignalReceived',
      at: AT,
      actor,
      data: { name: 'go', payload: { erased: payload } },
    };
    const expected = sha256(Buffer.concat([Buffer.alloc(32), sha256(canonicalJson(digested))])).toString('base64url');
    expect(digestAfter(EMPTY_HISTORY, { firstVersion: 7, at: AT, actor, events: [event] })).toBe(expected);
  });

  it('does not depend on how events were put together in commits', () => {
    fc.assert(
      fc.property(fc.array(events, { minLength: 1, maxLength: 8 }), fc.nat(8), (history, cut) => {
        const whole = digestAfter(EMPTY_HISTORY, commitOf(...history));
        const head = history.slice(0, cut);
        const tail = { firstVersion: head.length + 1, at: AT, events: history.slice(cut) };
        expect(digestAfter(digestAfter(EMPTY_HISTORY, commitOf(...head)), tail)).toBe(whole);
        expect(digestsAfterEach(EMPTY_HISTORY, commitOf(...history)).at(-1)).toBe(whole);
      }),
    );
  });

  it('is another one for each order of events', () => {
    const [one, other] = [samples[0]!.event, samples[1]!.event];
    expect(digestAfter(EMPTY_HISTORY, commitOf(one, other))).not.toBe(digestAfter(EMPTY_HISTORY, commitOf(other, one)));
  });

  it('knows who caused an event, and when', () => {
    const plain = digestOf(samples[0]!.event);
    const by = (id: string): string =>
      digestAfter(EMPTY_HISTORY, { ...commitOf(samples[0]!.event), actor: { type: 'user', id } });
    const later = digestAfter(EMPTY_HISTORY, { ...commitOf(samples[0]!.event), at: '2026-11-28T10:00:00.001Z' });
    expect(new Set([plain, by('usr_1'), by('usr_2'), later]).size).toBe(4);
  });
});

describe('a payload', () => {
  it('counts the same in its event, in the object store and erased', () => {
    fc.assert(
      fc.property(events, json, (event, value) => {
        const inline = withPayloads(event, () => ({ value }));
        const stored = withPayloads(event, () => storedAs(value));
        const erased = withPayloads(event, () => ({ erased: commitmentOf({ value }) }));
        expect(new Set([digestOf(inline), digestOf(stored), digestOf(erased)]).size).toBe(1);
        expect(erasedEvent(inline)).toEqual(erased);
        expect(erasedEvent(erased)).toEqual(erased);
      }),
    );
  });

  it.each(samples)('of $name stands as its commitment wherever it is', ({ event }) => {
    const texts = new Set<string>();
    const inline = withPayloads(event, () => ({ value: 'one' }));
    if (JSON.stringify(inline) === JSON.stringify(withPayloads(event, () => ({ value: 'other' })))) return;
    for (const value of ['one', 'other']) texts.add(digestOf(withPayloads(event, () => ({ value }))));
    expect(texts.size).toBe(2);
    expect(digestOf(withPayloads(event, () => storedAs('one')))).toBe(digestOf(inline));
  });
});

describe('any change of an event', () => {
  /** All ways to change one leaf of the value, or to leave one field out. */
  function* changesOf(value: unknown): Generator<unknown> {
    if (typeof value !== 'object' || value === null) {
      yield changedLeaf(value);
      return;
    }
    for (const [key, field] of Object.entries(value)) {
      for (const changed of changesOf(field))
        yield Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
      if (!Array.isArray(value)) yield Object.fromEntries(Object.entries(value).filter(([one]) => one !== key));
    }
  }
  const changedLeaf = (value: unknown): unknown =>
    typeof value === 'string' ? `${value}.` : typeof value === 'number' ? value + 1 : !value;
  /** Where a stored payload lies is not part of the history: it may be moved. */
  const isPlaceOnly = (one: unknown, other: unknown): boolean =>
    JSON.stringify(one).replaceAll(/"object":"[^"]*"/g, '') ===
    JSON.stringify(other).replaceAll(/"object":"[^"]*"/g, '');

  it.each(samples)('$name: gives another digest', ({ event }) => {
    for (const changed of changesOf(event)) {
      const parsed = executionEventSchema.safeParse(changed);
      if (!parsed.success || isPlaceOnly(parsed.data, event)) continue;
      expect(digestOf(parsed.data)).not.toBe(digestOf(event));
    }
  });
});

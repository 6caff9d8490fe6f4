import { randomUUID } from 'node:crypto';
import { lastVersionOf, type Commit } from '../commit.ts';
import type { DomainEvent } from '../decider.ts';
import { ConcurrencyConflict, type EventStore } from '../event-store.ts';

type Noted = DomainEvent<'Noted', { readonly text: string }>;

function commitOf(aggregateId: string, firstVersion: number, ...texts: string[]): Commit<Noted> {
  const events = texts.map((text): Noted => ({ type: 'Noted', data: { text } }));
  return { id: randomUUID(), aggregateId, firstVersion, at: '2026-11-23T10:00:00.000Z', events };
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What every EventStore promises; run by each implementation with a store of its own. */
export function eventStoreContract(name: string, openStore: () => Promise<EventStore<Noted>>): void {
  describe(`${name} keeps the event store's contract`, () => {
    const newId = (): string => `ex_${randomUUID()}`;

    it('gives back what was appended, in order and with sequences that rise', async () => {
      const store = await openStore();
      const id = newId();
      const first = commitOf(id, 1, 'a', 'b');
      const sequence = await store.append(first, 0);
      const second = commitOf(id, 3, 'c');
      const next = await store.append(second, sequence);
      expect(next).toBeGreaterThan(sequence);
      expect(await collect(store.readHistory(id))).toEqual([
        { ...first, sequence },
        { ...second, sequence: next },
      ]);
      expect(await store.readLast(id)).toEqual({ ...second, sequence: next });
      expect(lastVersionOf(second)).toBe(3);
    });

    it('knows nothing of a history that was never begun', async () => {
      const store = await openStore();
      expect(await store.readLast(newId())).toBeUndefined();
      expect(await collect(store.readHistory(newId()))).toEqual([]);
    });

    it('refuses a commit that expects an older message, and stores nothing of it', async () => {
      const store = await openStore();
      const id = newId();
      const sequence = await store.append(commitOf(id, 1, 'a'), 0);
      await expect(store.append(commitOf(id, 1, 'again'), 0)).rejects.toBeInstanceOf(ConcurrencyConflict);
      await store.append(commitOf(id, 2, 'b'), sequence);
      await expect(store.append(commitOf(id, 2, 'late'), sequence)).rejects.toBeInstanceOf(ConcurrencyConflict);
      const texts = (await collect(store.readHistory(id))).flatMap((commit) => commit.events.map((e) => e.data.text));
      expect(texts).toEqual(['a', 'b']);
    });

    it('refuses an expectation about a history that does not exist', async () => {
      const store = await openStore();
      await expect(store.append(commitOf(newId(), 1, 'a'), 7)).rejects.toBeInstanceOf(ConcurrencyConflict);
    });

    it('lets exactly one of many concurrent writers win', async () => {
      const store = await openStore();
      const id = newId();
      const tries = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) => store.append(commitOf(id, 1, `writer ${n}`), 0)),
      );
      expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      expect(await collect(store.readHistory(id))).toHaveLength(1);
    });

    it('reads a history from any of its commits on', async () => {
      const store = await openStore();
      const id = newId();
      const first = await store.append(commitOf(id, 1, 'a'), 0);
      const second = await store.append(commitOf(id, 2, 'b'), first);
      await store.append(commitOf(id, 3, 'c'), second);
      const tail = await collect(store.readHistory(id, { fromSequence: second }));
      expect(tail.map((commit) => commit.firstVersion)).toEqual([2, 3]);
    });

    it('keeps histories apart', async () => {
      const store = await openStore();
      const [one, other] = [newId(), newId()];
      await store.append(commitOf(one, 1, 'one'), 0);
      await store.append(commitOf(other, 1, 'other'), 0);
      expect((await store.readLast(one))?.events[0]?.data.text).toBe('one');
    });
  });
}

import fc from 'fast-check';
import { LANES, type Lane, type StartPlace } from '#libs/work-queue-jetstream';
import { StartRota } from './start-rota.ts';

const WEIGHTS = { high: 8, normal: 4, low: 1 };
const ALL = WEIGHTS.high + WEIGHTS.normal + WEIGHTS.low;
const SHARDS = 4;
const ANY_NUMBER = 1_000;

const newRota = <Entry>(): StartRota<Entry> => new StartRota<Entry>({ shards: SHARDS, weights: WEIGHTS });
const lane = fc.constantFrom(...LANES);
const place = fc.record({ lane, shard: fc.nat(SHARDS - 1) });

/** The places of the next turns, each over before the next one. */
function turns(rota: StartRota<unknown>, count: number): StartPlace[] {
  return Array.from({ length: count }, () => {
    const turn = rota.next(1);
    if (!turn) throw new Error('nobody waits');
    rota.done(turn.place);
    return turn.place;
  });
}

function fill(rota: StartRota<number>, places: readonly StartPlace[], each: number): void {
  for (const one of places) for (let entry = 0; entry < each; entry++) rota.add(one, entry);
}

describe('the rota of starts', () => {
  it('gives lanes turns by their weights, as evenly as they allow', () => {
    const rota = newRota<number>();
    fill(
      rota,
      LANES.map((one) => ({ lane: one, shard: 0 })),
      ALL,
    );
    const lanes = turns(rota, ALL).map((one) => one.lane[0]);
    expect(lanes.join('')).toBe('hnhhnhlhnhhnh');
  });

  it('gives all turns to the only lane that somebody waits in, and keeps nothing against it', () => {
    const rota = newRota<number>();
    fill(rota, [{ lane: 'low', shard: 1 }], 50);
    expect(turns(rota, 50).every((one) => one.lane === 'low')).toBe(true);
    fill(
      rota,
      LANES.map((one) => ({ lane: one, shard: 0 })),
      ALL,
    );
    const counts = countsOf(turns(rota, ALL));
    expect(counts).toEqual(WEIGHTS);
  });

  it('serves the shards of a lane in turn, however long their lines are', () => {
    const rota = newRota<number>();
    fill(rota, [{ lane: 'normal', shard: 2 }], 1_000);
    fill(rota, [{ lane: 'normal', shard: 0 }], 2);
    expect(turns(rota, 5).map((one) => one.shard)).toEqual([0, 2, 0, 2, 2]);
  });

  it('lets at most so many of a shard have their turn, and the others past it', () => {
    const rota = newRota<string>();
    const [big, small]: StartPlace[] = [
      { lane: 'high', shard: 0 },
      { lane: 'low', shard: 3 },
    ];
    for (const entry of ['a', 'b', 'c']) rota.add(big!, entry);
    rota.add(small!, 'd');
    const entries = [rota.next(2), rota.next(2), rota.next(2), rota.next(2)].map((turn) => turn?.entry);
    expect(entries).toEqual(['a', 'b', 'd', undefined]);
    rota.done(big!);
    expect(rota.next(2)?.entry).toBe('c');
  });

  it('takes out who leaves, and nobody else', () => {
    const rota = newRota<number>();
    for (let entry = 0; entry < 6; entry++) rota.add({ lane: entry % 2 ? 'high' : 'low', shard: 0 }, entry);
    expect(rota.remove((entry, { lane: its }) => its === 'low' && entry > 0)).toEqual([2, 4]);
    expect(rota.waiting).toBe(4);
    expect(Array.from({ length: 4 }, () => rota.next(ANY_NUMBER)?.entry).toSorted()).toEqual([0, 1, 3, 5]);
  });

  it('has no place for a shard that there is not', () => {
    expect(() => newRota<number>().add({ lane: 'low', shard: SHARDS }, 1)).toThrow(RangeError);
    expect(newRota<number>().waitingAt({ lane: 'low', shard: SHARDS })).toBe(0);
  });

  it('holds the weights over every window in which all lanes have somebody, whatever was before', () => {
    fc.assert(
      fc.property(
        fc.array(place, { maxLength: 60 }),
        fc.nat(40),
        fc.integer({ min: 1, max: 4 }),
        (first, served, rounds) => {
          const rota = newRota<number>();
          first.forEach((one, entry) => rota.add(one, entry));
          turns(rota, Math.min(served, first.length));
          for (const one of LANES) fill(rota, [{ lane: one, shard: 0 }], 4 * ALL + ALL);
          turns(rota, ALL);
          const counts = countsOf(turns(rota, rounds * ALL));
          for (const one of LANES) expect(Math.abs(counts[one] - rounds * WEIGHTS[one])).toBeLessThanOrEqual(2);
        },
      ),
    );
  });

  it('starves nobody: whoever is first in line has a turn after so many others at most', () => {
    fc.assert(
      fc.property(place, fc.array(place, { maxLength: 100 }), (mine, others) => {
        const rota = newRota<string>();
        const waiting = others.filter((one) => one.lane !== mine.lane || one.shard !== mine.shard);
        for (const one of waiting) rota.add(one, 'other');
        rota.add(mine, 'mine');
        const most = Math.ceil(ALL / WEIGHTS[mine.lane]) * SHARDS + LANES.length;
        for (let turn = 1; turn <= most; turn++) {
          const next = rota.next(1);
          if (next?.entry === 'mine') return;
          if (next) rota.done(next.place);
        }
        throw new Error(`no turn among ${most}`);
      }),
    );
  });

  it('loses nobody, keeps the order within a shard, and never has more of a shard in hand than it may', () => {
    const step = fc.oneof(
      place.map((at) => ({ kind: 'add' as const, at })),
      fc.constant({ kind: 'next' as const }),
      fc.constant({ kind: 'done' as const }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 3 }), (steps, perShard) => {
        const rota = newRota<number>();
        const inHand: StartPlace[] = [];
        const last = new Map<string, number>();
        let added = 0;
        let served = 0;
        for (const one of steps) {
          if (one.kind === 'add') rota.add(one.at, added++);
          const over = one.kind === 'done' ? inHand.shift() : undefined;
          if (over) rota.done(over);
          const turn = one.kind === 'next' ? rota.next(perShard) : undefined;
          if (!turn) continue;
          const key = `${turn.place.lane} ${turn.place.shard}`;
          expect(turn.entry).toBeGreaterThan(last.get(key) ?? -1);
          last.set(key, turn.entry);
          inHand.push(turn.place);
          served++;
          expect(
            inHand.filter((at) => at.lane === turn.place.lane && at.shard === turn.place.shard).length,
          ).toBeLessThanOrEqual(perShard);
        }
        expect(rota.waiting).toBe(added - served);
        expect(rota.inHand).toBe(inHand.length);
      }),
    );
  });
});

function countsOf(places: readonly StartPlace[]): Record<Lane, number> {
  const counts = { high: 0, normal: 0, low: 0 };
  for (const one of places) counts[one.lane]++;
  return counts;
}

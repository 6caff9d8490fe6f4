import { MOST_IDS, MOST_ON_THEIR_WAY, SharedLookup } from './shared-lookup.ts';

interface Row {
  readonly id: string;
}

/** Look-ups that end when the test says so. */
function heldLookups() {
  const asked: { ids: readonly string[]; end: PromiseWithResolvers<readonly Row[]> }[] = [];
  const lookup = new SharedLookup<Row>((ids) => {
    const end = Promise.withResolvers<readonly Row[]>();
    asked.push({ ids, end });
    return end.promise;
  });
  const answer = (place: number): void => {
    const one = asked[place];
    one?.end.resolve(one.ids.filter((id) => id !== 'none').map((id) => ({ id })));
  };
  return { lookup, asked, answer };
}

describe('a shared look-up', () => {
  it('begins at once, and what is asked for meanwhile goes together', async () => {
    const { lookup, asked, answer } = heldLookups();
    const rows = ['a', 'b', 'c', 'd', 'none'].map((id) => lookup.get(id));
    expect(asked.map(({ ids }) => ids)).toEqual([['a'], ['b']]);
    answer(0);
    expect(await rows[0]).toEqual({ id: 'a' });
    expect(asked.at(-1)?.ids).toEqual(['c', 'd', 'none']);
    answer(1);
    answer(2);
    expect(await Promise.all(rows)).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }, undefined]);
    expect(asked).toHaveLength(3);
  });

  it('never gives what was read before it was asked for', async () => {
    const { lookup, asked, answer } = heldLookups();
    const first = lookup.get('a');
    const second = lookup.get('a');
    expect(asked.map(({ ids }) => ids)).toEqual([['a'], ['a']]);
    answer(0);
    answer(1);
    expect(await Promise.all([first, second])).toEqual([{ id: 'a' }, { id: 'a' }]);
  });

  it(`is for at most ${MOST_IDS} records`, async () => {
    const { lookup, asked, answer } = heldLookups();
    const total = MOST_ON_THEIR_WAY + MOST_IDS + 1;
    const rows = Array.from({ length: total }, (_, n) => lookup.get(`r${n}`));
    answer(0);
    await rows[0];
    answer(1);
    await rows[1];
    expect(asked.map(({ ids }) => ids.length)).toEqual([1, 1, MOST_IDS, 1]);
    answer(2);
    answer(3);
    expect(await Promise.all(rows)).toHaveLength(total);
  });

  it('that fails fails for those who shared it, and for nobody later', async () => {
    const { lookup, asked, answer } = heldLookups();
    const failing = lookup.get('a');
    asked[0]?.end.reject(new Error('away'));
    await expect(failing).rejects.toThrow('away');
    const fine = lookup.get('a');
    answer(1);
    expect(await fine).toEqual({ id: 'a' });
  });
});

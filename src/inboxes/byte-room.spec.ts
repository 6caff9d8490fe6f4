import fc from 'fast-check';
import { ByteRoom } from './byte-room.ts';

const NEVER = new AbortController().signal;

describe('room for bytes', () => {
  it('is given up to what there is, the rest waits for it in the order of asking', async () => {
    const room = new ByteRoom(10);
    const entered: string[] = [];
    const ask = async (name: string, bytes: number): Promise<Disposable> => {
      const taken = await room.take(bytes, NEVER);
      entered.push(name);
      return taken;
    };
    const [first, second] = await Promise.all([ask('six', 6), ask('four', 4)]);
    const large = ask('more than all', 99);
    const small = ask('one', 1);
    first[Symbol.dispose]();
    await Promise.resolve();
    expect(entered).toEqual(['six', 'four']);
    second[Symbol.dispose]();
    (await large)[Symbol.dispose]();
    (await small)[Symbol.dispose]();
    expect(entered).toEqual(['six', 'four', 'more than all', 'one']);
  });

  it('is not kept for who does not wait any more, nor from those behind', async () => {
    const room = new ByteRoom(10);
    const ended = new AbortController();
    const first = await room.take(5, NEVER);
    const large = room.take(10, ended.signal);
    const small = room.take(5, NEVER);
    ended.abort();
    await expect(large).rejects.toThrow('nobody waits');
    await expect(room.take(1, ended.signal)).rejects.toThrow();
    (await small)[Symbol.dispose]();
    first[Symbol.dispose]();
    (await room.take(10, NEVER))[Symbol.dispose]();
  });

  it('is never given twice, and all get it', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), sizes, async (scheduler, all) => {
        const room = new ByteRoom(20);
        let taken = 0;
        const uses = all.map(async (bytes) => {
          using _place = await room.take(bytes, NEVER);
          taken += Math.min(bytes, 20);
          expect(taken).toBeLessThanOrEqual(20);
          await scheduler.schedule(Promise.resolve());
          taken -= Math.min(bytes, 20);
        });
        await scheduler.waitFor(Promise.all(uses));
      }),
    );
  });
});

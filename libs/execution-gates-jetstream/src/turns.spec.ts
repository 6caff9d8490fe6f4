import { Turns } from './turns.ts';

describe('Turns', () => {
  it('lets one at a time work for a key, in order, and others go on after a failure', async () => {
    const turns = new Turns();
    const done: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = turns.take('key', async () => {
      await gate.promise;
      done.push('first');
      throw new Error('it fails');
    });
    const second = turns.take('key', async () => done.push('second'));
    const third = turns.take('key', async () => done.push('third'));
    await turns.take('other key', async () => done.push('other'));
    expect(done).toEqual(['other']);
    gate.resolve();
    await expect(first).rejects.toThrow('it fails');
    await Promise.all([second, third]);
    expect(done).toEqual(['other', 'first', 'second', 'third']);
  });
});

import { z } from 'zod';
import { driftOf } from './index.ts';

describe('drift of an answer', () => {
  const schema = z.looseObject({
    id: z.number(),
    title: z.string().nullable(),
    labels: z.array(z.looseObject({ name: z.string() })),
  });

  it.each<[unknown, string[]]>([
    [{ id: 1, title: null, labels: [], extra: true }, []],
    [{ title: 'x', labels: [] }, ['id: number, missing']],
    [{ id: '1', title: 5, labels: null }, ['id: number, string', 'title: string, number', 'labels: array, null']],
    [{ id: 1, title: 'x', labels: [{ name: 'a' }, {}] }, ['labels[1].name: string, missing']],
    [null, [': object, null']],
  ])('%j', (answer, told) => {
    expect(driftOf(schema, answer).map(({ path, expected, found }) => `${path}: ${expected}, ${found}`)).toEqual(told);
  });

  it('holds no value, and 20 places at most', () => {
    const answer = { id: 1, title: 'x', labels: Array.from({ length: 50 }, () => ({ name: ['canary'] })) };
    const told = driftOf(schema, answer);
    expect(told).toHaveLength(20);
    expect(JSON.stringify(told)).not.toContain('canary');
  });
});

import { z } from 'zod';
import { MillraceError, type Problem } from '#libs/kernel';
import { createRequestSchemaPipe, line, pathText } from './request-schema.ts';

const pipe = createRequestSchemaPipe();

async function problemsOf(schema: z.ZodType, value: unknown): Promise<readonly Problem[]> {
  try {
    await pipe.transform(value, { type: 'body', schema });
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'INVALID_REQUEST') return error.problems;
    throw error;
  }
  return [];
}

describe('what a route declares', () => {
  const schema = z.strictObject({
    nodes: z.array(z.strictObject({ id: z.string(), config: z.strictObject({ url: z.url() }) })),
    limit: z.coerce.number().int().default(50),
  });

  it('is parsed, with its defaults', async () => {
    expect(await pipe.transform({ nodes: [], limit: '7' }, { type: 'body', schema })).toEqual({ nodes: [], limit: 7 });
    expect(await pipe.transform({ nodes: [] }, { type: 'body', schema })).toEqual({ nodes: [], limit: 50 });
  });

  it('refuses everything that is wrong at once, each with its path', async () => {
    const value = {
      nodes: [
        { id: 'a', config: { url: 'no' } },
        { id: 1, config: { url: 'https://example.com', 'x-y': 1, z: 2 } },
      ],
      admin: true,
    };
    expect((await problemsOf(schema, value)).map(({ path }) => path).toSorted()).toEqual([
      'admin',
      'nodes[0].config.url',
      'nodes[1].config.z',
      'nodes[1].config["x-y"]',
      'nodes[1].id',
    ]);
  });

  it('refuses what is not there', async () => {
    expect(await problemsOf(schema, undefined)).toMatchObject([{ path: '' }]);
    expect(await problemsOf(schema, {})).toEqual([{ path: 'nodes', message: 'is required' }]);
  });
});

describe('a path', () => {
  it.each([
    [[], ''],
    [['nodes', 2, 'config', 'url'], 'nodes[2].config.url'],
    [[0, 'a'], '[0].a'],
    [['headers', 'x-id'], 'headers["x-id"]'],
    [['a b'], '["a b"]'],
    [['$x', '_y'], '$x._y'],
  ])('%j reads %j', (path, text) => {
    expect(pathText(path)).toBe(text);
  });
});

describe('a line of text', () => {
  it('is trimmed, and as long as people count', () => {
    expect(line(1, 3).parse(' ünï ')).toBe('ünï');
    expect(line(1, 3).safeParse('🔑🔑🔑').success).toBe(true);
    expect(line(1, 3).safeParse('🔑🔑🔑🔑').success).toBe(false);
  });
  it.each(['', '  ', 'a\u0000b', 'a\nb', 'a\u009bb', '\ud800'])('is not %j', (text) => {
    expect(line(1, 100).safeParse(text).success).toBe(false);
  });
});

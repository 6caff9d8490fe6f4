import type { JsonObject, Problem } from '#libs/kernel';
import { DEFINITION_LIMITS } from './limits.ts';
import { parseDefinition } from './parse-definition.ts';
import { SAMPLE_NODE_TYPES } from './testing/sample-node-types.ts';

const start = { id: 'start', type: 'start' };
const parse = (input: unknown) => parseDefinition(input, SAMPLE_NODE_TYPES);

function workflow(parts: { nodes?: unknown; connections?: unknown; settings?: unknown; name?: unknown } = {}): unknown {
  return { name: 'Sample', nodes: [start], connections: [], ...parts };
}

function accepted(input: unknown) {
  const parsed = parse(input);
  if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
  return parsed;
}

function problemsOf(input: unknown): readonly Problem[] {
  const parsed = parse(input);
  return parsed.kind === 'refused' ? parsed.problems : [];
}

/** Problems as `path: message`, which reads well in a failed test. */
const toldBy = (input: unknown): string[] => problemsOf(input).map(({ path, message }) => `${path}: ${message}`);

describe('a definition', () => {
  it('gets its defaults', () => {
    const { definition } = accepted({
      name: 'Sample',
      nodes: [start, { id: 'work', type: 'work', config: { url: 'u' }, retry: { maxAttempts: 3 } }],
      connections: [{ from: 'start', to: 'work' }],
    });
    expect(definition).toEqual({
      name: 'Sample',
      nodes: [
        { id: 'start', type: 'start', config: {} },
        {
          id: 'work',
          type: 'work',
          config: { url: 'u' },
          retry: { maxAttempts: 3, backoff: 'exponential', initialMs: 1_000, maxMs: 60_000, jitter: true },
        },
      ],
      connections: [{ from: 'start', to: 'work', output: 'main' }],
      settings: { priority: 'normal' },
    });
  });

  it('keeps what is written', () => {
    const input = {
      name: 'Full',
      nodes: [
        { ...start, config: {} },
        {
          id: 'work',
          type: 'work',
          config: { url: '{{ trigger.body.url }}', count: 2 },
          retry: {
            maxAttempts: 100,
            backoff: 'fixed',
            initialMs: 1,
            maxMs: 1,
            jitter: false,
            retryOn: ['A'],
            dontRetryOn: ['B'],
          },
          timeoutMs: 5,
          onError: 'continue',
          join: 'any',
        },
      ],
      connections: [{ from: 'start', to: 'work', output: 'main' }],
      settings: {
        timeoutMs: 10,
        priority: 'high',
        concurrency: { limit: 1, key: '{{ trigger.body.id }}', onLimit: 'skip' },
      },
    };
    expect(accepted(input).definition).toEqual(input);
  });

  it.each([undefined, null, 'text', 12, [], true])('is not %j', (input) => {
    expect(problemsOf(input).map(({ path }) => path)).toContain('');
  });

  it('is told everything that is wrong with it at once', () => {
    const input = {
      name: 7,
      nodes: [
        { id: '1st', type: 'start' },
        { id: 'work', type: 'wrok', config: {} },
        {
          id: 'work',
          type: 'work',
          config: { url: 5, extra: true, condition: '{{ 1 + }}' },
          retry: { maxAttempts: 0 },
        },
        'not a node',
      ],
      connections: [{ from: '1st', to: 'nowhere' }, { from: '1st', to: 'work', output: 'maybe' }, { to: 'work' }],
      settings: { priority: 'urgent' },
      more: 1,
    };
    expect(
      problemsOf(input)
        .map(({ path }) => path)
        .sort(),
    ).toEqual([
      'connections[0].to',
      'connections[1].output',
      'connections[2].from',
      'more',
      'name',
      'nodes[0].id',
      'nodes[1].type',
      'nodes[2].config.condition',
      'nodes[2].config.extra',
      'nodes[2].config.url',
      'nodes[2].id',
      'nodes[2].retry.maxAttempts',
      'nodes[3]',
      'settings.priority',
    ]);
  });
});

describe('the shape', () => {
  it.each<[string, object, string]>([
    ['a field nobody knows', { x: 1 }, 'nodes[1].x: is not a known field'],
    ['no id', { id: undefined }, 'nodes[1].id: is required'],
    ['no type', { type: undefined }, 'nodes[1].type: is required'],
    ['a config that is a list', { config: [] }, 'nodes[1].config: expected object, received array'],
    ['an unknown onError', { onError: 'ignore' }, 'nodes[1].onError: expected one of "fail"|"continue"|"branch"'],
    ['an unknown join', { join: 'first' }, 'nodes[1].join: expected one of "all"|"any"'],
    ['no time at all', { timeoutMs: 0 }, 'nodes[1].timeoutMs: too small: expected number to be >=1'],
    ['retry without attempts', { retry: {} }, 'nodes[1].retry.maxAttempts: is required'],
    [
      '101 attempts',
      { retry: { maxAttempts: 101 } },
      'nodes[1].retry.maxAttempts: too big: expected number to be <=100',
    ],
    ['half an attempt', { retry: { maxAttempts: 1.5 } }, 'nodes[1].retry.maxAttempts: expected int, received number'],
    [
      'a delay above its cap',
      { retry: { maxAttempts: 2, initialMs: 9, maxMs: 8 } },
      'nodes[1].retry.initialMs: must not be above maxMs (default 60000)',
    ],
  ])('of a node with %s is refused', (_what, fields, told) => {
    expect(toldBy(workflow({ nodes: [start, { id: 'pass', type: 'pass', ...fields }] }))).toContain(told);
  });

  it.each([
    'a',
    'A1',
    'with-dash',
    'with_line',
    'x'.repeat(64),
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
  ])('takes %s as a node id', (id) => {
    const input = workflow({ nodes: [start, { id, type: 'pass' }], connections: [{ from: 'start', to: id }] });
    expect(accepted(input).warnings).toEqual([]);
  });

  it.each(['', '1a', '-a', '_a', 'a b', 'a.b', 'ä', 'x'.repeat(65), '__proto__', 'a\n'])(
    'refuses %j as a node id',
    (id) => {
      expect(problemsOf(workflow({ nodes: [start, { id, type: 'pass' }] }))).toContainEqual({
        path: 'nodes[1].id',
        message: 'must be a letter followed by at most 63 letters, digits, dashes and underscores',
      });
    },
  );

  it.each(['', '   ', 'x'.repeat(201)])('refuses %j as a name', (name) => {
    expect(problemsOf(workflow({ name })).map(({ path }) => path)).toEqual(['name']);
  });

  it('sees keys of an object’s prototype as unknown fields, own as they are', () => {
    const input: unknown = JSON.parse(
      '{"name":"x","nodes":[{"id":"start","type":"start","__proto__":{"polluted":1},"constructor":2}],"__proto__":{}}',
    );
    expect(toldBy(input)).toEqual([
      'nodes[0].__proto__: is not a known field',
      'nodes[0].constructor: is not a known field',
      '__proto__: is not a known field',
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('node ids', () => {
  it('are used once', () => {
    expect(
      toldBy(
        workflow({ nodes: [start, { id: 'a', type: 'pass' }, { id: 'b', type: 'pass' }, { id: 'a', type: 'pass' }] }),
      ),
    ).toEqual(['nodes[3].id: "a" is already the id of nodes[1]']);
  });
});

describe('node types', () => {
  it.each([
    ['wrok', 'there is no node type "wrok"; did you mean "work"?'],
    ['WORK', 'there is no node type "WORK"; did you mean "work"?'],
    ['something.else', 'there is no node type "something.else"'],
    ['constructor', 'there is no node type "constructor"'],
    ['__proto__', 'there is no node type "__proto__"'],
  ])('that are not there are refused: %s', (type, message) => {
    expect(problemsOf(workflow({ nodes: [start, { id: 'a', type }] }))).toEqual([{ path: 'nodes[1].type', message }]);
  });

  it('must hold a trigger', () => {
    expect(toldBy(workflow({ nodes: [] }))).toEqual(['nodes: needs a trigger, or nothing ever starts an execution']);
    expect(toldBy(workflow({ nodes: [{ id: 'a', type: 'pass' }] }))).toHaveLength(1);
    expect(toldBy(workflow({ nodes: [start, { id: 'again', type: 'start' }] }))).toEqual([]);
  });

  it('that are triggers cannot be told what to do on errors', () => {
    expect(toldBy(workflow({ nodes: [{ ...start, onError: 'branch' }] }))).toEqual([
      'nodes[0].onError: a trigger does not fail, so "branch" says nothing',
    ]);
    expect(toldBy(workflow({ nodes: [{ ...start, onError: 'fail' }] }))).toEqual([]);
  });

  it('that make no attempts get a warning for what only attempts have', () => {
    const nodes = [
      { ...start, join: 'any' },
      { id: 'pass', type: 'pass', retry: { maxAttempts: 2 }, timeoutMs: 5 },
    ];
    const { warnings } = accepted(workflow({ nodes, connections: [{ from: 'start', to: 'pass' }] }));
    expect(warnings.map(({ path }) => path)).toEqual(['nodes[0].join', 'nodes[1].retry', 'nodes[1].timeoutMs']);
  });
});

describe('limits', () => {
  const chain = (length: number) => {
    const nodes = [start, ...Array.from({ length: length - 1 }, (_, index) => ({ id: `n${index}`, type: 'pass' }))];
    const connections = nodes.slice(1).map(({ id }, index) => ({ from: nodes[index]!.id, to: id }));
    return { nodes, connections };
  };
  const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
  const ofBytes = (bytes: number) => {
    const empty = workflow({ nodes: [{ ...start, config: { text: '' } }] });
    return workflow({
      nodes: [{ ...start, config: { text: 'ä'.repeat(20) + 'x'.repeat(bytes - 40 - JSON.stringify(empty).length) } }],
    });
  };

  it('let 2,000 nodes pass and stop 2,001', () => {
    expect(accepted(workflow(chain(DEFINITION_LIMITS.nodes))).definition.nodes).toHaveLength(2_000);
    expect(toldBy(workflow(chain(DEFINITION_LIMITS.nodes + 1)))).toEqual([
      'nodes: has 2001 entries, and at most 2000 are allowed',
    ]);
  });

  it('let 5,000 connections pass and stop 5,001', () => {
    const { nodes } = chain(110);
    const pairs = nodes.flatMap((from, index) => nodes.slice(index + 1).map((to) => ({ from: from.id, to: to.id })));
    expect(accepted(workflow({ nodes, connections: pairs.slice(0, 5_000) })).definition.connections).toHaveLength(
      5_000,
    );
    expect(toldBy(workflow({ nodes, connections: pairs.slice(0, 5_001) }))).toEqual([
      'connections: has 5001 entries, and at most 5000 are allowed',
    ]);
  });

  it('let 1 MiB of JSON pass and stop one byte more, counted in UTF-8', () => {
    expect(toldBy(ofBytes(DEFINITION_LIMITS.bytes))).toEqual([]);
    expect(toldBy(ofBytes(DEFINITION_LIMITS.bytes + 1))).toEqual([': is larger than 1048576 bytes of JSON']);
  });

  it('let 64 levels pass and stop 65', () => {
    const deep = (depth: number) =>
      workflow({ nodes: [{ ...start, config: { text: nested(depth - 4) as JsonObject } }] });
    expect(toldBy(deep(64))).toEqual([]);
    expect(toldBy(deep(65))).toEqual([': nests deeper than 64 levels']);
    expect(toldBy(nested(100_000))).toEqual([': nests deeper than 64 levels']);
  });

  it('list a thousand problems and count the rest', () => {
    const fields = Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`x${index}`, 1]));
    const problems = problemsOf({ ...(workflow() as object), ...fields });
    expect(problems).toHaveLength(DEFINITION_LIMITS.problems + 1);
    expect(problems.at(-1)).toEqual({ path: '', message: 'has 500 more problems, not listed' });
  });
});

describe('versions of node types', () => {
  it('that are not there are told with those that are', () => {
    const nodes = [
      start,
      { id: 'a', type: 'work@7', config: { url: 'u' } },
      { id: 'b', type: 'each', config: { do: { type: 'send@4' } } },
    ];
    expect(toldBy(workflow({ nodes }))).toEqual([
      'nodes[1].type: there is no version 7 of "work", only 1',
      'nodes[2].config.do.type: there is no version 4 of "send", only 1, 2, 3',
    ]);
  });

  const warningsOf = (...nodes: readonly object[]) =>
    accepted(
      workflow({
        nodes: [start, ...nodes.map((node, index) => ({ id: `n${index}`, ...node }))],
        connections: nodes.map((_, index) => ({ from: 'start', to: `n${index}` })),
      }),
    ).warnings;

  it('that are deprecated are a warning, and no problem', () => {
    expect(warningsOf({ type: 'send', config: { to: 'ann' } })).toEqual([
      { path: 'nodes[1].type', message: '"send" is deprecated: it reaches one only; "send@2" takes its place' },
    ]);
  });

  it('that are deprecated are a warning within a loop too', () => {
    expect(warningsOf({ type: 'each', config: { do: { type: 'send@2', config: { to: ['ann'] } } } })).toEqual([
      {
        path: 'nodes[1].config.do.type',
        message: '"send@2" is deprecated: its answer is cut; "send@3" takes its place',
      },
    ]);
  });

  it('that are the newest are none', () => {
    expect(
      warningsOf({ type: 'send@3', config: { to: [] } }, { type: 'each', config: { do: { type: 'pass' } } }),
    ).toEqual([]);
  });
});

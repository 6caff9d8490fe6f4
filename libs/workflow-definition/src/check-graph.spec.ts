import { parseDefinition } from './parse-definition.ts';
import { SAMPLE_NODE_TYPES } from './testing/sample-node-types.ts';

type Node =
  string | { readonly id: string; readonly type?: string; readonly config?: object; readonly onError?: string };

/** `start` and the nodes given, of type `pass` unless said; connections as `from>to` or `from:output>to`. */
function parse(nodes: readonly Node[], connections: readonly string[], settings?: object) {
  const input = {
    name: 'x',
    nodes: [
      { id: 'start', type: 'start' },
      ...nodes.map((node) => ({ type: 'pass', ...(typeof node === 'string' ? { id: node } : node) })),
    ],
    connections: connections.map(connectionOf),
    ...(settings && { settings }),
  };
  return parseDefinition(input, SAMPLE_NODE_TYPES);
}

function connectionOf(text: string): object {
  const [, from, output, to] = /^([^:>]*)(?::([^>]*))?>(.*)$/.exec(text)!;
  return { from, to, ...(output !== undefined && { output }) };
}

function toldBy(...parts: Parameters<typeof parse>): string[] {
  const parsed = parse(...parts);
  return parsed.kind === 'accepted' ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('connections', () => {
  it('join nodes that are there', () => {
    expect(toldBy(['one', 'two'], ['start>one', 'one>two'])).toEqual([]);
    expect(toldBy(['one'], ['start>one', 'oen>one', 'one>onee', 'one>constructor'])).toEqual([
      'connections[1].from: there is no node "oen"; did you mean "one"?',
      'connections[2].to: there is no node "onee"; did you mean "one"?',
      'connections[3].to: there is no node "constructor"',
    ]);
  });

  it('leave by an output that the node has', () => {
    const choose = { id: 'choose', type: 'choose', config: { condition: true } };
    expect(toldBy([choose, 'a'], ['start>choose', 'choose:yes>a', 'choose:no>a'])).toEqual([]);
    expect(toldBy([choose, 'a'], ['start>choose', 'choose>a', 'choose:toString>a'])).toEqual([
      'connections[1].output: "choose" has no output "main"; it has "yes", "no"',
      'connections[2].output: "choose" has no output "toString"; it has "yes", "no"',
    ]);
  });

  it('leave by "error" only where errors branch off', () => {
    const branching = { id: 'a', onError: 'branch' };
    expect(toldBy([branching, 'b'], ['start>a', 'a:error>b', 'a>b'])).toEqual([]);
    expect(toldBy(['a', 'b'], ['start>a', 'a:error>b'])).toEqual([
      'connections[1].output: "a" has the output "error" only with onError "branch"',
    ]);
    expect(toldBy([{ id: 'a', onError: 'continue' }, 'b'], ['start>a', 'a:error>b'])).toHaveLength(1);
  });

  it('leave a condition by "main" only where its failure goes on', () => {
    const choose = { id: 'choose', type: 'choose', config: { condition: true } };
    const connections = ['start>choose', 'choose:yes>a', 'choose>a'];
    expect(toldBy([{ ...choose, onError: 'continue' }, 'a'], connections)).toEqual([]);
    expect(toldBy([choose, 'a'], connections)).toHaveLength(1);
  });

  it.each([
    ['continue', ['choose:yes>a'], ['nodes[1].onError: a failure leaves by "main", and no connection does']],
    ['branch', ['choose:yes>a'], ['nodes[1].onError: a failure leaves by "error", and no connection does']],
    ['branch', ['choose:yes>a', 'choose:error>a'], []],
    ['branch', [], []],
    ['fail', ['choose:yes>a'], []],
  ])('that no failure leaves by are a warning: %s with %j', (onError, connections, told) => {
    const choose = { id: 'choose', type: 'choose', config: { condition: true }, onError };
    const parsed = parse([choose, 'a'], ['start>choose', 'start>a', ...connections]);
    expect(parsed.kind === 'accepted' && parsed.warnings.map(({ path, message }) => `${path}: ${message}`)).toEqual(
      told,
    );
  });

  it('do not lead to a trigger', () => {
    expect(toldBy(['a'], ['start>a', 'a>start'])).toContain(
      'connections[1].to: "start" is a trigger, and nothing can lead to one',
    );
    expect(toldBy(['a', { id: 'other', type: 'start' }], ['start>a', 'other>a'])).toEqual([]);
    expect(toldBy([{ id: 'other', type: 'start' }], ['start>other'])).toHaveLength(1);
  });

  it('are there once', () => {
    const choose = { id: 'choose', type: 'choose', config: { condition: true } };
    expect(toldBy([choose, 'a'], ['start>choose', 'choose:yes>a', 'choose:no>a'])).toEqual([]);
    expect(toldBy(['a'], ['start>a', 'start>a'])).toEqual(['connections[1]: is the same as connections[0]']);
    expect(toldBy(['a'], ['start>a', 'start:main>a'])).toEqual(['connections[1]: is the same as connections[0]']);
  });

  it('do not lead from a node to itself', () => {
    expect(toldBy(['a'], ['start>a', 'a>a'])).toEqual(['connections[1]: connects node "a" to itself']);
  });
});

describe('cycles', () => {
  it('are told by their ids in order, at the connection that closes them', () => {
    expect(toldBy(['a', 'b', 'c'], ['start>a', 'a>b', 'b>c', 'c>a'])).toEqual([
      'connections[3]: closes a cycle, and a graph must have none: a → b → c → a',
    ]);
  });

  it('are each told, when they do not touch', () => {
    expect(toldBy(['a', 'b', 'c', 'd'], ['start>a', 'a>b', 'b>a', 'b>c', 'c>d', 'd>c'])).toEqual([
      'connections[2]: closes a cycle, and a graph must have none: a → b → a',
      'connections[5]: closes a cycle, and a graph must have none: c → d → c',
    ]);
  });

  it('are the shortest of a tangle, without the nodes that only lead there or away', () => {
    expect(toldBy(['a', 'b', 'c', 'd', 'e'], ['start>a', 'a>b', 'b>c', 'c>d', 'd>b', 'c>b', 'd>e'])).toEqual([
      'connections[5]: closes a cycle, and a graph must have none: b → c → b',
    ]);
  });

  it('are none where paths only meet again', () => {
    expect(toldBy(['a', 'b', 'c'], ['start>a', 'start>b', 'a>c', 'b>c', 'start>c'])).toEqual([]);
  });
});

describe('nodes that nothing leads to', () => {
  it('are a warning', () => {
    const parsed = parse(['a', 'lost', 'after'], ['start>a', 'lost>after', 'after>a']);
    expect(parsed).toMatchObject({
      kind: 'accepted',
      warnings: [
        { path: 'nodes[2]', message: 'no trigger leads to "lost", so it never runs' },
        { path: 'nodes[3]', message: 'no trigger leads to "after", so it never runs' },
      ],
    });
  });
});

describe('references', () => {
  const reads = (id: string, text: string): Node => ({ id, config: { value: { deep: ['plain', text] } } });

  it('read nodes that are before, near or far', () => {
    expect(
      toldBy(
        ['a', 'b', reads('c', '{{ nodes.a.output }} {{ nodes["b"].output.x }} {{ nodes.start.output }}')],
        ['start>a', 'a>b', 'b>c'],
      ),
    ).toEqual([]);
  });

  it.each([
    [
      'after',
      'nodes.after.output',
      'reads nodes.after, which is not before this node: no connection leads from there to here',
    ],
    [
      'beside',
      'nodes.beside.output',
      'reads nodes.beside, which is not before this node: no connection leads from there to here',
    ],
    ['itself', 'nodes.node.output', 'a node cannot read its own output, nodes.node'],
    ['nowhere', 'nodes.befoer.output', 'reads nodes.befoer, and there is no such node; did you mean "before"?'],
    ['in the prototype', 'nodes.constructor.output', 'reads nodes.constructor, and there is no such node'],
  ])('do not read what is %s', (_where, expression, message) => {
    const nodes = ['before', 'beside', reads('node', `{{ ${expression} }}`), 'after'];
    expect(toldBy(nodes, ['start>before', 'start>beside', 'before>node', 'node>after'])).toEqual([
      `nodes[3].config.value.deep[1]: ${message}`,
    ]);
  });

  it('are told once for every string that makes them', () => {
    const node = {
      id: 'node',
      config: { value: ['{{ nodes.x.output }}', '{{ nodes.x.output + nodes.x.output }}', '{{ nodes.y.output }}'] },
    };
    expect(toldBy([node], ['start>node']).map((told) => told.split(',')[0])).toEqual([
      'nodes[1].config.value[0]: reads nodes.x',
      'nodes[1].config.value[1]: reads nodes.x',
      'nodes[1].config.value[2]: reads nodes.y',
    ]);
  });

  it('in the concurrency key are to the trigger alone', () => {
    const settings = (key: string) => ({ concurrency: { limit: 1, key } });
    expect(toldBy([], [], settings('{{ trigger.body.id }}'))).toEqual([]);
    expect(toldBy(['a'], ['start>a'], settings('{{ nodes.a.output }}'))).toEqual([
      'settings.concurrency.key: reads nodes.a, but is evaluated before any node ran; it may read trigger',
    ]);
    expect(toldBy([], [], settings('{{ trigger. }}'))).toEqual([
      expect.stringMatching(/^settings\.concurrency\.key: expression at offset \d+/),
    ]);
  });
});

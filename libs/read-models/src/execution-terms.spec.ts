import type { JsonValue } from '#libs/kernel';
import { MAX_TEXT_LENGTH, MAX_WORDS, termsAskedFor, termsOf, type TermSearch } from './execution-terms.ts';
import type { ExecutionRecord } from './execution-record.ts';
import { ShelfTerms } from './terms.ts';

const at = '2026-11-23T10:00:00.000Z';
const done = { status: 'succeeded', attempts: 1, startedAt: at, finishedAt: at } as const;

function recordWith(changes: Partial<ExecutionRecord> & { readonly body?: JsonValue }): ExecutionRecord {
  const { body = null, ...rest } = changes;
  return {
    id: 'ex_1',
    workspaceId: 'ws_1',
    workflowId: 'wf_1',
    workflowVersion: 1,
    status: 'succeeded',
    trigger: { type: 'trigger.manual', nodeId: 'start' },
    input: { value: { body } },
    nodes: { start: { ...done, output: { sameAs: 'start' } } },
    createdAt: at,
    version: 1,
    ...rest,
  };
}

const isFound = (record: ExecutionRecord, search: Partial<TermSearch>): boolean => {
  const terms = new Set(termsOf(record, 's/1'));
  const asked = termsAskedFor({ workspaceId: 'ws_1', ...search })?.('s/1');
  return asked !== undefined && asked.every((term) => terms.has(term));
};

describe('an execution is found', () => {
  it('by the words of its input: texts and numbers, not the names of fields', () => {
    const record = recordWith({ body: { orderId: 'A-17', lines: [{ price: 75.25, gift: true, note: null }] } });
    for (const q of ['a-17', '17', '75.25', 'A-17 75.25']) expect(isFound(record, { q })).toBe(true);
    for (const q of ['orderId', 'lines', 'true', 'null', 'a-18', 'A-17 other', '75'])
      expect(isFound(record, { q })).toBe(false);
  });

  it('by the words of its output, also of what was handed through', () => {
    const nodes = {
      start: { ...done, output: { sameAs: 'start' } },
      a: { ...done, output: { value: { text: 'delivered' } } },
      b: { ...done, output: { sameAs: 'a' } },
    };
    expect(isFound(recordWith({ nodes, endNodes: ['b'] }), { q: 'delivered' })).toBe(true);
    expect(isFound(recordWith({ nodes, endNodes: ['start'] }), { q: 'delivered' })).toBe(false);
    expect(isFound(recordWith({ nodes }), { q: 'delivered' })).toBe(false);
  });

  it('by the words of its error', () => {
    const error = {
      code: 'HTTP_STATUS',
      message: 'answered 503',
      details: { url: 'https://x.test/a' },
      nodeId: 'n',
      attempt: 1,
    };
    const record = recordWith({ status: 'failed', error });
    for (const q of ['HTTP_STATUS', 'http status', '503', 'x.test']) expect(isFound(record, { q })).toBe(true);
  });

  it('by the nodes that took part', () => {
    const record = recordWith({ nodes: { start: done, a: done, b: { status: 'skipped', attempts: 0 } }, body: 'word' });
    expect(isFound(record, { nodeId: 'a' })).toBe(true);
    expect(isFound(record, { nodeId: 'b' })).toBe(false);
    expect(isFound(record, { nodeId: 'word' })).toBe(false);
    expect(isFound(record, { q: 'start' })).toBe(false);
    expect(isFound(record, { nodeId: 'a', q: 'word' })).toBe(true);
    expect(isFound(record, { nodeId: 'b', q: 'word' })).toBe(false);
  });

  it('by its workflow, trigger and status', () => {
    const record = recordWith({});
    expect(isFound(record, { workflowId: 'wf_1', triggerType: 'trigger.manual', status: 'succeeded' })).toBe(true);
    for (const other of [{ workflowId: 'wf_2' }, { triggerType: 'trigger.webhook' }, { status: 'failed' }])
      expect(isFound(record, other)).toBe(false);
  });

  it('on its shelf', () => {
    const terms = termsOf(recordWith({ body: 'word' }), 's/1');
    expect(terms).toEqual(expect.arrayContaining(termsAskedFor({ workspaceId: 'ws_1', q: 'word' })?.('s/1') ?? []));
    expect(terms).not.toEqual(expect.arrayContaining(termsAskedFor({ workspaceId: 'ws_1', q: 'word' })?.('s/2') ?? []));
  });

  it('within its workspace', () => {
    expect(isFound(recordWith({ body: 'word' }), { workspaceId: 'ws_2', q: 'word' })).toBe(false);
  });

  it('not by a payload that lies elsewhere', () => {
    const stored = { object: 'word', bytes: 70_000, sha256: 'word' };
    expect(isFound(recordWith({ input: { stored } }), { q: 'word' })).toBe(false);
  });

  it('not by a search without a word', () => {
    expect(termsAskedFor({ workspaceId: 'ws_1', q: '%' })).toBeUndefined();
    expect(termsAskedFor({ workspaceId: 'ws_1', nodeId: 'a', q: '""' })).toBeUndefined();
  });

  it('by so many words and no more', () => {
    const body = Array.from({ length: MAX_WORDS + 1 }, (_, index) => `w${index}`);
    expect(isFound(recordWith({ body }), { q: `w${MAX_WORDS - 1}` })).toBe(true);
    expect(isFound(recordWith({ body }), { q: `w${MAX_WORDS}` })).toBe(false);
  });

  it('by so much text and no more', () => {
    const padding = ' '.repeat(MAX_TEXT_LENGTH - 'last'.length);
    expect(isFound(recordWith({ body: [padding, 'last'] }), { q: 'last' })).toBe(true);
    expect(isFound(recordWith({ body: [`${padding} `, 'last'] }), { q: 'last' })).toBe(false);
  });
});

describe('terms', () => {
  it('stay what they are: they are stored', () => {
    expect(new ShelfTerms('ws_1', 'EXECUTIONS_0/1').of('word', 'a-17')).toMatchInlineSnapshot(`8048111561807354`);
    expect(new ShelfTerms('ws_1', 'EXECUTIONS_0/1').of('node', 'a-17')).toMatchInlineSnapshot(`5600861057510220`);
  });

  it('are whole numbers that JSON carries exactly, and are not the same for others', () => {
    const terms = Array.from({ length: 100_000 }, (_, index) =>
      new ShelfTerms(`ws_${index % 10}`, 's/1').of('word', `a-${index}`),
    );
    expect(terms.every((term) => Number.isSafeInteger(term) && term >= 0)).toBe(true);
    expect(new Set(terms).size).toBe(terms.length);
  });
});

import fc from 'fast-check';
import type { JsonObject } from '#libs/kernel';
import type { Plan, RetryPolicy, WorkflowSettings } from '#libs/workflow-definition';
import { planOf, type DrawnNode } from './plans.ts';
import { nodeTypesWith } from './work-node.ts';

/** A workflow, and the one that its nodes start. */
export interface WorkflowFamily {
  readonly parent: Plan;
  readonly child: Plan;
}

const PARENT = 'wf_drawn';
const CHILD = 'wf_child';

type Kind = 'work' | 'if' | 'set' | 'merge' | 'delay' | 'signal' | 'loop' | 'loopOfChildren' | 'subworkflow';

interface Recipe {
  readonly kind: Kind;
  readonly join: 'all' | 'any';
  readonly onError: 'fail' | 'continue' | 'branch';
  readonly onInterrupted: 'retry' | 'fail' | 'ask';
  readonly maxAttempts: number;
  /** Of whatever the kind has to choose. */
  readonly flavour: number;
  readonly sources: readonly { readonly node: number; readonly output: number }[];
}

const SIMPLE: readonly Kind[] = ['work', 'work', 'work', 'signal', 'delay', 'loop', 'if', 'set', 'merge'];
const ALL: readonly Kind[] = [...SIMPLE, 'subworkflow', 'subworkflow', 'loopOfChildren'];

const recipesOf = (kinds: readonly Kind[], maxLength: number): fc.Arbitrary<readonly Recipe[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      join: fc.constantFrom<Recipe['join'][]>('all', 'all', 'any'),
      onError: fc.constantFrom<Recipe['onError'][]>('fail', 'continue', 'branch'),
      onInterrupted: fc.constantFrom<Recipe['onInterrupted'][]>('retry', 'fail', 'ask'),
      maxAttempts: fc.integer({ min: 1, max: 3 }),
      flavour: fc.nat(23),
      sources: fc.array(fc.record({ node: fc.nat(7), output: fc.nat(2) }), { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength },
  );

const DAY_MS = 86_400_000;

/** Settings of executions, and what their trigger holds back. */
const beginnings = fc.record({
  timeoutMs: fc.option(fc.constantFrom(3_000, 90_000, 40 * DAY_MS), { nil: undefined, freq: 2 }),
  concurrency: fc.option(
    fc.record({
      limit: fc.integer({ min: 1, max: 2 }),
      onLimit: fc.constantFrom<('queue' | 'skip' | 'cancelOldest')[]>('queue', 'queue', 'skip', 'cancelOldest'),
    }),
    { nil: undefined, freq: 2 },
  ),
  trigger: fc.constantFrom<DrawnNode[]>(
    'trigger.manual',
    'trigger.manual',
    { type: 'trigger.manual', debounce: { delayMs: 500 } },
    { type: 'trigger.manual', throttle: { limit: 1, perMs: 10_000 } },
  ),
});

/** Small acyclic workflows with everything that the engine can wait for; shown as `planOf` takes them. */
export const workflowFamilies: fc.Arbitrary<WorkflowFamily> = fc
  .record({
    parent: fc.tuple(recipesOf(ALL, 6), beginnings).map(([recipes, begins]) => drawn(PARENT, recipes, begins)),
    child: fc.tuple(recipesOf(SIMPLE, 2), beginnings).map(([recipes, begins]) => drawn(CHILD, recipes, begins)),
  })
  .map(({ parent, child }) => ({
    parent: parent.plan,
    child: child.plan,
    [fc.toStringMethod]: () => JSON.stringify({ parent: parent.drawing, child: child.drawing }),
  }));

interface Drawn {
  readonly plan: Plan;
  readonly drawing: unknown;
}

function drawn(
  workflowId: string,
  recipes: readonly Recipe[],
  { trigger, timeoutMs, concurrency }: typeof beginnings extends fc.Arbitrary<infer Value> ? Value : never,
): Drawn {
  const nodes: Record<string, DrawnNode> = { start: trigger };
  const connections = new Set<string>();
  for (const [index, one] of recipes.entries()) {
    const id = `n${index}`;
    const earlier = Object.entries(nodes);
    for (const { node, output } of one.sources) {
      const [from, source] = earlier[node % earlier.length]!;
      const outputs = outputsOf(source);
      connections.add(`${from}:${outputs[output % outputs.length]} > ${id}`);
    }
    nodes[id] = nodeOf(one);
  }
  const settings: Partial<WorkflowSettings> = {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(concurrency ? { concurrency } : {}),
    ...(workflowId === PARENT && recipes.length % 2 === 0 ? { errorWorkflow: CHILD } : {}),
  };
  const plan = planOf(nodes, [...connections], TYPES, { workflowId, settings });
  return { plan, drawing: { nodes, connections: [...connections], settings } };
}

const TYPES = nodeTypesWith(() => Promise.reject(new Error('plans run nothing')));

function nodeOf({ kind, join, onError, onInterrupted, maxAttempts, flavour }: Recipe): DrawnNode {
  const retry = retryOf(maxAttempts);
  const base = { join, onError };
  switch (kind) {
    case 'work':
      return { ...base, type: 'work', retry, onInterrupted };
    case 'subworkflow': {
      const config = { workflowId: CHILD, wait: flavour % 6 > 0 };
      return { ...base, type: 'subworkflow', config, retry, ...(flavour % 2 === 0 ? { timeoutMs: 20_000 } : {}) };
    }
    default:
      return { ...base, type: TYPE_OF[kind], config: CONFIGS[kind](flavour, retry) };
  }
}

function retryOf(maxAttempts: number): RetryPolicy {
  const retryOn = ['CHILD_FAILED', 'CHILD_CANCELLED'];
  return { maxAttempts, backoff: 'fixed', initialMs: 1000, maxMs: 1000, jitter: false, retryOn };
}

type Configured = Exclude<Kind, 'work' | 'subworkflow'>;

const TYPE_OF: Readonly<Record<Configured, string>> = {
  if: 'if',
  set: 'set',
  merge: 'merge',
  delay: 'wait.delay',
  signal: 'wait.signal',
  loop: 'forEach',
  loopOfChildren: 'forEach',
};

const CONFIGS: Readonly<Record<Configured, (flavour: number, retry: RetryPolicy) => JsonObject>> = {
  if: (flavour) => ({ condition: flavour % 2 === 0 ? '{{ trigger.yes }}' : '{{ trigger.missing }}' }),
  set: (flavour) => ({ values: { all: flavour % 4 === 3 ? '{{ trigger.missing }}' : '{{ trigger }}' } }),
  merge: () => ({ mode: 'list' }),
  delay: (flavour) => ({ delayMs: [0, 1_000, 2_000, 70 * DAY_MS][flavour % 4] ?? 0 }),
  signal: (flavour) => ({
    name: flavour % 2 === 0 ? 'go' : 'stop',
    ...(flavour % 3 === 0 ? {} : { timeoutMs: flavour % 3 === 1 ? 5_000 : 60 * DAY_MS }),
    onTimeout: flavour % 4 < 2 ? 'fail' : 'continue',
  }),
  loop: (flavour, retry) => ({
    ...loopOf(flavour),
    node: innerOf(flavour, retry),
  }),
  loopOfChildren: (flavour) => ({ ...loopOf(flavour), workflowId: CHILD }),
};

function innerOf(flavour: number, retry: RetryPolicy): JsonObject {
  if (flavour % 4 === 3) return { type: 'set', config: { values: { at: '{{ index }}' } } };
  return { type: 'work', retry: { ...retry } };
}

function loopOf(flavour: number): JsonObject {
  const items = Array.from({ length: flavour % 5 }, (_, index) => index);
  const batchSize = 1 + (flavour % 3);
  return { items, concurrency: 1 + (flavour % 2), batchSize, onItemError: flavour % 4 < 2 ? 'fail' : 'continue' };
}

function outputsOf(node: DrawnNode): readonly string[] {
  if (typeof node === 'string') return ['main'];
  const own = node.type === 'if' ? ['true', 'false'] : ['main'];
  return node.onError === 'branch' ? [...own, 'error'] : own;
}

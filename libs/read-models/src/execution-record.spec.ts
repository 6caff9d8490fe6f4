import fc from 'fast-check';
import { lastVersionOf, type StoredCommit } from '#libs/event-sourcing';
import { nodeStateOf, outputOf, type ExecutionEvent, type ExecutionState } from '#libs/execution-engine';
import {
  definitions,
  executionFailed,
  executionSucceeded,
  failed,
  failure,
  passedOn,
  retryScheduled,
  scheduled,
  Simulation,
  skipped,
  started,
  succeeded,
  success,
} from '#libs/execution-engine/testing';
import { digestsAfterEach, EMPTY_HISTORY } from '#libs/history-digest';
import { projectDigested } from './digested-record.ts';
import {
  durationMsOf,
  projectCommit,
  projectExecution,
  recordedOutputOf,
  type ExecutionRecord,
} from './execution-record.ts';

const at = (second: number): string => `2026-11-23T10:00:${String(second).padStart(2, '0')}.000Z`;
const broken = { code: 'BROKEN', message: 'it broke' };

/** The record after the events, each a second after the one before. */
function project(...events: ExecutionEvent[]): ExecutionRecord {
  const record = events.reduce<ExecutionRecord | undefined>(
    (before, event, index) =>
      projectExecution(before, event, { executionId: 'ex_1', version: index + 1, at: at(index) }),
    undefined,
  );
  if (!record) throw new Error('no events');
  return record;
}

const retrying = (nodeId: string): ExecutionEvent => retryScheduled(nodeId, 1, { error: broken, dueAt: at(30) });

describe('the record of an execution', () => {
  it('is the same but for its version when an answer drifted', () => {
    const before = [started(), scheduled('call')];
    const drift = [{ path: 'id', expected: 'string', found: 'missing' }];
    const drifted: ExecutionEvent = { type: 'ResponseDrifted', data: { nodeId: 'call', attempt: 1, drift } };
    expect(project(...before, drifted)).toEqual({ ...project(...before), version: 3 });
  });

  it('is queued at first, its trigger done', () => {
    expect(project(started({ a: 1 }))).toEqual({
      id: 'ex_1',
      workspaceId: 'ws_1',
      workflowId: 'wf_drawn',
      workflowVersion: 1,
      status: 'queued',
      trigger: { type: 'trigger.manual', nodeId: 'start' },
      input: { value: { a: 1 } },
      nodes: {
        start: { status: 'succeeded', attempts: 1, startedAt: at(0), finishedAt: at(0), output: { sameAs: 'start' } },
      },
      createdAt: at(0),
      version: 1,
    });
  });

  it('tells when it began, when it ended and how long it took', () => {
    const record = project(started(), scheduled('a'), succeeded('a'), executionSucceeded('a'));
    expect(record).toMatchObject({
      status: 'succeeded',
      createdAt: at(0),
      startedAt: at(1),
      finishedAt: at(3),
      endNodes: ['a'],
      version: 4,
    });
    expect(durationMsOf(record)).toBe(2000);
    expect(durationMsOf(project(started()))).toBeNull();
    expect(durationMsOf(project(started(), scheduled('a')))).toBeNull();
  });

  it.each<[ExecutionRecord['status'], ExecutionEvent[]]>([
    ['running', [scheduled('a')]],
    ['waiting', [scheduled('a'), retrying('a')]],
    ['running', [scheduled('a'), scheduled('b'), retrying('a')]],
    ['running', [scheduled('a'), retrying('a'), scheduled('a', 2)]],
    ['failed', [scheduled('a'), failed('a', broken), executionFailed('a', broken)]],
  ])('is %s after %j', (status, events) => {
    expect(project(started(), ...events).status).toBe(status);
  });

  it('begins with the start', () => {
    expect(() => project(scheduled('a'))).toThrow('before ExecutionStarted');
  });
});

describe('the record of a node', () => {
  const nodeAfter = (...events: ExecutionEvent[]) => project(started(), ...events).nodes['a'];

  it('follows its attempts', () => {
    expect(nodeAfter(scheduled('a'))).toEqual({ status: 'scheduled', attempts: 1, startedAt: at(1) });
    expect(nodeAfter(scheduled('a'), retrying('a'))).toEqual({
      status: 'retrying',
      attempts: 1,
      startedAt: at(1),
      error: broken,
      retryAt: at(30),
    });
    expect(nodeAfter(scheduled('a'), retrying('a'), scheduled('a', 2))).toEqual({
      status: 'scheduled',
      attempts: 2,
      startedAt: at(1),
    });
    expect(nodeAfter(scheduled('a'), retrying('a'), scheduled('a', 2), succeeded('a', 'x', 2))).toEqual({
      status: 'succeeded',
      attempts: 2,
      startedAt: at(1),
      finishedAt: at(4),
      output: { value: 'x' },
    });
  });

  it('that was computed or skipped began and ended at once', () => {
    expect(nodeAfter(succeeded('a', 1))).toMatchObject({ attempts: 1, startedAt: at(1), finishedAt: at(1) });
    expect(nodeAfter(skipped('a'))).toEqual({ status: 'skipped', attempts: 0 });
  });

  it('that failed the execution has an error and no output', () => {
    expect(nodeAfter(scheduled('a'), failed('a', broken))).toEqual({
      status: 'failed',
      attempts: 1,
      startedAt: at(1),
      finishedAt: at(2),
      error: broken,
    });
  });

  it.each(['continue', 'branch'] as const)('whose failure was handled by "%s" has its error as output', (handling) => {
    const record = project(started(), failed('a', broken, { handling }), passedOn('b', 'a', 'true'));
    expect(record.nodes['a']).toMatchObject({ error: broken, output: { value: { error: broken } } });
    expect(recordedOutputOf(record, 'b')).toEqual({ value: { error: broken } });
  });

  it('that was scheduled or retrying when the execution failed is cancelled, and has no next attempt', () => {
    const record = project(
      started(),
      scheduled('a'),
      scheduled('b'),
      retrying('a'),
      scheduled('c'),
      failed('c', broken),
      executionFailed('c', broken),
    );
    expect(record.nodes['a']).toEqual({
      status: 'cancelled',
      attempts: 1,
      startedAt: at(1),
      finishedAt: at(6),
      error: broken,
    });
    expect(record.nodes['b']).toMatchObject({ status: 'cancelled', finishedAt: at(6) });
    expect(record.nodes['c']?.status).toBe('failed');
    expect(record).toMatchObject({ error: { ...broken, nodeId: 'c', attempt: 1 } });
  });

  it('may have a name that objects have anyway', () => {
    const record = project(started(), scheduled('constructor'), succeeded('constructor', 1));
    expect(record.nodes['constructor']).toMatchObject({ status: 'succeeded', startedAt: at(1) });
    expect(recordedOutputOf(project(started()), 'constructor')).toBeUndefined();
  });
});

describe('records and states', () => {
  const runs = fc
    .tuple(definitions, fc.array(fc.boolean(), { maxLength: 20 }))
    .map(([{ plan }, outcomes]) => simulate(new Simulation(plan), outcomes));

  it('tell the same status at any commit; a commit that comes twice changes nothing; a record survives JSON', () => {
    fc.assert(
      fc.property(runs, (simulation) => {
        let record: ExecutionRecord | undefined;
        for (const [commit, status] of commitsOf(simulation)) {
          record = projectCommit(record, commit);
          expect(projectCommit(record, commit)).toBe(record);
          expect(JSON.parse(JSON.stringify(record))).toStrictEqual(record);
          expect(record).toMatchObject({ status, version: lastVersionOf(commit) });
        }
      }),
    );
  });

  it('of rows have the digest of the history, however its events were put together, whichever come again', () => {
    fc.assert(
      fc.property(runs, fc.nat(30), (simulation, upTo) => {
        const commits = commitsOf(simulation).map(([commit]) => commit);
        const digests = commits.reduce<readonly string[]>(
          (before, commit) => [...before, ...digestsAfterEach(before.at(-1) ?? EMPTY_HISTORY, commit)],
          [],
        );
        const fold = (some: typeof commits, from?: ExecutionRecord): ExecutionRecord | undefined =>
          some.reduce((record, commit) => projectDigested(record, commit), from);
        const cut = commits.flatMap((commit) => {
          const events = commit.events.slice(0, Math.max(0, upTo + 1 - (commit.firstVersion - 1)));
          return events.length > 0 ? [{ ...commit, events }] : [];
        });
        const part = fold(cut);
        expect(part?.digest).toBe(digests[(part?.version ?? 0) - 1]);
        expect(fold(commits, part)?.digest).toBe(digests.at(-1));
        expect(fold(commits, part)).toEqual({ ...fold(commits), digest: digests.at(-1) });
        // Read before there were digests: there is none of what comes after.
        const { digest: _, ...old } = part ?? {};
        if (part) expect(fold(commits, old as ExecutionRecord)?.digest).toBeUndefined();
      }),
    );
  });

  it('tell the same of every node, and give the same outputs but for the failure that ended it all', () => {
    fc.assert(
      fc.property(runs, (simulation) => {
        const { state } = simulation;
        const record = commitsOf(simulation).reduce(
          (before, [commit]) => projectCommit(before, commit),
          undefined as ExecutionRecord | undefined,
        );
        if (state.status === 'none' || !record) throw new Error('never started');
        expect(Object.keys(record.nodes)).toEqual(Object.keys(state.nodes));
        for (const nodeId of Object.keys(state.nodes)) {
          expect(record.nodes[nodeId]?.status).toBe(nodeStateOf(state, nodeId)?.status);
          const isFatal = record.error?.nodeId === nodeId;
          expect(recordedOutputOf(record, nodeId)).toEqual(isFatal ? undefined : outputOf(state, nodeId));
        }
      }),
    );
  });
});

/** The simulated commits as a log gives them, each with the status of the state after it. */
function commitsOf(simulation: Simulation): [StoredCommit<ExecutionEvent>, ExecutionState['status']][] {
  let firstVersion = 1;
  return simulation.commits.map(({ at, events, after }, index) => {
    const commit = { id: `c${index}`, aggregateId: 'ex_1', sequence: index + 1, firstVersion, at, events };
    firstVersion += events.length;
    return [commit, after.status];
  });
}

/** Reports on the tasks in their order, as the outcomes say; what they leave open stays open. */
function simulate(simulation: Simulation, outcomes: readonly boolean[]): Simulation {
  simulation.submit({
    type: 'StartExecution',
    workspaceId: 'ws_1',
    workflowId: 'wf_drawn',
    workflowVersion: 1,
    trigger: { type: 'trigger.manual', nodeId: 'start' },
    input: { value: { body: { yes: true, no: false } } },
    priority: 'normal',
  });
  simulation.submit({ type: 'BeginExecution' });
  for (const isSuccess of outcomes) {
    const task = simulation.tasks.shift();
    if (!task) break;
    const report = isSuccess
      ? success(task.nodeId, {}, task.attempt)
      : failure(task.nodeId, { retryable: true }, task.attempt);
    simulation.submit(report);
  }
  return simulation;
}

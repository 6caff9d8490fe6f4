import {
  evolveAll,
  initialState,
  startExecution,
  type StartedExecution,
  type WaitReason,
} from '#libs/execution-engine';
import type { OpenCase } from './cases.ts';
import { isDead, Tally, type Judgement } from './judgement.ts';
import { jsonOf, textOf } from './report.ts';

const AT = '2026-01-01T00:00:00.000Z';
const started = evolveAll(
  initialState(),
  startExecution({
    type: 'StartExecution',
    workspaceId: 'ws_1',
    workflowId: 'wf_1',
    workflowVersion: 3,
    trigger: { type: 'trigger.manual', nodeId: 'start' },
    input: { value: null },
    priority: 'normal',
  }),
  { at: AT },
) as StartedExecution;
const timer: WaitReason = { kind: 'timer', id: 'retry-2-call', dueAt: AT };
const task: WaitReason = {
  kind: 'task',
  task: { queue: 'run.http', payload: { executionId: 'ex_1', nodeId: 'call' } },
};
const signal: WaitReason = { kind: 'signal', nodeId: 'approve', name: 'approved' };

const openCase = (executionId = 'ex_1'): OpenCase => ({
  kind: 'open',
  executionId,
  version: 4,
  sequence: 9,
  state: started,
  reasons: [],
});
const alive: Judgement = {
  of: openCase(),
  judged: [
    { reason: signal, sign: 'alive' },
    { reason: task, sign: 'onItsWay' },
  ],
};
const dead: Judgement = {
  of: openCase('ex_2'),
  judged: [
    { reason: signal, sign: 'alive' },
    { reason: timer, sign: 'dead' },
  ],
};
const aimless: Judgement = { of: openCase('ex_3'), judged: [] };
const unreadable: Judgement = {
  of: { kind: 'unreadable', executionId: 'ex_4', version: 0, message: 'wf_1 has no version 3' },
  judged: [],
};

describe('an execution', () => {
  it.each([
    ['whose reasons all live', alive, false],
    ['one of whose reasons is dead', dead, true],
    ['that waits for nothing', aimless, true],
    ['that nobody can read', unreadable, true],
  ])('%s', (_which, judgement, is) => {
    expect(isDead(judgement)).toBe(is);
  });
});

describe('what is found', () => {
  const tally = new Tally();
  tally.executions = 12;
  tally.addOpen(alive);
  for (const one of [dead, aimless, unreadable]) tally.addStuck(one);
  const report = { ...tally.findings(), notes: [{ kind: 'deadLetters', text: '2 open dead letters' } as const] };

  it('is counted by what is waited for, dead reasons apart', () => {
    expect(report).toMatchObject({
      executions: 12,
      open: 4,
      reasons: { task: 1, timer: 0, signal: 2, child: 0, gate: 0, person: 0 },
      onTheirWay: 1,
      stuckCount: 3,
    });
  });

  it('names each that is stuck, what is dead of it, and a remedy', () => {
    expect(report.stuck.map(({ executionId, dead: [first] }) => [executionId, first?.kind, first?.nodeId])).toEqual([
      ['ex_2', 'timer', 'call'],
      ['ex_3', 'none', null],
      ['ex_4', 'unreadable', null],
    ]);
    expect(report.stuck[0]?.dead[0]?.remedy).toContain('POST /v1/executions/ex_2/cancel');
  });

  it('reads as text', () => {
    const text = textOf(report);
    expect(text).toContain('12 executions in the log, 4 not over.\nThey wait for\n  a worker  1\n  a signal  2\n');
    expect(text).toContain('3 are stuck:\n\nex_2 (queued, wf_1 version 3, ws_1)\n  call: its timer retry-2-call');
    expect(text).toContain('ex_4 (not readable)\n  wf_1 has no version 3\n');
    expect(text).toContain('Besides:\n- 2 open dead letters\n');
    expect(text).not.toContain('more');
    expect(textOf({ ...report, stuckCount: 5 })).toContain('and 2 more');
  });

  it('is JSON for machines', () => {
    expect(JSON.parse(jsonOf(report))).toMatchObject({ healthy: false, stuckCount: 3 });
    expect(JSON.parse(jsonOf({ ...report, stuckCount: 0 }))).toMatchObject({ healthy: true });
  });
});

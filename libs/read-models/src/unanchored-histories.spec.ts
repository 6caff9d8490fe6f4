import type { ExecutionRecord } from './execution-record.ts';
import { endedHistories, unanchoredParameter } from './unanchored-histories.ts';

const record = (id: string, more: Partial<ExecutionRecord> = {}): ExecutionRecord => ({
  ...{ id, workspaceId: 'ws_1', workflowId: 'wf_1', workflowVersion: 1, status: 'running' },
  ...{ trigger: { type: 'trigger.manual', nodeId: 'start' }, input: { value: null }, nodes: {} },
  ...{ createdAt: '2026-11-28T10:00:00.000Z', version: 3, digest: 'd3' },
  ...more,
});
const finishedAt = '2026-11-28T10:00:01.000Z';

describe('histories that are to be anchored', () => {
  it('are those that ended in this batch', () => {
    const before = new Map([record('ex_2'), record('ex_3', { finishedAt })].map((one) => [one.id, one]));
    const records = [
      record('ex_1', { finishedAt }),
      record('ex_2', { finishedAt, version: 7, digest: 'd7' }),
      record('ex_3', { finishedAt, version: 8 }),
      record('ex_4'),
    ];
    expect(endedHistories(records, (id) => before.get(id))).toEqual([
      { workspaceId: 'ws_1', executionId: 'ex_1', events: 3, digest: 'd3' },
      { workspaceId: 'ws_1', executionId: 'ex_2', events: 7, digest: 'd7' },
    ]);
  });

  it('leave out what has no digest, as its beginning was read before there were any', () => {
    const { digest: _, ...old } = record('ex_1', { finishedAt });
    expect(endedHistories([old], () => undefined)).toEqual([]);
  });

  it('are a row only when there are some', () => {
    expect(unanchoredParameter([])).toBeNull();
  });
});

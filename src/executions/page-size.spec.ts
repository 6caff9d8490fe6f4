import type { ExecutionRecord } from '#libs/read-models';
import { howManyFit, MAX_PAGE_BYTES } from './page-size.ts';

type Payload = ExecutionRecord['input'];

const at = '2026-11-23T10:00:00.000Z';

/** Ended, `nodes` of its nodes having handed the input through. */
function record(input: Payload, nodes = 0): ExecutionRecord {
  const passed = Array.from({ length: nodes }, (_, n): [string, ExecutionRecord['nodes'][string]] => [
    `n${n}`,
    { status: 'succeeded', attempts: 1, output: { sameAs: 'start' } },
  ]);
  return {
    id: 'ex_1',
    workspaceId: 'ws_1',
    workflowId: 'wf_1',
    workflowVersion: 1,
    status: 'succeeded',
    trigger: { type: 'trigger.manual', nodeId: 'start' },
    input,
    nodes: { start: { status: 'succeeded', attempts: 1, output: { sameAs: 'start' } }, ...Object.fromEntries(passed) },
    createdAt: at,
    version: 2,
  };
}

const stored = (bytes: number): Payload => ({ stored: { object: 'o', bytes, sha256: 's' } });
const inline = (bytes: number): Payload => ({ value: { body: 'x'.repeat(bytes) } });

describe('a page of executions', () => {
  it('shows all that are small', () => {
    expect(howManyFit(Array.from({ length: 201 }, () => record(inline(1_000), 5)))).toBe(201);
  });

  it('shows fewer when what they hold is large, wherever it lies', () => {
    const half = MAX_PAGE_BYTES / 4; // shown as input and as the trigger's output
    expect(howManyFit([record(stored(half)), record(stored(half)), record(stored(half))])).toBe(2);
    expect(howManyFit([record(inline(half)), record(inline(half)), record(inline(half))])).toBe(1);
  });

  it('counts a value once for each node that handed it through', () => {
    const wide = record(inline(60_000), 200); // 12 MB when it is shown
    expect(howManyFit([wide, wide, wide])).toBe(1);
  });

  it('shows one, however large', () => {
    expect(howManyFit([record(stored(10 * MAX_PAGE_BYTES)), record(inline(1))])).toBe(1);
  });
});

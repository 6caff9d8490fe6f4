import type { ScheduleTerms } from '../aggregate/schedule-events.ts';

/** Each minute, fired once for all that nobody fired in time; or as told. */
export function termsOf(version: number, told: Partial<ScheduleTerms> = {}): ScheduleTerms {
  return {
    ...{ workspaceId: 'ws_1', workflowId: 'wf_1', nodeId: 'every', version },
    rule: { kind: 'every', everyMs: 60_000 },
    misfire: 'runOnce',
    overlap: 'allow',
    jitterMs: 0,
    priority: 'normal',
    readsVariables: false,
    hasPayload: false,
    ...told,
  };
}

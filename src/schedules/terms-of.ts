import { scheduleTriggerConfigSchema } from '#libs/nodes';
import { ruleOf, ruleProblems, type ScheduleTerms } from '#libs/schedule';
import { variablesReadBy, type WorkflowDefinition } from '#libs/workflow-definition';

interface ActiveVersion {
  readonly workflowId: string;
  readonly workspaceId: string;
  readonly version: number;
  readonly definition: WorkflowDefinition;
}

/** The schedules of an active version, one for each of its schedule nodes. */
export function termsOf({ definition, ...of }: ActiveVersion): readonly ScheduleTerms[] {
  const readsVariables = variablesReadBy(definition).length > 0;
  const { priority } = definition.settings;
  return definition.nodes.flatMap(({ id: nodeId, type, config }) => {
    if (type !== 'trigger.schedule') return [];
    // A config that another version of Millrace published and this one can't read, or a zone that is none any more: better
    // no slot than a wrong one, and the other schedules must not wait for it.
    const parsed = scheduleTriggerConfigSchema.safeParse(config);
    if (!parsed.success || ruleProblems(parsed.data).length > 0) return [];
    const { misfire, overlap, jitterMs, payload } = parsed.data;
    const rule = ruleOf(parsed.data);
    return [
      { ...of, nodeId, rule, misfire, overlap, jitterMs, priority, readsVariables, hasPayload: payload !== undefined },
    ];
  });
}

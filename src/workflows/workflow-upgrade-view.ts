import type { Problem } from '#libs/kernel';
import {
  EXAMPLE_DEFINITION,
  type DefinitionDiff,
  type UpgradeStep,
  type WorkflowDefinition,
} from '#libs/workflow-definition';
import { z } from 'zod';
import type { UpgradePreview } from './upgrade-workflow.ts';
import { definitionDiffFields } from './version-diff-view.ts';
import { definitionFields, definitionProblem, versionNumber } from './workflow-view.ts';

/** What an upgrade would do. */
export interface WorkflowUpgradeView {
  readonly version: number;
  readonly upgrades: readonly UpgradeStep[];
  readonly definition: WorkflowDefinition;
  readonly diff: DefinitionDiff;
  readonly problems: readonly Problem[];
}

const upgradeStep: z.ZodType<UpgradeStep> = z
  .object({
    nodeId: z.string().meta({ description: 'Of the node, or of the loop that it is within.', example: 'notify' }),
    path: z.string().meta({ description: 'Of the node in the definition.', example: 'nodes[2]' }),
    from: z.string().meta({ example: 'github.issue.create' }),
    to: z.string().meta({ example: 'github.issue.create@2' }),
    reason: z.string().meta({ description: 'Why the version of before is deprecated.' }),
    notes: z
      .array(definitionProblem)
      .meta({ description: 'What a person has to look at, with paths in the definition as this step leaves it.' }),
  })
  .meta({ id: 'NodeUpgrade', description: 'A node goes to a newer version of its type.' });

export const workflowUpgradeView: z.ZodType<WorkflowUpgradeView> = z
  .object({
    version: versionNumber.meta({ description: 'The latest one, which would be upgraded.' }),
    upgrades: z.array(upgradeStep).meta({
      description:
        'In the order of the nodes; one for each version on the way to the newest. Empty: all are the newest.',
    }),
    definition: z.object(definitionFields).meta({ description: 'As it would be published.' }),
    diff: z.object(definitionDiffFields).meta({ description: 'From the latest version to that.' }),
    problems: z.array(definitionProblem).meta({ description: 'Why it would be refused as it is.' }),
  })
  .meta({
    id: 'WorkflowUpgrade',
    description: 'What an upgrade would do.',
    examples: [
      {
        version: 1,
        upgrades: [],
        definition: EXAMPLE_DEFINITION,
        diff: {
          nodes: { added: [], removed: [], changed: [] },
          connections: { added: [], removed: [] },
          settings: [],
          reordered: [],
        },
        problems: [],
      },
    ],
  });

export function workflowUpgradeViewOf({ record, steps, ...preview }: UpgradePreview): WorkflowUpgradeView {
  return { version: record.latestVersion, upgrades: steps, ...preview };
}

import { z } from 'zod';
import type { Problem } from '#libs/kernel';
import type { WorkflowRecord } from '#libs/read-models';
import {
  connectionSchema,
  EXAMPLE_DEFINITION,
  nameSchema,
  nodeSchema,
  settingsSchema,
  type WorkflowDefinition,
} from '#libs/workflow-definition';

/** A workflow at its latest version, as the routes answer it. */
export interface WorkflowView extends WorkflowDefinition {
  readonly id: string;
  readonly version: number;
  readonly active: boolean;
  readonly activeVersion: number | null;
  readonly warnings: readonly Problem[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

export const definitionProblem = z
  .object({
    path: z.string().meta({ description: 'Of the value; empty for the whole.', example: 'nodes[2].config.url' }),
    message: z.string().meta({ example: 'is required' }),
  })
  .meta({ id: 'DefinitionProblem', description: 'What validation has to say about one place of a definition.' });

export const instant = z.iso.datetime().meta({ example: '2026-11-23T10:00:00.000Z' });
export const workflowId = z.string().meta({ description: 'Starts with `wf_`.' });
export const versionNumber = z.int().min(1).meta({ description: 'From 1, without gaps.' });
export const warnings = z
  .array(definitionProblem)
  .meta({ description: 'What is accepted and still looks like a mistake; said when the version was published.' });

/** What a version holds. */
export const definitionFields = {
  name: nameSchema,
  nodes: z.array(nodeSchema),
  connections: z.array(connectionSchema),
  settings: settingsSchema,
};

export const EXAMPLE_WORKFLOW_ID = 'wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4';
const EXAMPLE_AT = '2026-11-23T10:00:00.000Z';

export const workflowView: z.ZodType<WorkflowView> = z
  .object({
    id: workflowId,
    ...definitionFields,
    version: versionNumber.meta({ description: 'The latest one.' }),
    active: z.boolean().meta({ description: 'Whether its triggers start executions.' }),
    activeVersion: versionNumber.nullable().meta({ description: 'The version that they start.' }),
    warnings,
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({
    id: 'Workflow',
    description: 'A workflow at its latest version.',
    examples: [
      {
        id: EXAMPLE_WORKFLOW_ID,
        ...EXAMPLE_DEFINITION,
        version: 1,
        active: false,
        activeVersion: null,
        warnings: [],
        createdAt: EXAMPLE_AT,
        updatedAt: EXAMPLE_AT,
      },
    ],
  });

export function workflowViewOf(record: WorkflowRecord): WorkflowView {
  const { nodes, connections, settings } = record.definition;
  return {
    id: record.id,
    name: record.name,
    version: record.latestVersion,
    active: record.activeVersion !== null,
    activeVersion: record.activeVersion,
    nodes,
    connections,
    settings,
    warnings: record.warnings,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
  };
}

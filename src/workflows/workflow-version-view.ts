import { z } from 'zod';
import type { Problem } from '#libs/kernel';
import type { WorkflowVersionSummary } from '#libs/read-models';
import { EXAMPLE_DEFINITION, type WorkflowDefinition } from '#libs/workflow-definition';
import { definitionFields, instant, versionNumber, warnings } from './workflow-view.ts';

const createdBy = z
  .object({ type: z.enum(['user', 'apiKey']), id: z.string() })
  .nullable()
  .meta({ description: 'Who published it.' });
const contentHash = z.string().meta({
  description: 'SHA-256 of the canonical JSON (RFC 8785) of name, nodes, connections and settings.',
  example: 'sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
});

const summaryFields = { version: versionNumber, contentHash, createdAt: instant, createdBy };
const EXAMPLE = {
  version: 1,
  contentHash: 'sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
  createdAt: '2026-11-23T10:00:00.000Z',
  createdBy: { type: 'user' as const, id: 'usr_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4' },
};

export const versionSummaryView = z
  .object({ ...summaryFields, name: definitionFields.name, active: z.boolean() })
  .meta({
    id: 'WorkflowVersionSummary',
    description: 'A published version, without its definition.',
    examples: [{ ...EXAMPLE, name: EXAMPLE_DEFINITION.name, active: true }],
  });
export type VersionSummaryView = z.output<typeof versionSummaryView>;

/** Nothing in it ever changes, so it does not say whether it is active. */
export interface VersionView extends WorkflowDefinition {
  readonly version: number;
  readonly contentHash: string;
  readonly warnings: readonly Problem[];
  readonly createdAt: string;
  readonly createdBy: VersionSummaryView['createdBy'];
}

export const versionView: z.ZodType<VersionView> = z.object({ ...summaryFields, ...definitionFields, warnings }).meta({
  id: 'WorkflowVersion',
  description: 'A published version. It never changes.',
  examples: [{ ...EXAMPLE, ...EXAMPLE_DEFINITION, warnings: [] }],
});

export function versionSummaryViewOf(
  summary: WorkflowVersionSummary,
  activeVersion: number | null,
): VersionSummaryView {
  const { version, name, contentHash, createdAt, createdBy } = summary;
  return { version, name, contentHash, createdAt, createdBy, active: version === activeVersion };
}

export function versionViewOf(summary: WorkflowVersionSummary, definition: WorkflowDefinition): VersionView {
  const { version, contentHash, warnings, createdAt, createdBy } = summary;
  const { name, nodes, connections, settings } = definition;
  return { version, name, contentHash, createdAt, createdBy, nodes, connections, settings, warnings };
}

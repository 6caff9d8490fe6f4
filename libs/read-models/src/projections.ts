/** Read models that are made, told of and rebuilt apart from each other. */
export const PROJECTION_NAMES = ['executions', 'workflows', 'deadLetters', 'deliveries'] as const;
export type ProjectionName = (typeof PROJECTION_NAMES)[number];

export function isProjectionName(name: string): name is ProjectionName {
  return (PROJECTION_NAMES as readonly string[]).includes(name);
}

export interface ProjectionTable {
  readonly name: string;
  /** What tells rows apart, as one text. */
  readonly key: string;
  /** Rows go, or stay, whatever the log still holds: the instant by which that is known. */
  readonly ageColumn?: string;
}

const byId = (name: string): ProjectionTable => ({ name, key: 'id' });

/**
 * The tables of each, in the order in which the statement that applies a batch names them: who locks them in the same
 * order never waits for a batch that waits for them.
 */
export const PROJECTION_TABLES: Readonly<Record<ProjectionName, readonly ProjectionTable[]>> = {
  executions: [
    byId('executions'),
    { name: 'execution_shelves', key: `workspace_id || ' ' || stream || ' ' || number` },
  ],
  workflows: [byId('workflows'), { name: 'workflow_versions', key: `workflow_id || ' ' || version` }, byId('webhooks')],
  deadLetters: [{ ...byId('dead_letters'), ageColumn: 'created_at' }],
  deliveries: [{ ...byId('deliveries'), ageColumn: 'created_at' }],
};

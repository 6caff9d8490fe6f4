/** Read models that are made, told of and rebuilt apart from each other. */
export const PROJECTION_NAMES = [
  'executions',
  'workflows',
  'deadLetters',
  'deliveries',
  'audit',
  'mails',
  'suppressions',
] as const;
export type ProjectionName = (typeof PROJECTION_NAMES)[number];

export function isProjectionName(name: string): name is ProjectionName {
  return (PROJECTION_NAMES as readonly string[]).includes(name);
}

export interface ProjectionTable {
  readonly name: string;
  /** What tells rows apart, as one text; where there is an `ageColumn`, a column. */
  readonly key: string;
  /**
   * The log forgets by age what rows are made of: the instant of what a row began with. A row that began before all that the
   * log still holds can't be made again, or in part only, so the live one stays and is not compared.
   */
  readonly ageColumn?: string;
  /** Columns by which live and rebuilt rows are held against each other; none: the table is not. Default: all. */
  readonly compared?: readonly string[];
}

const byId = (name: string): ProjectionTable => ({ name, key: 'id' });

/**
 * All that the log and the archive tell. On which shelf an execution lies, and so its terms, depends on what else was there
 * when it came: what was removed since, or archived, is not there when it is rebuilt.
 */
const EXECUTION_FACTS = [
  ...['id', 'workspace_id', 'workflow_id', 'workflow_version', 'status', 'trigger_type', 'created_at', 'finished_at'],
  ...['version', 'in_doubt', 'origin_id', 'archived', 'record'],
];

/**
 * The tables of each, in the order in which the statement that applies a batch names them: who locks them in the same
 * order never waits for a batch that waits for them.
 */
export const PROJECTION_TABLES: Readonly<Record<ProjectionName, readonly ProjectionTable[]>> = {
  executions: [
    { ...byId('executions'), compared: EXECUTION_FACTS },
    { name: 'execution_shelves', key: `workspace_id || ' ' || stream || ' ' || number`, compared: [] },
  ],
  workflows: [byId('workflows'), { name: 'workflow_versions', key: `workflow_id || ' ' || version` }, byId('webhooks')],
  deadLetters: [{ ...byId('dead_letters'), ageColumn: 'created_at' }],
  deliveries: [{ ...byId('deliveries'), ageColumn: 'created_at' }],
  audit: [
    { name: 'audit_entries', key: `workspace_id || ' ' || index` },
    { name: 'audit_tree', key: `workspace_id || ' ' || level || ' ' || place` },
  ],
  mails: [{ name: 'mails', key: 'mail_key', ageColumn: 'created_at' }],
  suppressions: [byId('suppressions')],
};

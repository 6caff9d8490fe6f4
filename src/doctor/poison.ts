import { listDeadLetters, type Database } from '#libs/read-models';
import { redriveOf } from './dead-reason.ts';
import type { DeadReason, Findings, StuckExecution } from './report.ts';

/** Letters of one workspace that are looked through. */
const MAX_LETTERS = 1_000;

/** Work that was set aside as poison has a better remedy: its dead letter says which. */
export async function withPoisonNamed(findings: Findings, database: Database): Promise<Findings> {
  const letters = await poisonLettersOf(findings, database).catch(() => new Map<string, string>());
  return { ...findings, stuck: findings.stuck.map((one) => remedied(one, letters.get(one.executionId))) };
}

/** By execution. */
async function poisonLettersOf({ stuck }: Findings, database: Database): Promise<ReadonlyMap<string, string>> {
  const workspaces = new Set(stuck.flatMap(({ execution }) => (execution ? [execution.workspaceId] : [])));
  const letters = new Map<string, string>();
  for (const workspaceId of workspaces) {
    const filter = { workspaceId, status: 'open', code: 'INTERNAL' } as const;
    for (const { kind, executionId, id } of await listDeadLetters(database, filter, { limit: MAX_LETTERS }))
      if (kind === 'poison') letters.set(executionId, id);
  }
  return letters;
}

function remedied(stuck: StuckExecution, deadLetterId: string | undefined): StuckExecution {
  if (deadLetterId === undefined) return stuck;
  const dead = stuck.dead.map((one): DeadReason => ({ ...one, remedy: redriveOf(deadLetterId) }));
  return { ...stuck, dead };
}

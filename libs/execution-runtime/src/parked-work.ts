import type { Clock } from '#libs/kernel';
import type { CredentialSource } from './attempt-credentials.ts';
import type { Postponed } from './at-destination.ts';
import type { ExecutionJournal } from './journal.ts';

/** What waits for whom, so that whoever connects a credential finds the executions that go on then. */
export interface ParkedExecutions {
  /** Kept for a little longer than until the execution looks again by itself. */
  remember(credentialId: string, executionId: string): Promise<void>;
}

/**
 * When an attempt that waits for a credential is tried again, whatever was heard meanwhile. Whoever connects the credential
 * has it tried at once; this is for what they missed.
 */
const LOOKED_AT_AGAIN_MS = 300_000;

/** The attempt is put back until the credential was connected again. */
export function parkedFor(credentialId: string, clock: Clock): Postponed {
  return {
    kind: 'postponed',
    reason: { kind: 'credential', key: credentialId },
    untilMs: clock.nowMs() + LOOKED_AT_AGAIN_MS,
  };
}

/**
 * To be called when it is recorded that the execution waits. Whoever connects the credential first and looks for executions
 * then has not found this one: so it is asked once more.
 */
export async function leaveWord(
  { credentialId, executionId, workspaceId }: { credentialId: string; executionId: string; workspaceId: string },
  parts: { journal: ExecutionJournal; credentials: CredentialSource; parked: ParkedExecutions },
): Promise<void> {
  await parts.parked.remember(credentialId, executionId);
  const found = await parts.credentials.find(workspaceId, credentialId);
  if (found.kind !== 'disconnected') await parts.journal.submit(executionId, { type: 'ResumeParked', credentialId });
}

/**
 * Whether the credential that a config names first has to be connected before anything can be done with it. A config that
 * can't be evaluated says why when it is run.
 */
export async function parkedBeforehand(
  config: () => unknown,
  { workspaceId, credentials, clock }: { workspaceId: string; credentials: CredentialSource; clock: Clock },
): Promise<Postponed | undefined> {
  const credentialId = credentialIdIn(config);
  if (credentialId === undefined) return undefined;
  const found = await credentials.find(workspaceId, credentialId);
  return found.kind === 'disconnected' ? parkedFor(credentialId, clock) : undefined;
}

function credentialIdIn(config: () => unknown): string | undefined {
  try {
    const evaluated = config();
    if (typeof evaluated !== 'object' || evaluated === null || !('credentialId' in evaluated)) return undefined;
    return typeof evaluated.credentialId === 'string' ? evaluated.credentialId : undefined;
  } catch {
    return undefined;
  }
}

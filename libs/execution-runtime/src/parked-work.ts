import type { Clock } from '#libs/kernel';
import type { CredentialDisconnected, CredentialSource } from './attempt-credentials.ts';
import type { Postponed } from './at-destination.ts';
import type { ExecutionJournal } from './journal.ts';
import type { WorkResult } from './node-work.ts';

/** What waits for whom, so that whoever connects a credential finds the executions that go on then. */
export interface ParkedExecutions {
  remember(credentialId: string, executionId: string, keptForMs: number): Promise<void>;
}

/**
 * When an attempt that waits for a credential looks at it by itself. Whoever connects the credential has it tried at once;
 * this is for what they missed. The longer it has been so, the more seldom: each look is two events of the history.
 */
const LOOKS = { soonestMs: 300_000, latestMs: 6 * 3_600_000 } as const;
/** Word is kept for longer than until the next look, when it is left anew. */
const KEPT_LONGER_MS = 300_000;

/** The attempt is put back until the credential was connected again. */
export function parkedFor({ credentialId, sinceMs }: Disconnection, clock: Clock): Postponed {
  const nowMs = clock.nowMs();
  const waitMs = Math.min(Math.max(nowMs - sinceMs, LOOKS.soonestMs), LOOKS.latestMs);
  return { kind: 'postponed', reason: { kind: 'credential', key: credentialId }, untilMs: nowMs + waitMs };
}

/** Since when (milliseconds since 1970) a credential has to be connected. */
interface Disconnection {
  readonly credentialId: string;
  readonly sinceMs: number;
}

/**
 * What has begun for good is not put back for want of a credential: it has failed, and another attempt, if its node has
 * any, looks at the credential before it begins.
 */
export function failedOver({ message }: CredentialDisconnected): Extract<WorkResult, { kind: 'failed' }> {
  return { kind: 'failed', failure: { code: 'CREDENTIAL_DISCONNECTED', message, retryable: true } };
}

/**
 * To be called when it is recorded that the execution waits. Whoever connects the credential first and looks for executions
 * then has not found this one: so it is asked once more.
 */
export async function leaveWord(
  { executionId, workspaceId, reason, untilMs }: Postponed & { executionId: string; workspaceId: string },
  parts: { journal: ExecutionJournal; credentials: CredentialSource; parked: ParkedExecutions; clock: Clock },
): Promise<void> {
  const credentialId = reason.key;
  await parts.parked.remember(credentialId, executionId, untilMs - parts.clock.nowMs() + KEPT_LONGER_MS);
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
  return found.kind === 'disconnected' ? parkedFor({ ...found, credentialId }, clock) : undefined;
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

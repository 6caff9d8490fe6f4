import { failureOf } from '#libs/execution-engine';
import { AttemptCredentials, workWithin, type CredentialSource } from '#libs/execution-runtime';
import { MillraceError } from '#libs/kernel';
import type { HookAttempt, NodeTypes } from '#libs/node-kit';
import type { DoableStep, StepOutcome } from './after-step.ts';
import { registrationOf } from './desired-hooks.ts';
import type { HookEntry } from './hook-entry.ts';
import { SERVICE_TIMEOUT_MS } from './hook-rules.ts';

/** With which calls of webhooks are to be signed. */
export interface HookSecrets {
  /** Of the key that they are derived from. */
  readonly keyId: string;
  secretOf(webhookId: string): string;
}

export interface HookServiceParts {
  readonly nodeTypes: NodeTypes;
  readonly credentials: CredentialSource;
  readonly secrets: HookSecrets;
  /** Told of errors that no node type should throw. */
  readonly onFault: (error: unknown, entry: HookEntry) => void;
}

/** Nobody but its time and the process ends it. */
const WANTED = new AbortController().signal;

/** Asks the service. Never rejects. What it gives has no secret of a credential in it. */
export async function doStep(
  parts: HookServiceParts,
  entry: HookEntry,
  step: DoableStep,
  stop: AbortSignal,
): Promise<StepOutcome> {
  const credentials = new AttemptCredentials(parts.credentials, entry.workspaceId);
  const { getDefined: credentialOf, renewed } = credentials;
  try {
    stop.throwIfAborted();
    return await workWithin({ timeoutMs: SERVICE_TIMEOUT_MS, stop, unwanted: WANTED }, (signal) =>
      asked(parts, entry, step, { credentialOf, renewed, signal }),
    );
  } catch (error) {
    if (stop.aborted) return { kind: 'interrupted' };
    return { kind: 'failed', ...failureIn(error, credentials, (fault) => parts.onFault(fault, entry)) };
  }
}

async function asked(
  { nodeTypes, secrets }: HookServiceParts,
  { webhookId }: HookEntry,
  step: DoableStep,
  attempt: HookAttempt,
): Promise<StepOutcome> {
  const { type, url, credentialId, at } = step.hook;
  const registration = registrationOf(nodeTypes, type);
  // Another version of Millrace may have it, or have it again.
  if (!registration) throw new MillraceError('unavailable', 'NODE_TYPE_UNKNOWN', `there is no ${type} that registers`);
  if (step.kind === 'create') {
    const hook = { url, credentialId, at, secret: secrets.secretOf(webhookId) };
    const { hookId } = await registration.create(hook, attempt);
    return { kind: 'created', hookId, signedBy: secrets.keyId };
  }
  await registration.remove({ url, credentialId, at, hookId: step.hook.hookId }, attempt);
  return { kind: 'removed' };
}

type Failure = Omit<Extract<StepOutcome, { kind: 'failed' }>, 'kind'>;

function failureIn(error: unknown, credentials: AttemptCredentials, onFault: (fault: unknown) => void): Failure {
  const { disconnected } = credentials;
  if (disconnected) return { code: 'CREDENTIAL_DISCONNECTED', message: disconnected.message, retryable: false };
  const redaction = credentials.redaction();
  try {
    credentials.ensureAnswered();
    const { code, message, retryable, inDoubt = false, retryAfterMs } = failureOf(error);
    // One that was made in doubt is found when it is made again.
    const told = { code, message: redaction.excerpt(message), retryable: retryable || inDoubt };
    return retryAfterMs === undefined ? told : { ...told, retryAfterMs };
  } catch (fault) {
    if (fault instanceof MillraceError && fault.kind === 'unavailable')
      return { code: fault.code, message: fault.message, retryable: true };
    onFault(redaction.error(fault));
    return { code: 'INTERNAL', message: 'it failed for a reason of ours; it is in the log', retryable: true };
  }
}

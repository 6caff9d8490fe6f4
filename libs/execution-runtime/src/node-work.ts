import { failureOf, type AttemptFailure } from '#libs/execution-engine';
import { MillraceError, type JsonValue } from '#libs/kernel';
import { AwaitedExecution, type AttemptContext, type ResponseDrift } from '#libs/node-kit';
import type { Scope } from '#libs/expressions';
import { callEndOf, type Admitted, type CallEnd } from './at-destination.ts';
import { AttemptCredentials, type CredentialDisconnected, type CredentialSource } from './attempt-credentials.ts';
import { mayBePutBack } from './late-limits.ts';
import { NoticedDrift } from './noticed-drift.ts';
import type { Redaction } from './redaction.ts';
import { isInDoubt, workWithin, type WorkBounds } from './work-within.ts';

/** What came of an attempt at a node or at an item. */
export type WorkResult =
  | { readonly kind: 'succeeded'; readonly output: JsonValue; readonly drift: readonly ResponseDrift[] }
  | { readonly kind: 'failed'; readonly failure: AttemptFailure }
  /** A person has to connect the credential first. */
  | { readonly kind: 'parked'; readonly disconnected: CredentialDisconnected }
  | { readonly kind: 'awaits'; readonly executionId: string };

/** What the work itself gets at, and not its context. */
type OfWork = 'signal' | 'credential' | 'credentialOf' | 'renewed' | 'spendQuota' | 'learnQuota' | 'noticeDrift';

/** Everything about one piece of work but its node. */
export interface WorkContext extends Omit<AttemptContext, OfWork | 'scope'> {
  readonly bounds: WorkBounds;
  readonly scope: Scope;
  /** Of the destination that the work calls: told how it went. */
  readonly entrance: Admitted;
  /** How often the attempt was put back before. */
  readonly putBacks: number | undefined;
}

export interface NodeWorkParts {
  readonly credentials: CredentialSource;
  /** Told of errors that no node type should throw. */
  readonly onFault: (error: unknown, attempt: { executionId: string; nodeId: string; attempt: number }) => void;
}

/**
 * One piece of a node's work, within its bounds, with its credentials, and without a trace of these in what it gives.
 * Rejects when nothing can be said of it: the process must go, or a credential can't be looked up now.
 */
export async function doWork(
  run: (context: AttemptContext) => Promise<JsonValue | AwaitedExecution>,
  context: WorkContext,
  { credentials: source, onFault }: NodeWorkParts,
): Promise<WorkResult> {
  const { bounds, entrance, putBacks, ...given } = context;
  const { executionId, nodeId, attempt } = context;
  const credentials = new AttemptCredentials(source, context.workspaceId);
  const drift = new NoticedDrift();
  const ofWork = {
    credential: credentials.get,
    credentialOf: credentials.getDefined,
    renewed: credentials.renewed,
    learnQuota: entrance.learn.bind(entrance),
    spendQuota: entrance.spend.bind(entrance),
    noticeDrift: drift.add.bind(drift),
  };
  let end: CallEnd = { outcome: 'ignored' };
  try {
    bounds.stop.throwIfAborted();
    const output = await workWithin(bounds, (signal) => run({ ...given, ...ofWork, signal }));
    end = { outcome: 'ok' };
    if (output instanceof AwaitedExecution) return { kind: 'awaits', executionId: output.executionId };
    const redaction = credentials.redaction();
    return { kind: 'succeeded', output: redaction.value(output), drift: drift.without(redaction) };
  } catch (error) {
    end = callEndOf(error);
    // That the process goes is no reason to forget what must not be done twice.
    if (!isInDoubt(error)) bounds.stop.throwIfAborted();
    bounds.unwanted.throwIfAborted();
    credentials.ensureAnswered();
    if (isOursAway(error)) throw error;
    if (credentials.disconnected) return { kind: 'parked', disconnected: credentials.disconnected };
    return {
      kind: 'failed',
      failure: failureIn(
        () => failureOf(error, mayBePutBack(error, putBacks) ? entrance.key : undefined),
        credentials.redaction(),
        (fault) => onFault(fault, { executionId, nodeId, attempt }),
      ),
    };
  } finally {
    entrance.leave(end);
  }
}

/** A log that does not take the execution that the node starts is no fault of the node, and no attempt is spent on it. */
function isOursAway(error: unknown): boolean {
  return error instanceof MillraceError && error.kind === 'unavailable';
}

function failureIn(
  told: () => AttemptFailure,
  redaction: Redaction,
  onFault: (fault: unknown) => void,
): AttemptFailure {
  try {
    const { message, details, ...failure } = told();
    return {
      ...failure,
      message: redaction.excerpt(message),
      ...(details === undefined ? {} : { details: redaction.excerpts(details) }),
    };
  } catch (fault) {
    onFault(redaction.error(fault));
    return { code: 'INTERNAL', message: 'the node failed for a reason of ours; it is in the log', retryable: true };
  }
}

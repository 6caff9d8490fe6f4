import { MillraceError } from '#libs/kernel';
import type { SourceAnswer } from '#libs/node-kit';
import type { Route } from '#libs/webhook-routes';
import { z } from 'zod';
import type { ExecutionView } from '../executions/execution-view.ts';

export interface StartedNothing {
  /** UPPER_SNAKE, e.g. `EVENT_NOT_WANTED`; null where the sender wanted nothing but the answer. */
  readonly reason: string | null;
}

/** What a caller is answered. */
export interface HookAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** There when the call started no execution: because it came before, or for this reason. */
  readonly startedNothing?: StartedNothing;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

export function acceptedAnswer(
  executionId: string,
  { status, isRepeated = false }: { readonly status?: string; readonly isRepeated?: boolean } = {},
): HookAnswer {
  return {
    status: 202,
    headers: { ...JSON_TYPE, location: `/v1/executions/${executionId}` },
    body: JSON.stringify({ executionId, ...(status === undefined ? {} : { status }) }),
    ...(isRepeated ? { startedNothing: { reason: null } } : {}),
  };
}

/** What a service is answered. */
export function sourceAnswer(
  { status, contentType = 'text/plain; charset=utf-8', body }: SourceAnswer,
  startedNothing?: StartedNothing,
): HookAnswer {
  const headers = { 'content-type': contentType };
  return { status, headers, body, ...(startedNothing ? { startedNothing } : {}) };
}

/**
 * What is known of the execution when the caller is answered. Throws `EXECUTION_FAILED` when it came to no good end: why is
 * for those who may see the execution.
 */
export function answerOf(view: ExecutionView, { mode, nodes }: NonNullable<Route['respond']>): HookAnswer {
  const said = mode === 'node' ? responseIn(view, nodes) : undefined;
  if (said) return said;
  if (view.finishedAt === null) return acceptedAnswer(view.id, { status: view.status });
  if (view.status === 'succeeded') return jsonAnswer(view.output);
  throw new MillraceError('badGateway', 'EXECUTION_FAILED', `the execution ${view.id} ${view.status}`);
}

function jsonAnswer(value: unknown): HookAnswer {
  return { status: 200, headers: JSON_TYPE, body: JSON.stringify(value) };
}

/** Beside whatever else the page asks for: it is not to act as the origin that the API has too. */
const SANDBOX = 'sandbox allow-forms allow-modals allow-popups allow-scripts allow-top-navigation-by-user-activation';

/** Without a policy of the page's own there is that of all our answers, which lets it load nothing and do nothing. */
function sandboxed(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const own = headers['content-security-policy'];
  return own === undefined ? headers : { ...headers, 'content-security-policy': `${own}, ${SANDBOX}` };
}

const response = z.object({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.json() });

/** The first `respond` node that was reached speaks. */
function responseIn({ nodes }: ExecutionView, responding: readonly string[]): HookAnswer | undefined {
  const reached = nodes.find(({ nodeId, status }) => status === 'succeeded' && responding.includes(nodeId));
  const parsed = response.safeParse(reached?.output);
  if (!parsed.success) return undefined;
  const { status, body } = parsed.data;
  const headers = sandboxed(parsed.data.headers);
  if (body === null) return { status, headers, body: '' };
  const type = typeof body === 'string' ? { 'content-type': 'text/plain; charset=utf-8' } : JSON_TYPE;
  return { status, headers: { ...type, ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

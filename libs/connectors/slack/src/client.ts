import { LogLevel, WebClient, type Logger } from '@slack/web-api';
import { AttemptCalls, driftOf, LONGEST_ATTEMPT_MS, type ConnectorParts } from '#libs/connector-kit';
import { isJsonObject, type JsonObject } from '#libs/kernel';
import { NodeError, type AttemptContext } from '#libs/node-kit';
import { outboundFetch, type OutboundHttp } from '#libs/outbound-http';
import type { z } from 'zod';
import { accountOf, type SlackAccount } from './credentials.ts';
import { failureOf, rateLimited, type Intent } from './failures.ts';
import { destinationOf } from './rate-limits.ts';

export interface SlackCall extends Intent {
  readonly arguments: Readonly<Record<string, unknown>>;
  /** What workflows rely on of the answer; no answer is refused for it. */
  readonly answer: z.ZodType;
}

/** Slack, as one attempt calls it. */
export interface Slack {
  /** What Slack answered. Rejects with NodeError. */
  call(call: SlackCall): Promise<JsonObject>;
  readonly apiUrl: string;
  readonly http: OutboundHttp;
}

/** Rejects as `AttemptContext.credential` does. */
export async function slackAs(credentialId: string, attempt: AttemptContext, parts: ConnectorParts): Promise<Slack> {
  let account = await accountOf(credentialId, attempt);
  const calls = new AttemptCalls(attempt.spendQuota);
  const called = async (call: SlackCall): Promise<JsonObject> => {
    const { repeatable: isRepeatable } = call;
    const quotaKey = destinationOf(credentialId, call);
    const answer = await calls.make({ quotaKey, isRepeatable }, () => callAs(account, call, { attempt, parts }));
    const drift = driftOf(call.answer, answer);
    if (drift.length > 0) attempt.noticeDrift(drift);
    return answer;
  };
  return {
    apiUrl: account.apiUrl,
    http: parts.http,
    call: async (call) => {
      try {
        return await called(call);
      } catch (error) {
        if (!account.renewed || !isExpired(error)) throw error;
        account = await account.renewed();
        return called(call);
      }
    },
  };
}

async function callAs(
  account: SlackAccount,
  call: SlackCall,
  { attempt: { signal }, parts }: { readonly attempt: AttemptContext; readonly parts: ConnectorParts },
): Promise<JsonObject> {
  const fetch = outboundFetch(parts.http, {
    // The SDK gets no token: whatever it logs or throws can't hold one.
    secret: () => ({ headers: { authorization: `Bearer ${account.token}` }, mayBeSentTo: account.mayBeSentTo }),
    signal,
    timeoutMs: LONGEST_ATTEMPT_MS,
  });
  const client = new WebClient(undefined, {
    slackApiUrl: account.apiUrl,
    headers: { 'User-Agent': `Millrace/${parts.version}` },
    allowAbsoluteUrls: false,
    // The engine tries again, and waits.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (response.status === 429) throw rateLimited(response.headers.get('retry-after'), call);
      return response;
    },
  });
  try {
    const answer: unknown = await client.apiCall(call.method, { ...call.arguments });
    return isJsonObject(answer) ? answer : {};
  } catch (error) {
    throw failureOf(error, call, signal);
  }
}

/** Nothing was done then, so it may be done again whatever it is. */
function isExpired(error: unknown): boolean {
  if (!(error instanceof NodeError) || !isJsonObject(error.options.details)) return false;
  return error.options.details['error'] === 'token_expired';
}

const nothing = (): void => undefined;

/** Errors say what went wrong; lines of the SDK hold what was sent. */
const SILENT: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => LogLevel.ERROR,
};

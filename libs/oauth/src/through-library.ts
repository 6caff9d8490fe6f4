import type { FetchBody } from 'openid-client';
import { InvariantError } from '#libs/kernel';
import { OAuthError } from './errors.ts';

/**
 * What a call of openid-client gives. It wraps what its fetch throws, so our own errors are looked for among the causes;
 * all else it throws may hold the request or the answer and goes no further.
 */
export async function throughLibrary<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw ourErrorIn(error) ?? new OAuthError('INVALID_ANSWER', 'the provider gave no answer of OAuth 2');
  }
}

function ourErrorIn(error: unknown): OAuthError | InvariantError | undefined {
  let cause = error;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth++) {
    if (cause instanceof OAuthError || cause instanceof InvariantError) return cause;
    cause = cause.cause;
  }
  return undefined;
}

/** openid-client sends forms and nothing else. */
export function bodyText(body: FetchBody): string {
  if (body instanceof URLSearchParams) return body.toString();
  if (typeof body === 'string') return body;
  throw new InvariantError('a request to a provider has a form as its body');
}

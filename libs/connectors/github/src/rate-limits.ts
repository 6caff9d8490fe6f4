import type { Allowance, Quota } from '#libs/node-kit';

/**
 * What GitHub counts calls of: all of the API but searching. `x-ratelimit-resource` names it in an answer.
 */
export type Resource = 'core' | 'search' | 'code_search';

export type AnswerHeaders = Readonly<Record<string, string | number | undefined>>;

/** What is assumed until an answer has told: of a person who is signed in. */
const ASSUMED: Readonly<Record<Resource, Pick<Quota, 'limit' | 'perMs'>>> = {
  core: { limit: 5_000, perMs: 3_600_000 },
  search: { limit: 30, perMs: 60_000 },
  code_search: { limit: 10, perMs: 60_000 },
};

/** What calls with a credential share: the limit, and what is said of GitHub when it fails. */
export function destinationOf(credentialId: string, resource: Resource): string {
  return resource === 'core' ? `${credentialId}@github` : `${credentialId}@github/${resource}`;
}

export function quotaOf(credentialId: string, resource: Resource): Quota {
  return { key: destinationOf(credentialId, resource), ...ASSUMED[resource], learns: true };
}

export function resourceOfPath(path: string): Resource {
  if (/^\/search\/code\b/.test(path)) return 'code_search';
  return /^\/search\//.test(path) ? 'search' : 'core';
}

/** What an answer says is left; undefined when it is of another limit, or of none that is known. */
export function allowanceIn(
  headers: AnswerHeaders,
  { resource, status, nowMs }: { readonly resource: Resource; readonly status: number; readonly nowMs: number },
): Allowance | undefined {
  const [limit, remaining] = [numberIn(headers, 'x-ratelimit-limit'), numberIn(headers, 'x-ratelimit-remaining')];
  const resetInMs = resetInMsOf(headers, nowMs);
  // A page of a proxy that failed says nothing, and an Enterprise Server may have no limit.
  if (limit === undefined) return status < 400 ? { kind: 'unlimited' } : undefined;
  if (remaining === undefined || resetInMs === undefined) return undefined;
  if ((headers['x-ratelimit-resource'] ?? resource) !== resource) return undefined;
  return { kind: 'limited', limit, remaining, resetInMs };
}

/** No window of GitHub is longer than an hour; what says more has another unit. */
const LONGEST_RESET_MS = 86_400_000;

/** Until the limit begins anew, by GitHub's own clock: ours may differ. */
export function resetInMsOf(headers: AnswerHeaders, nowMs: number): number | undefined {
  const resetS = numberIn(headers, 'x-ratelimit-reset');
  if (resetS === undefined) return undefined;
  const answeredMs = Date.parse(String(headers.date ?? ''));
  const inMs = resetS * 1_000 - (Number.isNaN(answeredMs) ? nowMs : answeredMs);
  return Math.min(Math.max(0, inMs), LONGEST_RESET_MS);
}

export function isNoneLeft(headers: AnswerHeaders): boolean {
  return numberIn(headers, 'x-ratelimit-remaining') === 0;
}

function numberIn(headers: AnswerHeaders, name: string): number | undefined {
  const text = String(headers[name] ?? '');
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

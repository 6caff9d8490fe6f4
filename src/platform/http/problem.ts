import { STATUS_CODES } from 'node:http';
import type { MillraceError, Problem } from '#libs/kernel';
import { asMillraceError } from './known-errors.ts';
import { STATUS_OF } from './statuses.ts';

/** An error as callers see it (RFC 9457). */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable, and what programs are to look at; the texts may change. */
  readonly code: string;
  readonly errors?: readonly Problem[];
}

export interface ProblemResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ProblemDocument;
}

/** As many as a workflow definition is told of, and the line that ends those; a hostile body may hold millions. */
const MAX_PROBLEMS = 1_001;
const DEFAULT_RETRY_MS = 1_000;

/** The answer to whatever was thrown, by Nest, by Fastify or by us. What is not meant for callers becomes a bare 500. */
export function problemOf(thrown: unknown): ProblemResponse {
  const error = asMillraceError(thrown);
  if (!error) return response(500, {}, { code: 'INTERNAL', detail: 'Something went wrong on our side.', errors: [] });
  return response(STATUS_OF[error.kind], headersOf(error), {
    code: error.code,
    detail: error.message,
    errors: bounded(error.problems),
  });
}

export interface ProblemFacts {
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly Problem[];
}

function bounded(problems: readonly Problem[]): readonly Problem[] {
  const more = problems.length - MAX_PROBLEMS;
  if (more <= 0) return problems;
  return [...problems.slice(0, MAX_PROBLEMS), { path: '', message: `there are ${more} more problems, not listed` }];
}

function response(status: number, headers: Record<string, string>, facts: ProblemFacts): ProblemResponse {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: problemDocument(status, facts),
  };
}

export function problemDocument(status: number, { code, detail, errors }: ProblemFacts): ProblemDocument {
  return {
    type: `urn:millrace:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    ...(errors.length > 0 ? { errors } : {}),
  };
}

function headersOf(error: MillraceError): Record<string, string> {
  const retryAfterMs = error.retryAfterMs ?? (error.kind === 'unavailable' ? DEFAULT_RETRY_MS : undefined);
  return {
    ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
    ...(error.allow === undefined ? {} : { allow: error.allow.join(', ') }),
    ...(error.kind === 'unauthenticated' ? { 'www-authenticate': error.challenge ?? 'Bearer' } : {}),
  };
}

import { StandardSchemaValidationPipe } from '@nestjs/common';
import { z } from 'zod';
import { MillraceError, type Problem } from '#libs/kernel';

/** The part of a zod issue that tells where; other kinds of issue have no keys. */
interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  readonly keys?: readonly string[];
}

/**
 * Parses what a route declares: `@Body({ schema })`, `@Query({ schema })`, `@Param('id', { schema })`, with zod schemas.
 * Objects are `z.strictObject`: an unknown field is a mistake that somebody wants to know of.
 */
export function createRequestSchemaPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues) => invalidRequest(issues),
  });
}

/** For what a route parses itself, because the schema is only known when something was read. */
export function invalidRequest(issues: readonly Issue[]): MillraceError {
  return new MillraceError('malformed', 'INVALID_REQUEST', 'the request is not as this route takes it', {
    problems: issues.flatMap(problemsOf),
  });
}

function problemsOf(issue: Issue): Problem[] {
  const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  if (issue.keys === undefined) return [{ path: pathText(path), message: messageOf(issue) }];
  return issue.keys.map((key) => ({ path: pathText([...path, key]), message: 'is not a field of this' }));
}

/** What is missing has no type that could be wrong. */
function messageOf({ message }: Issue): string {
  return message.endsWith('received undefined') ? 'is required' : message;
}

/** `nodes[2].config.url`; a name that would not read as one is quoted: `headers["x-id"]`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const name = String(part);
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

/** Text of people: trimmed, without control characters (Postgres takes no NUL), and as long as `min` to `max` characters. */
export function line(min: number, max: number) {
  return z
    .string()
    .trim()
    .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'must not hold control characters')
    .refine((text) => [...text].length >= min && [...text].length <= max, `must have ${min} to ${max} characters`)
    .meta({ minLength: min, maxLength: max });
}

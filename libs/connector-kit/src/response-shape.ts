import type { ResponseDrift } from '#libs/node-kit';
import { z } from 'zod';

/** Told one by one; a service that changed all of its answer says no more by a hundred lines. */
const MOST_TOLD = 20;

/**
 * Where an answer is not as the schema says. The schema names what workflows rely on and no more (`z.looseObject`): what is
 * new in an answer is no drift. Nothing is refused, as an answer means that the work was done.
 */
export function driftOf(schema: z.ZodType, answer: unknown): readonly ResponseDrift[] {
  const parsed = schema.safeParse(answer, { reportInput: true });
  if (parsed.success) return [];
  return parsed.error.issues.slice(0, MOST_TOLD).map((issue) => ({
    path: formatPath(issue.path),
    expected: issue.code === 'invalid_type' ? issue.expected : issue.code,
    found: issue.input === undefined ? 'missing' : typeOf(issue.input),
  }));
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

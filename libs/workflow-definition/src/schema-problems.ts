import type { Problem } from '#libs/kernel';
import type { z } from 'zod';
import { formatPath, joinPath } from './problem-path.ts';

export type SchemaIssue = z.core.$ZodIssue;

/** Turns what zod found in a value into problems with paths; `base` is the path of that value. */
export function schemaProblems(issues: readonly SchemaIssue[], base: string): Problem[] {
  return issues.flatMap((issue) => problemsOf(issue, base));
}

function problemsOf(issue: SchemaIssue, base: string): Problem[] {
  const path = joinPath(base, formatPath(issue.path));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: joinPath(path, formatPath([key])), message: 'is not a known field' }));
  }
  if (issue.code === 'invalid_union') {
    const closest = closestBranch(issue.errors);
    if (closest) return schemaProblems(closest, path);
  }
  return [{ path, message: messageOf(issue) }];
}

/** The branch of a union that was meant most likely: the value had its type, only something inside is wrong. */
function closestBranch(branches: readonly (readonly SchemaIssue[])[]): readonly SchemaIssue[] | undefined {
  return branches.find((issues) => issues.every((issue) => issue.path.length > 0)) ?? rootMismatch(branches);
}

/** When no branch fits the value at all, one message tells what every branch expected. */
function rootMismatch(branches: readonly (readonly SchemaIssue[])[]): readonly SchemaIssue[] | undefined {
  const first = branches[0]?.[0];
  if (!first) return undefined;
  const expectations = [...new Set(branches.flatMap((issues) => issues.slice(0, 1)).map(messageOf))];
  return [{ code: 'custom', path: [], message: expectations.join('; or ') }];
}

function messageOf(issue: SchemaIssue): string {
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return 'is required';
  const message = issue.message.replace(/^Invalid input: /, '').replace(/^Invalid option: /, '');
  return message.charAt(0).toLowerCase() + message.slice(1);
}

import { MillraceError } from '#libs/kernel';

/** The strong entity tag of a workflow's version. */
export function entityTagOf(version: number): string {
  return `"${version}"`;
}

/** The version that an `If-Match` header names. Throws when the header is missing, or is no tag that we give out. */
export function versionOfIfMatch(header: string | undefined): number {
  if (header === undefined) {
    throw new MillraceError(
      'preconditionRequired',
      'IF_MATCH_REQUIRED',
      'send If-Match with the ETag of the version that you changed, so that nobody else’s change is overwritten',
    );
  }
  const version = /^"(\d{1,9})"$/.exec(header.trim())?.[1];
  if (version !== undefined) return Number(version);
  throw new MillraceError(
    'stale',
    'IF_MATCH_NO_MATCH',
    'If-Match names no version of this workflow; send its ETag as it is',
  );
}

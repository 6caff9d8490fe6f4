import { MillraceError } from '#libs/kernel';

/**
 * The version that an `If-Match` header names. Throws when the header is missing, or is no tag that we give out. Only the
 * version counts: who changes the definition takes nothing away from who activated it meanwhile.
 */
export function versionOfIfMatch(header: string | undefined): number {
  if (header === undefined) {
    throw new MillraceError(
      'preconditionRequired',
      'IF_MATCH_REQUIRED',
      'send If-Match with the ETag of the version that you changed, so that nobody else’s change is overwritten',
    );
  }
  const version = /^"(\d{1,9})(?:-\d{1,9})?"$/.exec(header.trim())?.[1];
  if (version !== undefined) return Number(version);
  throw new MillraceError(
    'stale',
    'IF_MATCH_NO_MATCH',
    'If-Match names no version of this; send the ETag that you read as it is: one strong tag, as neither `*` nor a list nor a weak tag is accepted',
  );
}

/** Whether an `If-None-Match` header says that the caller has it already (RFC 9110, 13.1.2: weakly compared). */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}

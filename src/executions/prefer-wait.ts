/** The longest that a caller may wait, in seconds. */
const MAX_WAIT_SECONDS = 60;

/** Seconds to wait that a `Prefer` header asks for (RFC 7240), bounded; undefined when it asks for none. */
export function waitSecondsOf(prefer: string | undefined): number | undefined {
  const asked = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(prefer ?? '')?.[1];
  return asked === undefined ? undefined : Math.min(Number(asked), MAX_WAIT_SECONDS);
}

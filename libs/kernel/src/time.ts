/** An instant as it stands in events and answers: ISO 8601, UTC, milliseconds. */
export type Instant = string;

/** The only source of time; a parameter everywhere, so that tests can set it, also backwards. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  nowMs(): number;
}

export function toInstant(epochMs: number): Instant {
  return new Date(epochMs).toISOString();
}

/** Milliseconds since 1970-01-01T00:00Z. */
export function epochMsOf(instant: Instant): number {
  return Date.parse(instant);
}

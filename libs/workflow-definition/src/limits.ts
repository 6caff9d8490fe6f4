import { MAX_JSON_DEPTH } from '#libs/kernel';

/** What a definition may have at most. At the limit it is accepted, one above it is refused. */
export const DEFINITION_LIMITS = {
  nodes: 2_000,
  connections: 5_000,
  /** Of its JSON in UTF-8. */
  bytes: 1_048_576,
  /** Levels of arrays and objects in each other. */
  depth: MAX_JSON_DEPTH,
  /** Problems reported at once; what is found beyond is counted, not listed. */
  problems: 1_000,
} as const;

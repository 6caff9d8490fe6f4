/**
 * Versions of GitHub's REST API, by the day on which each came out. A node type sends the one that it was written for, since
 * the default of GitHub moves on; each is kept for 24 months after the next one.
 */
export const API_VERSIONS = ['2022-11-28', '2026-03-10'] as const;
export type ApiVersion = (typeof API_VERSIONS)[number];

/** What new node types are written for. */
export const NEWEST_API: ApiVersion = '2026-03-10';

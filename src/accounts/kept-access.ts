/**
 * For so long what was taken from a member or a key may still be used, in exchange for not asking Postgres at each
 * request.
 */
export const ACCESS_KEPT_MS = 5_000;

/**
 * The line of those who were sent away from one destination: each gets an instant of its own, so that they do not come
 * back all at once. The generic cell rate algorithm, with the time at which the line ends as its only state.
 */
export interface Line {
  /** When the next place is; milliseconds since 1970. */
  readonly endsAtMs: number;
}

/** Beyond this the line is folded: places are shared, and whoever finds no room then gets another one. */
export const LONGEST_LINE_MS = 60_000;

/** The next place at or after `fromMs`, `spacingMs` behind the one before; a line longer than `longestMs` is folded. */
export function takePlace(
  line: Line | undefined,
  {
    fromMs,
    spacingMs,
    longestMs = LONGEST_LINE_MS,
  }: { readonly fromMs: number; readonly spacingMs: number; readonly longestMs?: number },
): { readonly line: Line; readonly atMs: number } {
  const endsAtMs = line?.endsAtMs ?? fromMs;
  const isOfThisLine = endsAtMs >= fromMs && endsAtMs <= fromMs + longestMs;
  const atMs = isOfThisLine ? endsAtMs : fromMs;
  return { line: { endsAtMs: atMs + spacingMs }, atMs };
}

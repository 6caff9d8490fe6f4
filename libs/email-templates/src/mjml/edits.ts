/** What stands in a text from `begin` to `end` is to be something else. */
export interface Edit {
  readonly begin: number;
  readonly end: number;
  readonly into: string;
}

export interface Edited {
  readonly text: string;
  /** Where a place of the edited text was; the begin of an edit for all of what came into it. */
  offsetBefore(offset: number): number;
}

/** Edits must not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): Edited {
  let edited = '';
  let copied = 0;
  const moves: { readonly at: number; readonly was: number; readonly isInto: boolean }[] = [];
  for (const { begin, end, into } of [...edits].sort((one, other) => one.begin - other.begin)) {
    edited += text.slice(copied, begin);
    moves.push({ at: edited.length, was: begin, isInto: true });
    edited += into;
    moves.push({ at: edited.length, was: end, isInto: false });
    copied = end;
  }
  return {
    text: edited + text.slice(copied),
    offsetBefore(offset) {
      const move = moves.findLast(({ at }) => at <= offset);
      if (!move) return offset;
      return move.isInto ? move.was : move.was + offset - move.at;
    },
  };
}

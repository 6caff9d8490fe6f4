/** Names further apart than this are not a slip of the finger. */
const MAX_EDITS = 2;
const MAX_COMPARED_NAMES = 100;
const MAX_COMPARED_LENGTH = 40;

/** The names in their order, but those first that are likely meant. */
export function nearestFirst(names: readonly string[], wanted: string): readonly string[] {
  const near = names.slice(0, MAX_COMPARED_NAMES).filter((name) => isNear(name.toLowerCase(), wanted.toLowerCase()));
  return [...near, ...names.filter((name) => !near.includes(name))];
}

function isNear(name: string, wanted: string): boolean {
  if (Math.max(name.length, wanted.length) > MAX_COMPARED_LENGTH) return false;
  if (Math.abs(name.length - wanted.length) > MAX_EDITS || Math.min(name.length, wanted.length) <= MAX_EDITS)
    return false;
  return editsBetween(name, wanted) <= MAX_EDITS;
}

/** Levenshtein's distance. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

const LONGEST = 255;

/** A name that somebody outside gave a file: it leads to no other folder and holds nothing that does not show. Undefined when nothing is left. */
export function fileNameIn(given: string | undefined): string | undefined {
  const name = (given ?? '')
    .replace(/^.*[/\\]/s, '')
    .replace(/\p{C}/gu, '')
    .slice(0, LONGEST);
  return name === '' || name === '.' || name === '..' ? undefined : name;
}

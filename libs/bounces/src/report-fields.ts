/** Fields of one block of a report, by name in lower case; a name that is there several times has all its values. */
export type FieldBlock = ReadonlyMap<string, readonly string[]>;

/** What blocks of a report there may be at most; the rest is left out. */
const BLOCKS_AT_MOST = 400;

/** `message/delivery-status` (RFC 3464) and `message/feedback-report` (RFC 5965): blocks of fields with blank lines between them. */
export function readFieldBlocks(text: string): readonly FieldBlock[] {
  const blocks: FieldBlock[] = [];
  for (const block of unfolded(text).split(/\n{2,}/)) {
    const fields = readFields(block);
    if (fields.size > 0) blocks.push(fields);
    if (blocks.length >= BLOCKS_AT_MOST) break;
  }
  return blocks;
}

export function firstOf(fields: FieldBlock, name: string): string {
  return fields.get(name)?.[0] ?? '';
}

/** `rfc822; someone@example.com` and `smtp; 550 …`: what comes after the type; all of it when there is none. */
export function withoutType(value: string): string {
  return value.replace(/^[\w.-]{1,40} {0,3}; {0,3}/, '');
}

function unfolded(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[ \t]{1,200}(?=\n)/g, '')
    .replaceAll(/\n[ \t]{1,200}(?=\S)/g, ' ');
}

function readFields(block: string): FieldBlock {
  const fields = new Map<string, string[]>();
  for (const line of block.split('\n')) {
    const [, name, value] = /^([\w-]{1,60})[ \t]{0,5}:(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const key = name.toLowerCase();
    const values = fields.get(key);
    if (values) values.push(value.trim());
    else fields.set(key, [value.trim()]);
  }
  return fields;
}

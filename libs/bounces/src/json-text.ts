/** What is looked at of a text that may be JSON; a longer one is read when it ends within. */
const JSON_CHARS = 1_048_576;

/**
 * The object or array that a text begins with: some providers add a footer of their own to it. Undefined when it begins
 * with anything else or the JSON is broken.
 */
export function jsonIn(text: string): unknown {
  const json = firstValue(text.slice(0, JSON_CHARS).trimStart());
  if (json === undefined) return undefined;
  // Lines that are too long for SMTP were broken on the way, in the middle of strings.
  return parsed(json) ?? parsed(json.replaceAll(/\r?\n ?/g, ''));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** From the bracket it begins with to the one that closes it. */
function firstValue(text: string): string | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    if (depth === 0) return text.slice(0, index + 1);
  }
  return undefined;
}

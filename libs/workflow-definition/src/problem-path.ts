const PLAIN_KEY = /^[A-Za-z_$][A-Za-z0-9_$-]*$/;
const LONGEST_KEY = 64;

/** `nodes[2].config.url` of `['nodes', 2, 'config', 'url']`; keys of other shapes are quoted, as in `headers["x y"]`. */
export function formatPath(steps: readonly PropertyKey[]): string {
  let path = '';
  for (const step of steps) path = joinPath(path, formatStep(step));
  return path;
}

/** Puts a relative path behind the path of the value it is relative to. */
export function joinPath(base: string, relative: string): string {
  if (base === '' || relative === '') return base + relative;
  return relative.startsWith('[') ? base + relative : `${base}.${relative}`;
}

function formatStep(step: PropertyKey): string {
  if (typeof step === 'number') return `[${step}]`;
  const key = String(step);
  if (PLAIN_KEY.test(key) && key.length <= LONGEST_KEY) return key;
  return `[${JSON.stringify(key.length > LONGEST_KEY ? `${key.slice(0, LONGEST_KEY)}…` : key)}]`;
}

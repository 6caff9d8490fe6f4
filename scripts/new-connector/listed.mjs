import { Refused } from './names.mjs';

const LIST = /(export const CONNECTORS: readonly Connector\[\] = \[)([^\]]*)(\];)/;

/**
 * `libs/connectors/src/index.ts` with one more connector; the order is that of their names.
 * @param {string} source
 * @param {{name: string, camel: string}} connector
 */
export function listed(source, { name, camel }) {
  const [, begin, list, end] = LIST.exec(source) ?? [];
  if (list === undefined) throw new Refused('libs/connectors/src/index.ts has no list `CONNECTORS` as it was made');
  const present = list.split(',').map((one) => one.trim());
  const all = [...present.filter((one) => one !== ''), camel].toSorted();
  const imported = `import { ${camel} } from '#libs/connectors/${name}';\n`;
  return `${imported}${source.replace(LIST, `${begin}${all.join(', ')}${end}`)}`;
}

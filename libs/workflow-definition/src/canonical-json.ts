import { isJsonObject } from '#libs/kernel';

/**
 * The value as JSON in the one form that its content has (RFC 8785): no white space, keys in the order of their UTF-16
 * units. What is equal but for the order of its keys gives the same text. For what JSON.parse can give.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonicalJson(item)).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
  return `{${fields.join(',')}}`;
}

import type { JsonValue } from '#libs/kernel';
import { formatPath } from './problem-path.ts';

/** Every string inside a value, with its path. The value's depth was bounded before. */
export function findTexts(value: JsonValue): { readonly path: string; readonly text: string }[] {
  const texts: { path: string; text: string }[] = [];
  collect(value, [], texts);
  return texts;
}

function collect(value: JsonValue, steps: readonly PropertyKey[], texts: { path: string; text: string }[]): void {
  if (typeof value === 'string') {
    texts.push({ path: formatPath(steps), text: value });
  } else if (Array.isArray(value)) {
    value.forEach((item: JsonValue, index) => collect(item, [...steps, index], texts));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) collect(child, [...steps, key], texts);
  }
}

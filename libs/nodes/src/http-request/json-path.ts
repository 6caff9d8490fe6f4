import { isJsonObject, type JsonValue } from '#libs/kernel';
import { z } from 'zod';

const FIELD = String.raw`\.([\p{L}_@][\p{L}\p{N}_@-]*)`;
const INDEX = String.raw`\[(\d{1,9})\]`;
const QUOTED = String.raw`\["((?:[^"\\]|\\["\\])*)"\]`;
const STEP = new RegExp(`${FIELD}|${INDEX}|${QUOTED}`, 'gu');
const STEPS = new RegExp(`^(?:${FIELD}|${INDEX}|${QUOTED})*$`, 'u');

/** Where a value lies in a response: `meta.next`, `data[0].id`, `["@odata.nextLink"]`, or `$` for all of it. */
export const jsonPathSchema = z
  .string()
  .max(500)
  .refine((text) => tryParseJsonPath(text) !== undefined, 'must be a path into the response, such as meta.next');

type Step = string | number;

export function tryParseJsonPath(text: string): readonly Step[] | undefined {
  const steps = text.startsWith('$') ? text.slice(1) : text.startsWith('[') ? text : `.${text}`;
  return STEPS.test(steps) ? [...steps.matchAll(STEP)].map(stepOf) : undefined;
}

function stepOf([, field, index, quoted = '']: RegExpExecArray): Step {
  return index === undefined ? (field ?? quoted.replace(/\\(.)/g, '$1')) : Number(index);
}

/** What lies there; undefined when nothing does. Only own fields count, whatever they are called. */
export function valueAt(value: JsonValue, path: string): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (const step of tryParseJsonPath(path) ?? []) current = childOf(current, step);
  return current;
}

function childOf(value: JsonValue | undefined, step: Step): JsonValue | undefined {
  if (Array.isArray(value)) return typeof step === 'number' ? (value as JsonValue[])[step] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

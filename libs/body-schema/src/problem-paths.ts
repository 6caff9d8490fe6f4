import { isJsonObject, type JsonValue } from '#libs/kernel';
import { formatPath } from '#libs/workflow-definition';

export type Steps = readonly (string | number)[];

/** The path of a place in a schema, such as `schema.properties.a.pattern`. */
export function schemaPath(steps: Steps): string {
  return formatPath(['schema', ...steps]);
}

/** The path of a place in a body, such as `body.items[3].amount`. */
export function bodyPath(steps: Steps): string {
  return formatPath(['body', ...steps]);
}

/** The steps of a JSON pointer into a value: only the value says whether `3` is an index or a name. */
export function stepsOf(pointer: string, root: JsonValue): Steps {
  const steps: (string | number)[] = [];
  let at: JsonValue | undefined = root;
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    const step = Array.isArray(at) ? Number(name) : name;
    steps.push(step);
    at = childOf(at, step);
  }
  return steps;
}

function childOf(value: JsonValue | undefined, step: string | number): JsonValue | undefined {
  if (typeof step === 'number') return (value as readonly JsonValue[])[step];
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

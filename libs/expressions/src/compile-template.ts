import { isDeeperThan, isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { compileText } from './compile-text.ts';
import { EXPRESSION_LIMITS } from './limits.ts';
import { Run } from './run.ts';
import { Gathering, type Part } from './gathering.ts';
import type { CompileResult } from './types.ts';
import { setField } from './value.ts';

/**
 * Compiles a JSON value whose strings may hold `{{ expressions }}`. Reports every problem in it. Never throws: what is not
 * compiled is refused.
 */
export function compileTemplate(value: JsonValue): CompileResult {
  const { maxJsonDepth } = EXPRESSION_LIMITS;
  if (isDeeperThan(value, maxJsonDepth)) {
    const message = `the value nests deeper than ${maxJsonDepth} levels`;
    return { kind: 'refused', problems: [{ path: '', expression: '', offset: 0, message }] };
  }
  const gathering = new Gathering();
  const part = compileValue(value, '', gathering);
  if (gathering.problems.length > 0) return { kind: 'refused', problems: gathering.problems };
  return {
    kind: 'compiled',
    template: {
      dynamic: part !== undefined,
      nodeReferences: [...gathering.nodeReferences].sort(),
      variableReferences: gathering.variables.references,
      evaluate: part === undefined ? () => value : (scope, budget) => part(new Run(scope, budget)),
    },
  };
}

/** Undefined when nothing in the value changes. */
function compileValue(value: JsonValue, path: string, gathering: Gathering): Part | undefined {
  if (typeof value === 'string') return compileText(value, path, gathering);
  if (isJsonList(value)) return compileList(value, path, gathering);
  return isJsonObject(value) ? compileObject(value, path, gathering) : undefined;
}

function isJsonList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function compileList(list: readonly JsonValue[], path: string, gathering: Gathering): Part | undefined {
  const parts = list.map((item, index) => compileValue(item, `${path}[${index}]`, gathering));
  if (parts.every((part) => part === undefined)) return undefined;
  const pairs = list.map((item, index) => ({ item, part: parts[index] }));
  return (run) => pairs.map(({ item, part }) => (part === undefined ? item : part(run)));
}

/** Copies the object for each evaluation; parts without expressions are shared. Keys are never templates. */
function compileObject(object: JsonObject, path: string, gathering: Gathering): Part | undefined {
  const parts: { readonly key: string; readonly part: Part }[] = [];
  for (const key of Object.keys(object)) {
    const part = compileValue(object[key] ?? null, pathOf(path, key), gathering);
    if (part !== undefined) parts.push({ key, part });
  }
  if (parts.length === 0) return undefined;
  return (run) => {
    const copy: Record<string, JsonValue> = { ...object };
    for (const { key, part } of parts) setField(copy, key, part(run));
    return copy;
  };
}

const PLAIN_KEY = /^[A-Za-z_$][A-Za-z0-9_$-]{0,63}$/;
const MAX_KEY_SHOWN = 64;

function pathOf(path: string, key: string): string {
  if (PLAIN_KEY.test(key)) return path === '' ? key : `${path}.${key}`;
  return `${path}[${JSON.stringify(key.length > MAX_KEY_SHOWN ? `${key.slice(0, MAX_KEY_SHOWN)}…` : key)}]`;
}

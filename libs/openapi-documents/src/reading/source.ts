import type { JsonObject, JsonValue, Problem } from '#libs/kernel';
import { OPENAPI_LIMITS } from '../limits.ts';
import { fieldOf, isObject, textOf } from './json.ts';
import { Refused } from './refused.ts';

const LONGEST_CHAIN = 32;

/** A value of the document, and where it stands. */
export interface Placed {
  readonly path: string;
  readonly value: JsonObject;
}

/** The document, with what is wrong with it so far. Nothing is fetched: a `$ref` leads to a place in here, or nowhere. */
export class Source {
  readonly root: JsonObject;
  readonly problems: Problem[] = [];

  constructor(root: JsonObject) {
    this.root = root;
  }

  refuse(path: string, message: string): void {
    this.problems.push({ path, message });
    if (this.problems.length >= OPENAPI_LIMITS.problems) this.end();
  }

  /** Throws Refused when anything was wrong. */
  end(): void {
    if (this.problems.length > 0) throw new Refused('OPENAPI_DOCUMENT_INVALID', [...this.problems]);
  }

  /** What a `$ref` means; undefined, and a problem at `path`, when it means nothing. */
  at(ref: string, path: string): JsonValue | undefined {
    const steps = stepsOf(ref);
    const found = steps?.reduce<JsonValue | undefined>((value, step) => childOf(value, step), this.root);
    if (found === undefined) this.refuse(`${path}.$ref`, steps ? `leads nowhere: ${shown(ref)}` : refMessage(ref));
    return found;
  }

  /** An object that may be a `$ref` to one; undefined, and a problem, when it is none. */
  object(value: JsonValue | undefined, path: string): Placed | undefined {
    let at = value;
    let where = path;
    for (let length = 0; length < LONGEST_CHAIN; length++) {
      if (!isObject(at)) {
        this.refuse(where, 'must be an object');
        return undefined;
      }
      const ref = textOf(fieldOf(at, '$ref'));
      if (ref === undefined) return { path: where, value: at };
      at = this.at(ref, where);
      if (at === undefined) return undefined;
      where = pathOfRef(ref);
    }
    this.refuse(path, 'refers on and on and never to an object');
    return undefined;
  }
}

/** The steps of a pointer into the document; undefined for what is none. */
export function stepsOf(ref: string): readonly string[] | undefined {
  if (ref !== '#' && !ref.startsWith('#/')) return undefined;
  try {
    return ref
      .split('/')
      .slice(1)
      .map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'));
  } catch {
    return undefined;
  }
}

function childOf(value: JsonValue | undefined, step: string): JsonValue | undefined {
  if (Array.isArray(value)) return /^(0|[1-9]\d{0,8})$/.test(step) ? (value as JsonValue[])[Number(step)] : undefined;
  return fieldOf(value, step);
}

export function pathOfRef(ref: string): string {
  return (stepsOf(ref) ?? []).reduce(within, 'document');
}

/** `document.paths["/pets"].get`. */
export function within(path: string, step: string | number): string {
  if (typeof step === 'number') return `${path}[${step}]`;
  return /^[A-Za-z_$][\w$]*$/.test(step) ? `${path}.${step}` : `${path}[${JSON.stringify(shown(step))}]`;
}

function shown(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function refMessage(ref: string): string {
  return ref.startsWith('#')
    ? `must be a pointer such as "#/components/schemas/Pet", not ${shown(ref)}`
    : `must lead to a place in this document, such as "#/components/schemas/Pet": nothing is fetched, and ${shown(ref)} is elsewhere`;
}

import { isJsonObject, type JsonObject, type JsonValue, type Problem } from '#libs/kernel';
import { formatPath } from '#libs/workflow-definition';
import type { BodyContent, FieldEncoding, Operation, Parameter } from '../types.ts';
import { contentFor, formOf, type OperationInput } from './inputs.ts';
import { encode, encodeReserved, flatOf, pairsOf, textOf, written } from './styles.ts';

/** A field of a form of several parts. */
export type FormPart =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly filename: string; readonly mediaType?: string; readonly contentBase64: string };

export type WrittenBody = { readonly contentType: string } & (
  { readonly text: string } | { readonly contentBase64: string } | { readonly parts: readonly FormPart[] }
);

/** A call without its server and its secrets. */
export interface WrittenCall {
  readonly method: string;
  /** As it goes behind the URL of the server, with the query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `name=value`, encoded. */
  readonly cookies: readonly string[];
  readonly body?: WrittenBody;
}

export type WriteResult =
  | { readonly kind: 'written'; readonly call: WrittenCall }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/** Puts an input that has no problem into a call. What no style has words for, or would lead to another path, is refused. */
export function writeCall(operation: Operation, input: OperationInput): WriteResult {
  const writer = new CallWriter();
  for (const parameter of operation.parameters) {
    const value = valueOf(input, parameter);
    if (value !== null) writer.write(parameter, value);
  }
  const target = writer.targetOf(operation.path);
  const body = bodyOf(operation, input);
  const { problems, headers, cookies } = writer;
  if (problems.length > 0) return { kind: 'refused', problems };
  const { method } = operation;
  return { kind: 'written', call: { method, target, headers, cookies, ...(body ? { body } : {}) } };
}

function valueOf({ parameters = {} }: OperationInput, { key }: Parameter): JsonValue {
  return Object.hasOwn(parameters, key) ? (parameters[key] ?? null) : null;
}

class CallWriter {
  readonly problems: Problem[] = [];
  readonly headers: Record<string, string> = {};
  readonly cookies: string[] = [];
  readonly #path = new Map<string, string>();
  readonly #query: string[] = [];

  write(parameter: Parameter, value: JsonValue): void {
    const { in: place, name } = parameter;
    const given = parameter.isJson ? JSON.stringify(value) : value;
    const isDone =
      place === 'path' || place === 'header' ? this.#writeOne(parameter, given) : this.#writePairs(parameter, given);
    if (isDone) return;
    const message = `holds what ${parameter.style} has no words for in a ${place}: "${name}" may have one level`;
    this.problems.push({ path: pathOf(parameter), message });
  }

  #writeOne(parameter: Parameter, value: JsonValue): boolean {
    const flat = flatOf(value);
    if (!flat) return false;
    if (parameter.in === 'header') {
      this.headers[parameter.name.toLowerCase()] = written(parameter.name, flat, parameter, (text) => text);
      return true;
    }
    const text = written(parameter.name, flat, parameter, encode);
    if (text === '')
      this.problems.push({ path: pathOf(parameter), message: 'must not be empty: it is a part of the path' });
    this.#path.set(parameter.name, text);
    return true;
  }

  #writePairs(parameter: Parameter, value: JsonValue): boolean {
    const { in: place, name, allowReserved } = parameter;
    const pairs = pairsOf(name, value, parameter, allowReserved ? encodeReserved : encode);
    (place === 'query' ? this.#query : this.cookies).push(...(pairs ?? []));
    return pairs !== undefined;
  }

  /** A segment that a value makes a `.` or `..` would lead to another path. */
  targetOf(template: string): string {
    const segments = template.split('/').map((segment) => {
      const filled = segment.replace(/\{([^{}]+)\}/g, (_, name: string) => this.#path.get(name) ?? '');
      if (segment !== filled && /^(\.|%2e){1,2}$/i.test(filled)) {
        this.problems.push({ path: 'parameters', message: `make a part of the path ${JSON.stringify(filled)}` });
      }
      return filled;
    });
    const query = this.#query.join('&');
    return `${segments.join('/')}${query === '' ? '' : `?${query}`}`;
  }
}

function pathOf({ key }: Parameter): string {
  return formatPath(['parameters', key]);
}

function bodyOf(operation: Operation, { body, contentType }: OperationInput): WrittenBody | undefined {
  if (body === undefined) return undefined;
  const content = contentFor(operation, contentType);
  return content && writtenBody(content, body, contentType ?? plainType(content.mediaType));
}

/** What a document calls `*` is JSON where nobody says otherwise. */
function plainType(mediaType: string): string {
  return mediaType.includes('*') ? 'application/json' : mediaType;
}

function writtenBody(content: BodyContent, body: JsonValue, contentType: string): WrittenBody {
  switch (formOf(content.mediaType)) {
    case 'json':
      return { contentType, text: JSON.stringify(body) };
    case 'form':
      return {
        contentType,
        text: fieldsOf(body)
          .flatMap(([name, value]) => formPairs(content, name, value))
          .join('&'),
      };
    case 'multipart':
      return { contentType, parts: fieldsOf(body).flatMap(([name, value]) => partsOf(name, value)) };
    case 'text':
      return { contentType, text: textOf(body) };
    case 'file':
      return { contentType, contentBase64: isJsonObject(body) ? textOf(body.contentBase64 ?? '') : '' };
  }
}

function fieldsOf(body: JsonValue): [string, JsonValue][] {
  return isJsonObject(body) ? Object.entries(body).filter(([, value]) => value !== null) : [];
}

const FORM = { style: 'form', explode: true, allowReserved: false } as const;

/** An object is a field of JSON, unless the document has a style for it. */
function formPairs({ encoding = {} }: BodyContent, name: string, value: JsonValue): string[] {
  const field = Object.hasOwn(encoding, name) ? encoding[name] : undefined;
  const pairs = isJsonField(field, value) ? undefined : pairsOf(name, value, field ?? FORM, encode);
  return pairs ?? [`${encode(name)}=${encode(textOf(value))}`];
}

function isJsonField(field: FieldEncoding | undefined, value: JsonValue): boolean {
  if (field?.contentType !== undefined) return field.contentType.includes('json');
  return !field && isJsonObject(value);
}

function partsOf(name: string, value: JsonValue): FormPart[] {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap((item) => partsOf(name, item));
  if (isJsonObject(value) && typeof value.contentBase64 === 'string')
    return [filePart(name, value, value.contentBase64)];
  return value === null ? [] : [{ name, value: textOf(value) }];
}

function filePart(name: string, { name: filename, mediaType }: JsonObject, contentBase64: string): FormPart {
  return {
    name,
    filename: typeof filename === 'string' ? filename : name,
    ...(typeof mediaType === 'string' ? { mediaType } : {}),
    contentBase64,
  };
}

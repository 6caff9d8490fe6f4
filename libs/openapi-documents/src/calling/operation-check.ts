import { isJsonObject, type JsonValue, type Problem } from '#libs/kernel';
import { didYouMean, formatPath } from '#libs/workflow-definition';
import type { BodyContent, Operation, Parameter } from '../types.ts';
import { contentFor, formOf, type OperationInput } from './inputs.ts';
import { problemsAt, schemaCheckOf, type SchemaCheck } from './schema-check.ts';

/** Values whose expressions are not evaluated yet: nothing is known of what they become. */
type Skip = (value: JsonValue) => boolean;

const CHECKS = new WeakMap<Operation, OperationCheck>();

/** Checks inputs of one operation. Each schema is compiled when it is first needed, once for each object. */
export class OperationCheck {
  readonly #checks = new Map<Parameter | BodyContent, SchemaCheck>();
  readonly #byKey: ReadonlyMap<string, Parameter>;

  private constructor(private readonly operation: Operation) {
    this.#byKey = new Map(operation.parameters.map((parameter) => [parameter.key, parameter]));
  }

  static of(operation: Operation): OperationCheck {
    const known = CHECKS.get(operation);
    if (known) return known;
    const made = new OperationCheck(operation);
    CHECKS.set(operation, made);
    return made;
  }

  /** All that is wrong with an input; none means that it is as the document wants it. Paths begin with `parameters`, `body` or `contentType`. */
  problemsOf(input: OperationInput): Problem[] {
    return this.#problems(input, () => false);
  }

  /** What is wrong with an input as it is written, with expressions in it. */
  problemsOfWritten(input: { readonly [Name in keyof OperationInput]?: JsonValue | undefined }): Problem[] {
    const { parameters, body, contentType } = input;
    if (isTemplate(parameters)) return [];
    const known = isJsonObject(parameters) ? parameters : {};
    const type = typeof contentType === 'string' ? contentType : undefined;
    if (type?.includes('{{')) return this.#parameterProblems(known, holdsTemplate);
    return this.#problems({ parameters: known, body, contentType: type }, holdsTemplate);
  }

  /** Inputs that are taken as they come, and why. Compiles all schemas. */
  unchecked(): Problem[] {
    const { parameters, body, unchecked } = this.operation;
    const whyOf = (path: string, input: Parameter | BodyContent): Problem[] => {
      const check = this.#checkOf(input);
      return check.kind === 'unchecked' ? [{ path, message: check.why }] : [];
    };
    return [
      ...unchecked,
      ...parameters.flatMap((one) => whyOf(formatPath(['parameters', one.key]), one)),
      ...(body?.content ?? []).flatMap((one) => whyOf(`body, as ${one.mediaType}`, one)),
    ];
  }

  #problems({ parameters = {}, body, contentType }: OperationInput, skip: Skip): Problem[] {
    return [...this.#parameterProblems(parameters, skip), ...this.#bodyProblems(body, contentType, skip)];
  }

  #parameterProblems(given: NonNullable<OperationInput['parameters']>, skip: Skip): Problem[] {
    const unknown = Object.keys(given)
      .filter((key) => !this.#byKey.has(key))
      .map((key) => ({ path: formatPath(['parameters', key]), message: this.#unknownMessage(key) }));
    const known = [...this.#byKey].flatMap(([key, parameter]) => {
      const value = Object.hasOwn(given, key) ? given[key] : null;
      return this.#problemsOfParameter(parameter, value ?? null, skip);
    });
    return [...unknown, ...known];
  }

  #problemsOfParameter(parameter: Parameter, value: JsonValue, skip: Skip): Problem[] {
    const path = formatPath(['parameters', parameter.key]);
    if (value === null) return parameter.required ? [{ path, message: 'is required' }] : [];
    return skip(value) ? [] : problemsAt(path, this.#checkOf(parameter), value);
  }

  #unknownMessage(key: string): string {
    const { operationId } = this.operation;
    return `is no parameter of ${operationId}${didYouMean(key, this.#byKey.keys())}`;
  }

  #bodyProblems(value: JsonValue | undefined, contentType: string | undefined, skip: Skip): Problem[] {
    const { body, operationId } = this.operation;
    if (value === undefined) return body?.required ? [{ path: 'body', message: 'is required' }] : [];
    if (!body) return [{ path: 'body', message: `is not taken: ${operationId} has no body` }];
    const content = contentFor(this.operation, contentType);
    if (!content) {
      const types = body.content.map(({ mediaType }) => mediaType).join(', ');
      return [{ path: 'contentType', message: `must be one of ${types}` }];
    }
    return skip(value) ? [] : this.#problemsOfContent(content, value);
  }

  #problemsOfContent(content: BodyContent, value: JsonValue): Problem[] {
    const { mediaType } = content;
    const message = SHAPES[formOf(mediaType)]?.(value);
    if (message !== undefined) return [{ path: 'body', message: `${message}, as it is sent as ${mediaType}` }];
    return formOf(mediaType) === 'file' ? [] : problemsAt('body', this.#checkOf(content), value);
  }

  #checkOf(input: Parameter | BodyContent): SchemaCheck {
    const known = this.#checks.get(input);
    if (known) return known;
    const made = schemaCheckOf(input.schema, this.operation.$defs);
    this.#checks.set(input, made);
    return made;
  }
}

const FIELDS = (value: JsonValue): string | undefined => (isJsonObject(value) ? undefined : 'must be an object');

/** What a form needs to be written at all, whatever the schema says. */
const SHAPES: Readonly<Record<string, (value: JsonValue) => string | undefined>> = {
  form: FIELDS,
  multipart: FIELDS,
  text: (value) => (typeof value === 'string' ? undefined : 'must be a text'),
  file: (value) =>
    isJsonObject(value) && typeof value.contentBase64 === 'string'
      ? undefined
      : 'must be a file, such as {"contentBase64": …}',
};

function isTemplate(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && value.includes('{{');
}

function holdsTemplate(value: JsonValue): boolean {
  if (typeof value === 'string') return value.includes('{{');
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([name, child]: [string, JsonValue]) => name.includes('{{') || holdsTemplate(child),
  );
}

import { SetMetadata } from '@nestjs/common';
import type { z } from 'zod';

/** Headers of answers that the document describes, by name in lower case. */
export type AnswerHeader =
  | 'etag'
  | 'idempotency-replayed'
  | 'location'
  | 'preference-applied'
  | 'ratelimit'
  | 'ratelimit-policy'
  | 'retry-after';

/** Headers of requests that mean something to a route beside the common ones. */
export type RequestHeader = 'if-match' | 'if-none-match' | 'last-event-id' | 'prefer';

/** One way in which a call goes well. */
export interface Answer {
  readonly description: string;
  /** Of the JSON body, with `.meta({ id, description, examples })`; absent for an answer without a body. */
  readonly schema?: z.ZodType;
  readonly headers?: readonly AnswerHeader[];
  /** The same content in other forms, by media type, e.g. `application/x-ndjson`. */
  readonly otherForms?: Readonly<Record<string, z.ZodType>>;
}

/**
 * What a caller is told of a route in `/openapi.json`. What the route declares otherwise is read from there and not
 * said again: parameters, query and body (`@Param`, `@Query`, `@Body` with a schema), its permission, `@Idempotent()`.
 */
export interface OperationInfo {
  /** A few words in the imperative: "Create a workflow". */
  readonly summary: string;
  /** What the summary does not say, in Markdown. */
  readonly description?: string;
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Codes of what this route refuses, by status, beside those that all routes of its shape share. */
  readonly refusals?: Readonly<Record<number, readonly string[]>>;
  readonly requestHeaders?: readonly RequestHeader[];
  /** Of the body, for the few routes that parse it themselves. */
  readonly body?: z.ZodType;
}

export const OPERATION = 'millrace:operation';

/** Every route carries one; without it the application does not start. */
export const Operation = (info: OperationInfo): MethodDecorator => SetMetadata(OPERATION, info);

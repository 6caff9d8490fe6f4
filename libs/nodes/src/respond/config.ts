import { isJsonObject, type JsonObject, type JsonValue, type Problem } from '#libs/kernel';
import { anyJson } from '#libs/node-kit';
import { z } from 'zod';
import { isHeaderName } from '../header-names.ts';

export const MAX_HEADERS = 50;
const MAX_NAME_LENGTH = 256;
const MAX_VALUE_LENGTH = 8_192;

export interface RespondConfig {
  readonly status: number;
  /** Numbers and booleans are written as text; null is left out. */
  readonly headers: Readonly<Record<string, string | number | boolean | null>>;
  readonly body: JsonValue;
}

const headerValue = z.union([
  z
    .string()
    .max(MAX_VALUE_LENGTH)
    .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'must not hold line breaks, control characters or anything beyond Latin-1'),
  z.number(),
  z.boolean(),
  z.null(),
]);

export const respondConfigSchema: z.ZodType<RespondConfig> = z.strictObject({
  status: z.int().min(200).max(599).default(200),
  headers: z
    .record(z.string(), headerValue)
    .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, { error: `must be at most ${MAX_HEADERS}` })
    .default({}),
  body: anyJson().default(null),
});

/** They belong to the connection; whoever sends the answer sets them. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Names hold no expressions, unless one gives all the headers. */
export function checkRespond({ headers }: JsonObject): Problem[] {
  return isJsonObject(headers) ? nameProblems(Object.keys(headers)) : [];
}

/** Paths are relative to the config. */
export function nameProblems(names: readonly string[]): Problem[] {
  return names.flatMap((name) => {
    const message = nameProblem(name);
    return message === undefined ? [] : [{ path: `headers[${JSON.stringify(name.slice(0, 64))}]`, message }];
  });
}

function nameProblem(name: string): string | undefined {
  if (name.length > MAX_NAME_LENGTH || !isHeaderName(name)) return 'is not a header name';
  return CONNECTION_HEADERS.has(name.toLowerCase()) ? 'belongs to the connection and cannot be set' : undefined;
}

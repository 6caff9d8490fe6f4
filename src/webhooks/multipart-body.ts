import { Busboy } from '@fastify/busboy';
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileNameIn, MillraceError, type JsonObject, type JsonValue } from '#libs/kernel';
import { fieldsOf } from './fields.ts';

const MAX_PARTS = 1_000;
const MAX_NAME_BYTES = 1_024;

/**
 * The fields of a form with files: texts as they are, and files as `{name, mediaType, bytes, sha256, contentBase64}`. A name
 * that comes several times gives a list. The body is no larger than its webhook takes, so nothing here is cut.
 */
export async function multipartOf(body: Uint8Array, contentType: string): Promise<JsonObject> {
  const parts: Promise<readonly [string, JsonValue]>[] = [];
  const { promise: parsed, resolve, reject } = Promise.withResolvers<void>();
  const fail = (cause: unknown): void =>
    reject(unreadable(cause instanceof Error ? cause.message : 'malformed', cause));
  try {
    const parser = new Busboy({
      headers: { 'content-type': contentType },
      limits: { parts: MAX_PARTS, fieldNameSize: MAX_NAME_BYTES, fieldSize: body.length + 1 },
    });
    parser.on('field', (name, value) => void parts.push(Promise.resolve([name, value])));
    parser.on('file', (name, stream, ...told) => {
      const file = fileOf(name, stream, told);
      // One that breaks off is heard of before anybody waits for it.
      file.catch(fail);
      parts.push(file);
    });
    parser.on('partsLimit', () => fail(new Error(`it has more than ${MAX_PARTS} parts`)));
    parser.on('error', fail);
    parser.on('finish', resolve);
    parser.end(body);
  } catch (error) {
    fail(error);
  }
  await parsed;
  return fieldsOf(await Promise.all(parts));
}

async function fileOf(
  field: string,
  stream: Readable,
  [filename, , mediaType]: readonly [filename: string, encoding: string, mediaType: string],
): Promise<readonly [string, JsonValue]> {
  const content = await buffer(stream);
  const name = fileNameIn(filename);
  const file = {
    ...(name === undefined ? {} : { name }),
    mediaType: mediaType.toLowerCase(),
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    contentBase64: content.toString('base64'),
  };
  return [field, file];
}

function unreadable(why: string, cause: unknown): MillraceError {
  return new MillraceError('malformed', 'MALFORMED_BODY', `the body is no multipart form: ${why}`, {
    problems: [{ path: 'body', message: why }],
    cause,
  });
}

import type { JsonValue } from '#libs/kernel';
import { OPENAPI_LIMITS } from '../limits.ts';
import type { BodyContent, FieldEncoding, RequestBody } from '../types.ts';
import { entriesOf, fieldOf, isObject, present, textOf } from './json.ts';
import { writingOf, type Reading } from './parameters.ts';
import { within } from './source.ts';

export interface ReadBody {
  readonly body: RequestBody;
  /** Of each content. */
  readonly refs: readonly ReadonlySet<string>[];
}

export function readBody({ source, schemas }: Reading, given: JsonValue | undefined, at: string): ReadBody | undefined {
  if (given === undefined) return undefined;
  const placed = source.object(given, at);
  if (!placed) return undefined;
  const { value, path } = placed;
  const entries = entriesOf(value.content);
  const contentAt = within(path, 'content');
  const { mediaTypesPerBody } = OPENAPI_LIMITS;
  if (entries.length > mediaTypesPerBody) source.refuse(contentAt, `has more than ${mediaTypesPerBody} media types`);
  const read = entries.map(([mediaType, media]) => {
    const mediaAt = within(contentAt, mediaType);
    const converted = schemas.convert(fieldOf(media, 'schema') ?? true, within(mediaAt, 'schema'));
    return { content: contentOf(mediaType, media, converted.schema), refs: converted.refs };
  });
  if (read.length === 0) return undefined;
  const body: RequestBody = {
    required: value.required === true,
    ...present('description', textOf(value.description)),
    content: read.map(({ content }) => content),
  };
  return { body, refs: read.map(({ refs }) => refs) };
}

function contentOf(mediaType: string, media: JsonValue, schema: BodyContent['schema']): BodyContent {
  const encoding = entriesOf(fieldOf(media, 'encoding')).flatMap(([name, value]): [string, FieldEncoding][] =>
    isObject(value)
      ? [[name, { ...writingOf(value, 'query'), ...present('contentType', textOf(value.contentType)) }]]
      : [],
  );
  return {
    mediaType: (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase(),
    schema,
    ...(encoding.length > 0 ? { encoding: Object.fromEntries(encoding) } : {}),
  };
}

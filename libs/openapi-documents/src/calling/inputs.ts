import type { JsonObject, JsonValue } from '#libs/kernel';
import type { BodyContent, Operation } from '../types.ts';

/** What an operation is called with. */
export interface OperationInput {
  /** By key; null is left out. */
  readonly parameters?: JsonObject | undefined;
  readonly body?: JsonValue | undefined;
  /** One of the body's media types; default JSON where it takes that, else the first. */
  readonly contentType?: string | undefined;
}

/** How the body is put into bytes. */
export type BodyForm = 'json' | 'form' | 'multipart' | 'text' | 'file';

export function formOf(mediaType: string): BodyForm {
  if (/^[^/]+\/([^/]+\+)?json$/.test(mediaType) || mediaType === '*/*') return 'json';
  if (mediaType === 'application/x-www-form-urlencoded') return 'form';
  if (mediaType === 'multipart/form-data') return 'multipart';
  return /^text\/|[/+](xml|yaml|x-ndjson)$/.test(mediaType) ? 'text' : 'file';
}

/** The content that the body is written as; undefined where the operation takes none such. */
export function contentFor({ body }: Operation, contentType: string | undefined): BodyContent | undefined {
  if (contentType === undefined) {
    return body?.content.find(({ mediaType }) => formOf(mediaType) === 'json') ?? body?.content[0];
  }
  const wanted = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  return body?.content.find(({ mediaType }) => mediaType === wanted || matches(wanted, mediaType));
}

/** A document may speak of `image/*`. */
function matches(mediaType: string, range: string): boolean {
  return range === '*/*' || (range.endsWith('/*') && mediaType.startsWith(range.slice(0, -1)));
}

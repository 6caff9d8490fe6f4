import type { IncomingMessage } from 'node:http';
import { isJsonObject, type JsonObject } from '#libs/kernel';
import type { FakeAnswer } from './fake-repository.ts';

export interface Received {
  readonly method: string;
  /** Behind the URL of the API. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: JsonObject;
}

export interface Content {
  readonly bytes: Buffer;
  readonly headers: Record<string, string>;
}

/** What is sent of an answer: of a list, the page that was asked for, with a link to the next. */
export function contentOf(answer: FakeAnswer, call: Received, base: string): Content {
  if (answer.bytes) return { bytes: answer.bytes, headers: { 'content-type': 'application/vnd.github.raw+json' } };
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  if (!answer.items) return { bytes: Buffer.from(JSON.stringify(answer.body ?? null)), headers };
  const [perPage, page] = [numberIn(call, 'per_page', 30), numberIn(call, 'page', 1)];
  const items = answer.items.slice((page - 1) * perPage, page * perPage);
  const body = isJsonObject(answer.body) ? { ...answer.body, items } : items;
  const isLast = page * perPage >= answer.items.length;
  const link: Record<string, string> = isLast ? {} : { link: linkOf(call, base, page + 1) };
  return { bytes: Buffer.from(JSON.stringify(body)), headers: { ...headers, ...link } };
}

function numberIn({ query }: Received, name: string, absent: number): number {
  return Number(query.get(name) ?? absent);
}

function linkOf({ query, path }: Received, base: string, page: number): string {
  const next = new URLSearchParams(query);
  next.set('page', String(page));
  return `<${base}${path}?${next.toString()}>; rel="next"`;
}

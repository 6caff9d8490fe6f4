import type { Msg } from '@nats-io/nats-core';
import { LogUnavailableError } from '#libs/event-sourcing';
import type { JetStreamConnection } from './connection.ts';
import { NO_MESSAGE_FOUND, STREAM_NOT_FOUND } from './error-codes.ts';

export interface StoredMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly data: Uint8Array;
}

const READ_TIMEOUT_MS = 5_000;
/** A page of a history is one request; it ends with whichever comes first. */
export const PAGE = { batch: 256, max_bytes: 4 * 1024 * 1024 };

/** The subject's newest message from any in-sync replica: cheap, and possibly a moment behind. */
export async function readLast(
  connection: JetStreamConnection,
  stream: string,
  subject: string,
): Promise<StoredMessage | undefined> {
  return storedMessageIn(await request(connection, `$JS.API.DIRECT.GET.${stream}.${subject}`, ''));
}

/** The stream is not there, or not any more. */
export class StreamMissingError extends LogUnavailableError {}

interface LeaderAnswer {
  readonly message?: { readonly subject: string; readonly seq: number; readonly data?: string; readonly time: string };
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description: string };
}

/** The subject's newest message from the stream's leader: what an append will be held against. Rejects with StreamMissingError. */
export function readLastFromLeader(
  connection: JetStreamConnection,
  stream: string,
  subject: string,
  withinMs?: number,
): Promise<StoredMessage | undefined> {
  return readFromLeader(connection, stream, { subject, asked: { last_by_subj: subject }, withinMs });
}

/** The subject's first message at or after a sequence, from the stream's leader. */
export function readNextFromLeader(
  connection: JetStreamConnection,
  stream: string,
  { subject, fromSequence }: { readonly subject: string; readonly fromSequence: number },
): Promise<StoredMessage | undefined> {
  return readFromLeader(connection, stream, { subject, asked: { next_by_subj: subject, seq: fromSequence } });
}

/** When the first message at or after a sequence was stored, in ms since 1970, of those that the filter matches. */
export async function storedAtOfNext(
  connection: JetStreamConnection,
  stream: string,
  { filter, fromSequence }: { readonly filter: string; readonly fromSequence: number },
): Promise<number | undefined> {
  const message = await askLeader(connection, stream, { next_by_subj: filter, seq: fromSequence });
  return message && Date.parse(message.time);
}

async function readFromLeader(
  connection: JetStreamConnection,
  stream: string,
  { subject, asked, withinMs }: { subject: string; asked: object; withinMs?: number | undefined },
): Promise<StoredMessage | undefined> {
  const message = await askLeader(connection, stream, asked, withinMs);
  if (!message) return undefined;
  const { seq, data } = message;
  return { subject, sequence: seq, data: Buffer.from(data ?? '', 'base64') };
}

async function askLeader(
  connection: JetStreamConnection,
  stream: string,
  asked: object,
  withinMs?: number,
): Promise<LeaderAnswer['message']> {
  const reply = await request(connection, `$JS.API.STREAM.MSG.GET.${stream}`, JSON.stringify(asked), withinMs);
  const answer = reply.json<LeaderAnswer>();
  if (answer.error?.err_code === NO_MESSAGE_FOUND) return undefined;
  if (answer.error?.err_code === STREAM_NOT_FOUND) throw new StreamMissingError(`there is no stream ${stream}`);
  if (!answer.message)
    throw new LogUnavailableError(`${stream} did not answer: ${answer.error?.description ?? 'no message'}`);
  return answer.message;
}

/** Messages of one literal subject from a sequence on, oldest first, a page at a time. */
export async function* readSubject(
  connection: JetStreamConnection,
  stream: string,
  subject: string,
  fromSequence = 1,
): AsyncIterable<StoredMessage> {
  for (let from = Math.max(1, fromSequence); ;) {
    const { messages, pending } = await readPage(connection, stream, { seq: from, next_by_subj: subject, ...PAGE });
    yield* messages;
    const last = messages.at(-1);
    if (!last || pending === 0) return;
    from = last.sequence + 1;
  }
}

/** How many messages of a subject, which may have wildcards, a replica has from a sequence on. */
export async function countFrom(
  connection: JetStreamConnection,
  stream: string,
  { subject, fromSequence }: { readonly subject: string; readonly fromSequence: number },
): Promise<number> {
  const asked = { seq: Math.max(1, fromSequence), next_by_subj: subject, batch: 1 };
  const { messages, pending } = await readPage(connection, stream, asked);
  return messages.length + pending;
}

export interface Page {
  readonly messages: readonly StoredMessage[];
  /** How many more there are. */
  readonly pending: number;
}

/**
 * One direct get of several messages. Own inbox and callback: the client's iterator form leaves its subscription
 * behind at the end of a batch. The end is an empty message with status 204, nothing found one with 404.
 */
export function readPage(connection: JetStreamConnection, stream: string, body: object): Promise<Page> {
  connection.ensureConnected();
  const { promise, resolve, reject } = Promise.withResolvers<Page>();
  const fail = (why: string): void => reject(new LogUnavailableError(`${stream} ${why}`));
  const messages: StoredMessage[] = [];
  const inbox = `_INBOX.${crypto.randomUUID().replaceAll('-', '')}`;
  const subscription = connection.client.subscribe(inbox, {
    callback: (error, message) => {
      if (error) {
        fail(error.message);
        return;
      }
      const { code, description } = message.headers ?? {};
      if (!code) messages.push(storedMessageOf(message));
      else if (code === 204 || code === 404) resolve({ messages, pending: pendingAfter(message) });
      else fail(`answered ${code} ${description}`);
    },
  });
  const timer = setTimeout(() => fail('did not answer'), READ_TIMEOUT_MS);
  // What was sent to the connection that is gone does not come again, and its absence could not be seen.
  const unobserve = connection.observe({ lost: () => fail('was lost while it answered') });
  connection.client.publish(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify(body), { reply: inbox });
  return promise.finally(() => {
    clearTimeout(timer);
    unobserve();
    subscription.unsubscribe();
  });
}

/** How many messages the server has left, from the end of a page; it ends pages early that would be too large. */
function pendingAfter({ headers }: Msg): number {
  return Number(headers?.get('Nats-Num-Pending') || 0);
}

export async function request(
  connection: JetStreamConnection,
  subject: string,
  body: string,
  withinMs = READ_TIMEOUT_MS,
): Promise<Msg> {
  connection.ensureConnected();
  const { promise: lost, reject } = Promise.withResolvers<never>();
  // The client would wait for its time to pass, though the answer can't come any more.
  const unobserve = connection.observe({ lost: () => reject(new Error('the connection was lost')) });
  try {
    return await Promise.race([connection.client.request(subject, body, { timeout: withinMs }), lost]);
  } catch (cause) {
    throw new LogUnavailableError('the log did not answer a read', { cause });
  } finally {
    unobserve();
  }
}

/** Undefined when there is none. */
function storedMessageIn(message: Msg): StoredMessage | undefined {
  const { code, description } = message.headers ?? {};
  if (!code) return storedMessageOf(message);
  if (code === 404) return undefined;
  throw new LogUnavailableError(`the log answered a read with ${code} ${description ?? ''}`);
}

function storedMessageOf(message: Msg): StoredMessage {
  return {
    subject: message.headers?.get('Nats-Subject') ?? '',
    sequence: Number(message.headers?.get('Nats-Sequence')),
    data: message.data,
  };
}

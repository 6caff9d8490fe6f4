import type { Msg } from '@nats-io/nats-core';
import { LogUnavailableError } from '#libs/event-sourcing';
import type { JetStreamConnection } from './connection.ts';

export interface StoredMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly data: Uint8Array;
}

const READ_TIMEOUT_MS = 5_000;
/** Messages of one page of a history; a page is one request. */
const PAGE = 256;

/** The subject's newest message from any in-sync replica: cheap, and possibly a moment behind. */
export async function readLast(
  connection: JetStreamConnection,
  stream: string,
  subject: string,
): Promise<StoredMessage | undefined> {
  const message = await request(connection, `$JS.API.DIRECT.GET.${stream}.${subject}`, '');
  return notFound(message) ? undefined : storedMessageOf(message);
}

interface LeaderAnswer {
  readonly message?: { readonly subject: string; readonly seq: number; readonly data?: string };
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description: string };
}

/** The subject's newest message from the stream's leader: what an append will be held against. */
export async function readLastFromLeader(
  connection: JetStreamConnection,
  stream: string,
  subject: string,
): Promise<StoredMessage | undefined> {
  const body = JSON.stringify({ last_by_subj: subject });
  const answer = (await request(connection, `$JS.API.STREAM.MSG.GET.${stream}`, body)).json<LeaderAnswer>();
  if (answer.error?.code === 404) return undefined;
  if (!answer.message)
    throw new LogUnavailableError(`${stream} did not answer: ${answer.error?.description ?? 'no message'}`);
  const { seq, data } = answer.message;
  return { subject, sequence: seq, data: Buffer.from(data ?? '', 'base64') };
}

/** Messages of one literal subject from a sequence on, oldest first, a page at a time. */
export async function* readSubject(
  connection: JetStreamConnection,
  stream: string,
  subject: string,
  fromSequence = 1,
): AsyncIterable<StoredMessage> {
  for (let from = Math.max(1, fromSequence); ; ) {
    const page = await readPage(connection, stream, { seq: from, next_by_subj: subject, batch: PAGE });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    from = last.sequence + 1;
  }
}

/**
 * One direct get of several messages. Own inbox and callback: the client's iterator form leaves its subscription
 * behind at the end of a batch. The end is an empty message with status 204, nothing found one with 404.
 */
function readPage(connection: JetStreamConnection, stream: string, body: object): Promise<StoredMessage[]> {
  connection.ensureConnected();
  const { promise, resolve, reject } = Promise.withResolvers<StoredMessage[]>();
  const page: StoredMessage[] = [];
  const inbox = `_INBOX.${crypto.randomUUID().replaceAll('-', '')}`;
  const subscription = connection.client.subscribe(inbox, {
    callback: (_error, message) => {
      const status = message.headers?.code;
      if (!status) page.push(storedMessageOf(message));
      else if (status === 204 || status === 404) resolve(page);
      else reject(new LogUnavailableError(`${stream} answered ${status} ${message.headers?.description ?? ''}`));
    },
  });
  const timer = setTimeout(() => reject(new LogUnavailableError(`${stream} did not answer`)), READ_TIMEOUT_MS);
  connection.client.publish(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify(body), { reply: inbox });
  return promise.finally(() => {
    clearTimeout(timer);
    subscription.unsubscribe();
  });
}

async function request(connection: JetStreamConnection, subject: string, body: string): Promise<Msg> {
  connection.ensureConnected();
  try {
    return await connection.client.request(subject, body, { timeout: READ_TIMEOUT_MS });
  } catch (cause) {
    throw new LogUnavailableError('the log did not answer a read', { cause });
  }
}

function notFound(message: Msg): boolean {
  return message.headers?.code === 404;
}

function storedMessageOf(message: Msg): StoredMessage {
  return {
    subject: message.headers?.get('Nats-Subject') ?? '',
    sequence: Number(message.headers?.get('Nats-Sequence')),
    data: message.data,
  };
}

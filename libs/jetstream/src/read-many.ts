import { LogUnavailableError } from '#libs/event-sourcing';
import type { JetStreamConnection } from './connection.ts';
import { PAGE, readPage, request, type StoredMessage } from './read.ts';

interface InfoAnswer {
  readonly state?: { readonly subjects?: Readonly<Record<string, number>> };
  readonly error?: { readonly description: string };
}

/**
 * The subjects of a stream that hold messages, those that the filter matches, a page of up to 100,000 at a time. The
 * server sorts them: one that comes to be while the pages are read may show another one twice, and hides none; one that
 * goes meanwhile may hide its neighbour.
 */
export async function* subjectsOf(
  connection: JetStreamConnection,
  stream: string,
  filter: string,
): AsyncIterable<readonly string[]> {
  for (let offset = 0; ;) {
    const body = JSON.stringify({ subjects_filter: filter, offset });
    const answer = (await request(connection, `$JS.API.STREAM.INFO.${stream}`, body)).json<InfoAnswer>();
    if (!answer.state) throw new LogUnavailableError(`${stream} did not answer: ${answer.error?.description ?? ''}`);
    const page = Object.keys(answer.state.subjects ?? {});
    if (page.length === 0) return;
    yield page;
    offset += page.length;
  }
}

/** The server answers no more subjects than this at once. */
export const MAX_SUBJECTS_AT_ONCE = 1024;

/**
 * The newest message of each of up to `MAX_SUBJECTS_AT_ONCE` subjects, by subject, from any in-sync replica. A subject
 * without one is left out.
 */
export async function readLastOfEach(
  connection: JetStreamConnection,
  stream: string,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, StoredMessage>> {
  const found = new Map<string, StoredMessage>();
  if (subjects.length === 0) return found;
  for (let from = 1; ;) {
    const { messages, pending } = await readPage(connection, stream, { multi_last: subjects, seq: from, ...PAGE });
    // What was written between two pages comes a second time, newer.
    for (const message of messages) found.set(message.subject, message);
    const last = messages.at(-1);
    if (!last || pending === 0) return found;
    from = last.sequence + 1;
  }
}

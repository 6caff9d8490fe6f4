import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { dataOf } from '../../dist/libs/api-client/src/index.js';
import { createCommitCodec } from '../../dist/libs/event-store-jetstream/src/index.js';
import { executionEventSchema, isTerminalEvent } from '../../dist/libs/execution-engine/src/index.js';
import { addCommit } from './histories.mjs';

const LOG = 'EXECUTIONS_';
const PAGE = 200;

/** All histories, from the log itself. */
export async function readHistories(natsUrl) {
  const client = await connect({ servers: natsUrl });
  try {
    const histories = new Map();
    const codec = createCommitCodec(executionEventSchema);
    for await (const { name, state } of await executionStreams(client)) {
      for await (const message of messagesOf(client, name, state)) {
        addCommit(histories, codec.decodeEvents(message.data, message.seq), isTerminalEvent);
      }
    }
    return histories;
  } finally {
    await client.close();
  }
}

/** The status of every execution that the API lists. */
export async function readListed(client) {
  const listed = new Map();
  for (let cursor; cursor !== null;) {
    const query = { limit: PAGE, ...(cursor && { cursor }) };
    const page = await dataOf(client.GET('/v1/executions', { params: { query } }));
    for (const { id, status } of page.items) listed.set(id, status);
    cursor = page.nextCursor;
  }
  return listed;
}

export async function readDeadLetters(client) {
  const { items } = await dataOf(client.GET('/v1/dead-letters', { params: { query: { limit: PAGE } } }));
  return items.map(({ id }) => id);
}

async function executionStreams(client) {
  const streams = [];
  for await (const { config, state } of (await jetstreamManager(client)).streams.list()) {
    if (config.name.startsWith(LOG)) streams.push({ name: config.name, state });
  }
  return streams;
}

async function* messagesOf(client, stream, { messages, last_seq }) {
  if (messages === 0) return;
  const consumer = await jetstream(client).consumers.get(stream);
  for await (const message of await consumer.consume({ max_messages: 1_000 })) {
    yield message;
    if (message.seq >= last_seq) return;
  }
}

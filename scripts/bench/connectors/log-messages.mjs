import { jetstreamManager } from '@nats-io/jetstream';
import { join } from 'node:path';
import { findRunningNatsServer } from '../../../dist/libs/embedded-servers/src/index.js';
import { JetStreamConnection } from '../../../dist/libs/jetstream/src/index.js';

/** Messages that the app's NATS has stored since its start, by stream. */
export async function storedMessages(app) {
  const url = await findRunningNatsServer(join(app.dir, 'data', 'nats'));
  await using connection = await JetStreamConnection.open({ servers: [url], name: 'bench' });
  const streams = (await jetstreamManager(connection.client)).streams.list();
  const stored = {};
  for await (const { config, state } of streams) stored[config.name] = state.last_seq;
  return stored;
}

/** Since then; streams without any are left out. */
export function messagesSince(before, after) {
  const counts = Object.entries(after).map(([name, last]) => [name, last - (before[name] ?? 0)]);
  return Object.fromEntries(counts.filter(([, count]) => count > 0).sort(([, one], [, other]) => other - one));
}

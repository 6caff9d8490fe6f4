import { jetstreamManager, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Client } from 'pg';

/** Every message of every stream and every row of every table, as text: where a secret must not be found. */
export async function everythingStored(on: { natsUrl: string; databaseUrl: string }): Promise<string> {
  return [await messages(on.natsUrl), await rows(on.databaseUrl)].join('\n');
}

async function messages(natsUrl: string): Promise<string> {
  const connection = await connect({ servers: natsUrl });
  const found: string[] = [];
  try {
    const manager = await jetstreamManager(connection);
    for await (const stream of manager.streams.list()) found.push(...(await messagesOf(manager, stream)));
    return found.join('\n');
  } finally {
    await connection.close();
  }
}

async function messagesOf(manager: JetStreamManager, { config, state }: StreamInfo): Promise<string[]> {
  const found: string[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    // Between the first and the last some may be gone.
    const message = await manager.streams.getMessage(config.name, { seq }).catch(() => null);
    if (message) found.push(`${message.subject} ${message.string()}`);
  }
  return found;
}

async function rows(databaseUrl: string): Promise<string> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const { rows: texts } = await client.query<{ text: string }>(`select t::text as text from ${name} t`);
      found.push(...texts.map(({ text }) => `${name} ${text}`));
    }
    return found.join('\n');
  } finally {
    await client.end();
  }
}

import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { Client } from 'pg';
import { createTestDatabase, ensureTemplateDatabase, startTestNats } from './servers.ts';

describe('startTestNats', () => {
  it.each(['restart', 'kill and start'] as const)('is where it was, with its data, after %s', async (how) => {
    await using nats = await startTestNats();
    const { url, pid } = nats;
    await addStream(url, 'KEPT');

    if (how === 'restart') await nats.restart();
    else await nats.kill().then(() => nats.start());

    expect(nats.url).toBe(url);
    expect(nats.pid).not.toBe(pid);
    expect(await streamNames(url)).toEqual(['KEPT']);
  });
});

describe('createTestDatabase', () => {
  it('gives an empty database, each time another', async () => {
    await using one = await createTestDatabase();
    await using two = await createTestDatabase();
    await query(one.url, 'create table a (n int)');

    expect(await query(two.url, `select to_regclass('a') as a`)).toEqual([{ a: null }]);
  });

  it('copies a template that is prepared once', async () => {
    let prepared = 0;
    const prepare = async (url: string): Promise<void> => {
      prepared++;
      await query(url, 'create table b as select 1 as n');
    };
    await Promise.all([
      ensureTemplateDatabase('servers_spec', prepare),
      ensureTemplateDatabase('servers_spec', prepare),
    ]);

    await using database = await createTestDatabase({ template: 'servers_spec' });

    expect(await query(database.url, 'select n from b')).toEqual([{ n: 1 }]);
    expect(prepared).toBe(1);
  });

  it('notices a connection that was left open', async () => {
    const database = await createTestDatabase();
    const leaked = new Client({ connectionString: database.url });
    await leaked.connect();
    await leaked.query('select 42');
    try {
      await expect(database[Symbol.asyncDispose]()).rejects.toThrow('select 42');
    } finally {
      await leaked.end();
    }
  });
});

async function addStream(url: string, name: string): Promise<void> {
  const client = await connect({ servers: url });
  await (await jetstreamManager(client)).streams.add({ name, subjects: [name] });
  await client.close();
}

async function streamNames(url: string): Promise<string[]> {
  const client = await connect({ servers: url });
  const names: string[] = [];
  for await (const name of (await jetstreamManager(client)).streams.names()) names.push(name);
  await client.close();
  return names;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

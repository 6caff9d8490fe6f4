import { jetstreamManager } from '@nats-io/jetstream';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { startTestNats, type TestNats } from '../../../test/support/servers.ts';
import { ParkedExecutionsBucket } from './index.ts';

describe('ParkedExecutionsBucket', () => {
  let nats: TestNats;
  let connection: JetStreamConnection;
  let publisher: JetStreamPublisher;
  beforeAll(async () => {
    nats = await startTestNats();
    connection = await JetStreamConnection.open({ servers: [nats.url], name: 'parked spec' });
    publisher = new JetStreamPublisher(connection);
  });
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  it('tells who waits for a credential, each once, and for no other', async () => {
    const parked = await ParkedExecutionsBucket.open(connection, publisher, 1);
    for (const id of ['ex_1', 'ex_2', 'ex_1']) await parked.remember('cr_1', id, 599_001);
    await parked.remember('cr_2', 'ex_3', 1);
    const waitingFor = async (credentialId: string): Promise<string[]> => {
      const found: string[] = [];
      for await (const id of parked.waitingFor(credentialId)) found.push(id);
      return found.toSorted();
    };
    expect(await waitingFor('cr_1')).toEqual(['ex_1', 'ex_2']);
    expect(await waitingFor('cr_3')).toEqual([]);
    const manager = await jetstreamManager(connection.client);
    const { header } = (await manager.streams.getMessage('KV_parked', { last_by_subj: '$KV.parked.cr_1.ex_1' })) ?? {};
    expect(header?.get('Nats-TTL')).toBe('600s');
  });
});

import { jetstreamManager } from '@nats-io/jetstream';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { startTestNats } from '../../test/support/servers.ts';
import { digestOf, newToken, type Flow } from './flow.ts';
import { Flows } from './flows.ts';

describe('Flows', () => {
  it('end when they were to end, however often they were written, and are used once', async () => {
    await using nats = await startTestNats();
    await using connection = await JetStreamConnection.open({ servers: [nats.url], name: 'flows spec' });
    const clock = { ms: Date.now(), nowMs: () => clock.ms };
    const flows = await Flows.open(connection, new JetStreamPublisher(connection), { replicas: 1, clock });
    const manager = await jetstreamManager(connection.client);
    const ttlOf = async (state: string): Promise<string | undefined> =>
      (
        await manager.streams.getMessage('KV_oauth-flows', { last_by_subj: `$KV.oauth-flows.${digestOf(state)}` })
      )?.header.get('Nats-TTL');
    const flow: Flow = {
      ...{ workspaceId: 'ws_1', credentialId: 'cr_1', actor: { type: 'user', id: 'usr_1' }, client: 'c', keyId: 'k' },
      endsAtMs: clock.ms + 600_000,
    };
    const [used, ended] = [newToken(), newToken()];
    for (const state of [used, ended]) expect(await flows.begin(state, flow)).toBe(true);
    expect(await flows.begin(used, flow)).toBe(false);
    expect(await ttlOf(used)).toBe('600s');

    clock.ms += 540_000;
    const found = await flows.find(ended);
    if (found.kind !== 'open') throw new Error('it has a minute left');
    expect(await flows.change(ended, { ...flow, browser: 'b' }, found.revision)).toBe(true);
    expect(await flows.change(ended, flow, found.revision)).toBe(false);
    expect(await ttlOf(ended)).toBe('60s');
    const open = await flows.find(used);
    if (open.kind !== 'open') throw new Error('nobody used it');
    expect(await Promise.all([1, 2].map(() => flows.use(used, flow, open.revision)))).toEqual([true, false]);
    expect(await flows.find(used)).toEqual({ kind: 'used' });

    clock.ms += 60_000;
    expect(await flows.find(ended)).toEqual({ kind: 'unknown' });
    expect(await flows.find(newToken())).toEqual({ kind: 'unknown' });
  });
});

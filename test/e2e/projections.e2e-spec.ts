import { callThrough, expectAllFinishedOnce } from '../support/accepted-calls.ts';
import { Api } from '../support/api.ts';
import { bigOrders } from '../support/big-orders.ts';
import { ScaledMillrace } from '../support/scaled-millrace.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

interface Projection {
  readonly name: string;
  readonly state: string;
  readonly stopped: string | null;
  readonly lag: { readonly events: number; readonly ms: number };
  readonly streams: readonly { readonly stream: string; readonly lagEvents: number }[];
  readonly parked: { readonly count: number };
  readonly rebuild: {
    readonly id: string;
    readonly state: string;
    readonly done: number;
    readonly total: number;
  } | null;
  readonly lastRebuild: {
    readonly id: string;
    readonly state: string;
    readonly rows: number | null;
    readonly checksum: { readonly same: boolean | null } | null;
  } | null;
}

describe('projections', () => {
  let millrace: ScaledMillrace;
  let sink: Sink;
  let api: Api;

  beforeAll(async () => {
    sink = await Sink.start();
    millrace = await ScaledMillrace.start();
    api = await Api.register(millrace.url);
  }, 90_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  }, 60_000);

  const projection = async (name: string): Promise<Projection> => {
    const { status, body } = await api.send('GET', '/v1/projections');
    expect(status).toBe(200);
    const found = (body as { items: Projection[] }).items.find((one) => one.name === name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  };
  const rebuild = (name: string, query = '') => api.send('POST', `/v1/projections/${name}/rebuild${query}`);
  const ended = (name: string, id: string): Promise<NonNullable<Projection['lastRebuild']>> =>
    until(
      `the rebuild of ${name} is over`,
      async () => {
        const { lastRebuild } = await projection(name);
        return lastRebuild?.id === id ? lastRebuild : undefined;
      },
      60_000,
    );

  it('are rebuilt under load, through kill -9 of the projector, with nothing lost or doubled', async () => {
    const { hook } = await api.activate(bigOrders(sink.url));
    const accepted = await callThrough(millrace.url + hook, {
      total: 500,
      together: 16,
      meanwhile: async () => {
        const ordered = await rebuild('executions');
        expect(ordered).toMatchObject({ status: 202, body: { compareOnly: false } });
        const { id } = ordered.body as { id: string };
        expect(await rebuild('executions')).toMatchObject({ status: 409, body: { code: 'REBUILD_RUNNING' } });
        await millrace.killPart('projector');
        expect((await projection('executions')).rebuild?.id).toBe(id);
        await millrace.startPart('projector');
        expect(await ended('executions', id)).toMatchObject({ state: 'done', checksum: { same: true } });
      },
    });
    await expectAllFinishedOnce(api, sink, accepted);
    await until('all is shown', async () => ((await projection('executions')).lag.events === 0 ? true : undefined));
    const { body } = await rebuild('executions', '?compareOnly=true');
    const { id } = body as { id: string };
    expect(await ended('executions', id)).toMatchObject({ state: 'done', rows: 500, checksum: { same: true } });
  }, 180_000);

  it.each(['workflows', 'deadLetters', 'deliveries', 'mails', 'suppressions'])(
    'are rebuilt each by itself: %s',
    async (name) => {
      const { body } = await rebuild(name);
      const { id } = body as { id: string };
      expect(await ended(name, id)).toMatchObject({ state: 'done', checksum: { same: true } });
      const created = await api.send('POST', '/v1/workflows', { json: { ...bigOrders(sink.url), name: 'After' } });
      expect(created.status).toBe(201);
    },
    90_000,
  );

  it('tell how far they are while nobody makes them, and whose turn it is', async () => {
    await millrace.killPart('projector');
    const created = await api.send('POST', '/v1/workflows', { json: bigOrders(sink.url) });
    expect(created.status).toBe(202);
    const behind = await projection('workflows');
    expect(behind).toMatchObject({ state: 'live', stopped: null, lag: { events: 1 }, rebuild: null });
    expect(behind.lag.ms).toBeGreaterThanOrEqual(2000);
    const { body } = await rebuild('workflows');
    expect(body).toMatchObject({ state: 'requested', startedAt: null, perSecond: null, estimatedFinishAt: null });
    expect(await api.send('DELETE', '/v1/projections/workflows/rebuild')).toMatchObject({ status: 204 });
    expect(await api.send('DELETE', '/v1/projections/workflows/rebuild')).toMatchObject({ status: 204 });
    expect((await projection('workflows')).lastRebuild).toMatchObject({ state: 'cancelled' });
    await millrace.startPart('projector');
    await until('it is level', async () => ((await projection('workflows')).lag.events === 0 ? true : undefined));
  }, 90_000);

  it('may show a suppression a little later than it holds, and that it was taken from the list', async () => {
    await millrace.killPart('projector');
    const kept = await api.send('POST', '/v1/suppressions', { json: { address: 'kept@example.org' } });
    const taken = await api.send('POST', '/v1/suppressions', { json: { address: 'taken@example.org' } });
    expect([kept.status, taken.status]).toEqual([202, 202]);
    const { id } = taken.body as { id: string };
    expect((await api.send('DELETE', `/v1/suppressions/${id}`)).status).toBe(202);
    expect((await api.send('DELETE', `/v1/suppressions/${id}`)).status).toBe(404);
    await millrace.startPart('projector');
    const page = { items: [kept.body], nextCursor: null };
    await until('the list is level', async () =>
      (await projection('suppressions')).lag.events === 0 ? true : undefined,
    );
    expect((await api.send('GET', '/v1/suppressions')).body).toEqual(page);
  }, 90_000);

  it('show what they could not take', async () => {
    expect(await api.send('GET', '/v1/projections/executions/parked')).toMatchObject({
      status: 200,
      body: { items: [], nextCursor: null },
    });
    expect(await api.send('GET', '/v1/projections/rows/parked')).toMatchObject({
      status: 404,
      body: { code: 'PROJECTION_NOT_FOUND' },
    });
  });
});

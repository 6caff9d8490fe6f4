import type { JetStreamManager } from '@nats-io/jetstream';
import { dataOf, type components } from '#libs/api-client';
import type { JsonObject } from '#libs/kernel';
import { BackfillSlot } from '../../src/bulk/backfill-slot.ts';
import { LOG_MANAGER, SCHEDULE_LOG, type ScheduleLog } from '../../src/platform/nats/tokens.ts';
import { Api } from '../support/api.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { World } from '../support/openapi/world.ts';
import { until } from '../support/until.ts';

type Schedule = components['schemas']['Schedule'];
type Proof = components['schemas']['ScheduleProof'];

describe('schedules over HTTP', () => {
  let millrace: LocalMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
  }, 60_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
  });

  /** An active workflow with these triggers, and its schedules by node. */
  const scheduled = async (...configs: readonly JsonObject[]) => {
    const nodes = configs.map((config, index) => ({ id: `s${index}`, type: 'trigger.schedule', config }));
    const workflowId = await api.create({ name: 'Scheduled', nodes, connections: [] });
    await activated(workflowId);
    const items = await listed(`?workflowId=${workflowId}`);
    return { workflowId, schedules: items.toSorted((one, other) => (one.nodeId < other.nodeId ? -1 : 1)) };
  };
  const scheduledOnce = async (config: JsonObject): Promise<{ readonly workflowId: string; readonly id: string }> => {
    const { workflowId, schedules } = await scheduled(config);
    return { workflowId, id: schedules[0]?.id ?? '' };
  };
  const activated = async (workflowId: string, what = 'activate'): Promise<void> => {
    expect(await api.send('POST', `/v1/workflows/${workflowId}/${what}`)).toMatchObject({ status: 200 });
  };
  const listed = async (query = ''): Promise<Schedule[]> => {
    const { status, body } = await api.send('GET', `/v1/schedules${query}`);
    expect(status).toBe(200);
    return (body as { items: Schedule[] }).items;
  };
  const told = (id: string, what: string, json?: JsonObject) =>
    api.send('POST', `/v1/schedules/${id}/${what}`, json ? { json } : {});
  const proofOf = async (id: string, query = ''): Promise<Proof> => {
    const { status, body } = await api.send('GET', `/v1/schedules/${id}/proof${query}`);
    expect(status).toBe(200);
    return body as Proof;
  };
  /** The job of a backfill when it is over. */
  const backfilled = async (id: string, json: JsonObject): Promise<Record<string, unknown>> => {
    const begun = await told(id, 'backfill', { ...json, perSecond: 100 });
    expect(begun.status).toBe(202);
    return until('the job is over', async () => {
      const job = (await api.send('GET', begun.headers.get('location') ?? '')).body as Record<string, unknown>;
      return job['status'] === 'finished' ? job : undefined;
    });
  };
  /** Publishes the definition once more, as the next version. */
  const published = async (workflowId: string): Promise<void> => {
    const path = { id: workflowId };
    const { nodes, settings } = await dataOf(api.client.GET('/v1/workflows/{id}', { params: { path } }));
    const json = { name: 'Next', nodes, connections: [], settings };
    const headers = { 'if-match': '"1"' };
    expect((await api.send('PUT', `/v1/workflows/${workflowId}`, { json, headers })).status).toBe(200);
  };
  const preview = (json: JsonObject) => api.send('POST', '/v1/schedules/preview', { json });

  it('are there once their workflow is active, with the next five slots of each', async () => {
    const { workflowId, schedules } = await scheduled(
      { cron: '30 2 * * *', timezone: 'Europe/Berlin', misfire: 'skip' },
      { everyMs: 3_600_000, overlap: 'skip', jitterMs: 1000 },
      { at: '2999-12-24T18:00', timezone: 'America/New_York' },
      { at: '2001-01-01T00:00:00Z' },
    );
    expect(schedules).toMatchObject([
      { nodeId: 's0', cron: '30 2 * * *', timezone: 'Europe/Berlin', misfire: 'skip', overlap: 'allow' },
      { nodeId: 's1', everyMs: 3_600_000, cron: null, misfire: 'runOnce', overlap: 'skip', jitterMs: 1000 },
      { nodeId: 's2', at: '2999-12-24T23:00:00.000Z', next: ['2999-12-24T23:00:00.000Z'], status: 'active' },
      { nodeId: 's3', at: '2001-01-01T00:00:00.000Z', next: [], status: 'finished', lastFire: null },
    ]);
    expect(schedules.map(({ next }) => next.length)).toEqual([5, 5, 1, 0]);
    expect(await listed(`?workflowId=${workflowId}&status=finished`)).toEqual([schedules[3]]);
    await activated(workflowId, 'deactivate');
    expect(await listed(`?workflowId=${workflowId}`)).toEqual([]);
    expect(await api.send('GET', `/v1/schedules/${schedules[0]?.id}`)).toMatchObject({ status: 404 });
  });

  it('are listed by pages, the newest first', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) ids.unshift((await scheduledOnce({ cron: '@yearly' })).id);
    const all = await listed();
    expect(all.slice(0, 3).map(({ id }) => id)).toEqual(ids);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = cursor === '' ? '?limit=2' : `?limit=2&cursor=${cursor}`;
      const { body } = await api.send('GET', `/v1/schedules${query}`);
      const page = body as { items: Schedule[]; nextCursor: string | null };
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(all.map(({ id }) => id));
  });

  it('start executions with when they were due, and prove it', async () => {
    const { workflowId, id } = await scheduledOnce({ everyMs: 1000, payload: { list: [1, 'two'] } });
    const fired = await until('two slots were fired', async () => {
      const { slots } = await proofOf(id);
      const found = slots.filter(({ outcome }) => outcome === 'fired');
      return found.length >= 2 ? found : undefined;
    });
    await activated(workflowId, 'deactivate');
    for (const { slot, executionId, at } of fired) {
      const { trigger, input } = await api.ended(executionId ?? '');
      expect({ trigger, input }).toEqual({
        trigger: { type: 'trigger.schedule', nodeId: 's0' },
        input: { scheduledFor: slot, firedAt: at, missed: 0, body: { list: [1, 'two'] } },
      });
    }
    const all = await until('all are listed', async () => {
      const executions = (await api.executions()).filter((one) => one.workflowId === workflowId);
      const proof = await proofOf(id);
      return executions.length === proof.counts.fired ? { executions, proof } : undefined;
    });
    expect(all.proof).toMatchObject({ matches: true, problems: [] });
    const named = all.proof.slots.map(({ executionId }) => executionId);
    expect(all.executions.map((one) => one.id).toSorted()).toEqual(named.toSorted());
  });

  it('skip the slots of a pause, which lasts through versions, and run them when asked to, once', async () => {
    const { workflowId, id } = await scheduledOnce({ everyMs: 1000 });
    const { status, body } = await told(id, 'pause');
    expect({ status, body }).toMatchObject({ status: 200, body: { status: 'paused', next: [] } });
    await published(workflowId);
    await activated(workflowId);
    expect(await listed(`?workflowId=${workflowId}`)).toMatchObject([{ id, workflowVersion: 2, status: 'paused' }]);
    await until('two slots have passed', async () => ((await proofOf(id)).counts.pending >= 2 ? true : undefined));
    expect(await told(id, 'resume')).toMatchObject({ status: 200, body: { status: 'active' } });
    expect(await told(id, 'resume')).toMatchObject({ status: 200, body: { status: 'active' } });
    const skipped = await until('the slots of the pause are decided', async () => {
      const found = (await proofOf(id)).slots.filter(({ reason }) => reason === 'paused');
      return found.length >= 2 ? found : undefined;
    });
    await activated(workflowId, 'deactivate');
    await activated(workflowId);
    const span = spanOf(skipped.map(({ slot }) => slot));
    expect(await backfilled(id, { ...span, dryRun: true })).toMatchObject({
      action: 'slots',
      done: skipped.length,
      refused: 0,
    });
    expect(await backfilled(id, span)).toMatchObject({ total: skipped.length, done: skipped.length, refused: 0 });
    const ran = await until('each has an execution', async () => {
      const { slots, matches } = await proofOf(id, `?from=${span.from}&to=${span.to}`);
      expect(matches).toBe(true);
      return slots.every(({ backfilledBy }) => backfilledBy !== null) ? slots : undefined;
    });
    expect(ran.map(({ outcome }) => outcome)).toEqual(skipped.map(() => 'skipped'));
    for (const { slot, backfilledBy } of ran)
      expect((await api.ended(backfilledBy ?? '')).input).toMatchObject({ scheduledFor: slot });
    expect(await backfilled(id, span)).toMatchObject({ total: 0, done: 0, refused: 0 });
    await activated(workflowId, 'deactivate');
  });

  it.each<[JsonObject, string, RegExp]>([
    [{}, 'cron', /one of/],
    [{ cron: '* * * *' }, 'cron', /fields/],
    [{ cron: '0 0 30 2 *' }, 'cron', /never fires/],
    [{ cron: '@daily', everyMs: 1000 }, 'everyMs', /./],
    [{ cron: '@daily', timezone: '+02:00' }, 'timezone', /zone/],
    [{ everyMs: 999 }, 'everyMs', /1000/],
    [{ at: 'soon' }, 'at', /./],
  ])('refuse %j, in a preview and in a workflow', async (config, path, message) => {
    const problem = { path, message: expect.stringMatching(message) as unknown };
    const refused = {
      status: 422,
      body: { code: 'INVALID_SCHEDULE', errors: expect.arrayContaining([problem]) as unknown },
    };
    expect(await preview(config)).toMatchObject(refused);
    const nodes = [{ id: 's', type: 'trigger.schedule', config }];
    const { status, body } = await api.send('POST', '/v1/workflows', { json: { name: 'Bad', nodes, connections: [] } });
    expect(status).toBe(422);
    const { errors } = body as { errors: readonly { path: string }[] };
    expect(errors.map((error) => error.path)).toContain(`nodes[0].config.${path}`);
  });

  it('are previewed from an instant on, itself included', async () => {
    const json = { cron: '0 0 29 2 +MON', timezone: 'UTC', from: '2044-02-29T00:00:00Z', count: 2 };
    expect(await preview(json)).toMatchObject({
      status: 200,
      body: { instants: ['2044-02-29T00:00:00.000Z', '2072-02-29T00:00:00.000Z'] },
    });
    expect((await preview({ everyMs: 60_000, count: 1001 })).status).toBe(400);
    const last = { everyMs: 1000, from: '9999-12-31T23:59:58.500Z' };
    expect(await preview(last)).toMatchObject({ body: { instants: ['9999-12-31T23:59:59.000Z'] } });
    expect(await preview({ at: '9999-12-31T23:59:59-23:59' })).toMatchObject({ status: 422 });
  });

  it('answer for what can not be done', async () => {
    const { workflowId, id } = await scheduledOnce({ cron: '@yearly' });
    const past = { from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' };
    expect(await told(id, 'backfill', { ...past, to: '2999-01-01T00:00:00Z' })).toMatchObject({
      status: 422,
      body: { code: 'SLOTS_TO_COME', errors: [{ path: 'to' }] },
    });
    expect(await told(id, 'backfill', { from: past.to, to: past.from })).toMatchObject({ status: 400 });
    const early = { from: '1969-12-31T00:00:00Z', to: '1970-01-02T00:00:00Z' };
    expect(await told(id, 'backfill', early)).toMatchObject({ status: 400, body: { errors: [{ path: 'from' }] } });
    const span = '?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z';
    expect(await api.send('GET', `/v1/schedules/${id}/proof${span}`)).toMatchObject({ status: 400 });
    await activated(workflowId, 'deactivate');
    for (const what of ['pause', 'resume']) expect(await told(id, what)).toMatchObject({ status: 404 });
    expect(await told(id, 'backfill', past)).toMatchObject({ status: 409, body: { code: 'SCHEDULE_NOT_ACTIVE' } });
    expect((await proofOf(id)).matches).toBe(true);
    expect((await api.send('DELETE', `/v1/workflows/${workflowId}`)).status).toBe(204);
    expect((await proofOf(id)).matches).toBe(true);
  });

  it('prove ten thousand slots at once, and no more', async () => {
    const { workflowId, id } = await scheduledOnce({ everyMs: 1000 });
    await activated(workflowId, 'deactivate');
    const later = await scheduledOnce({ everyMs: 1000 });
    const nowMs = Math.ceil(Date.now() / 1000) * 1000 + 60_000;
    const span = (seconds: number): string =>
      `?from=${new Date(nowMs).toISOString()}&to=${new Date(nowMs + seconds * 1000).toISOString()}`;
    expect((await proofOf(later.id, span(10_000))).counts).toMatchObject({ expected: 10_000, pending: 10_000 });
    expect(await api.send('GET', `/v1/schedules/${later.id}/proof${span(10_001)}`)).toMatchObject({
      status: 422,
      body: { code: 'TOO_MANY_SLOTS' },
    });
    // What is over has no slots, in however long a time.
    expect((await proofOf(id, span(10_001))).counts.expected).toBe(0);
    await activated(later.workflowId, 'deactivate');
  });

  it('run no slot twice: not one that was fired, nor one of which nobody knows any more', async () => {
    const { id } = await scheduledOnce({ everyMs: 1000 });
    const slot = await until('a slot was fired and started', async () => {
      const fired = (await proofOf(id)).slots.find(({ outcome }) => outcome === 'fired');
      if (!fired) return undefined;
      await api.ended(fired.executionId ?? '');
      return fired.slot;
    });
    const actor = { type: 'user', id: 'usr_1' } as const;
    const action = { kind: 'slots', scheduleId: id } as const;
    await expect(millrace.app.get(BackfillSlot).run({ actor, isDryRun: false }, slot, action)).rejects.toMatchObject({
      code: 'SLOT_ALREADY_RUN',
    });
    await until('its history is longer', async () => ((await proofOf(id)).counts.fired >= 3 ? true : undefined));
    const { layout } = millrace.app.get<ScheduleLog>(SCHEDULE_LOG);
    const manager = millrace.app.get<JetStreamManager>(LOG_MANAGER);
    // As the log's bound does with the oldest of a long history.
    await manager.streams.purge(layout.streamOf(id), { filter: layout.subjectOf(id), keep: 1 });
    const past = { from: '2020-01-01T00:00:00Z', to: slot };
    expect(await told(id, 'backfill', past)).toMatchObject({
      status: 422,
      body: { code: 'HISTORY_NOT_KEPT', errors: [{ path: 'from' }] },
    });
    const { from, matches } = await proofOf(id);
    expect(Date.parse(from)).toBeGreaterThan(Date.parse(slot));
    expect(matches).toBe(true);
  });

  it('are nobody else’s', async () => {
    const { workflowId, id } = await scheduledOnce({ cron: '@yearly' });
    const other = await Api.register(millrace.url);
    expect((await other.send('GET', '/v1/schedules')).body).toEqual({ items: [], nextCursor: null });
    const span = { from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' };
    const expectRefused = async (): Promise<void> => {
      const answers = [
        await other.send('GET', `/v1/schedules/${id}`),
        await other.send('GET', `/v1/schedules/${id}/proof`),
        await other.send('POST', `/v1/schedules/${id}/pause`),
        await other.send('POST', `/v1/schedules/${id}/resume`),
        await other.send('POST', `/v1/schedules/${id}/backfill`, { json: span }),
      ];
      for (const answer of answers) expect(answer).toMatchObject({ status: 404, body: { code: 'SCHEDULE_NOT_FOUND' } });
    };
    await expectRefused();
    await activated(workflowId, 'deactivate');
    await expectRefused();
  });

  it('may be read by viewers, and changed by editors', async () => {
    const world = await World.create(millrace);
    const [id = ''] = world.named('schedules');
    const as = (role: 'viewer' | 'editor') => Api.withToken(millrace.url, world.tokenOf(role));
    expect((await as('viewer').send('GET', `/v1/schedules/${id}`)).status).toBe(200);
    expect((await as('viewer').send('POST', `/v1/schedules/${id}/pause`)).status).toBe(403);
    expect((await as('editor').send('POST', `/v1/schedules/${id}/pause`)).status).toBe(200);
    expect((await as('editor').send('GET', '/v1/scheduler')).status).toBe(403);
    const { body } = await world.owner.send('GET', '/v1/audit?action=schedule.pause');
    expect((body as { items: object[] }).items).toMatchObject([{ target: id }]);
  });

  it('are fired by a leader that can be seen', async () => {
    const leader = await until('somebody leads', async () => {
      const { body } = await api.send('GET', '/v1/scheduler');
      return (body as components['schemas']['Scheduler']).leader ?? undefined;
    });
    expect(leader.holder).toContain(`:${process.pid}:`);
    expect(leader.revision).toBeGreaterThan(0);
    const metrics = (await api.send('GET', '/metrics')).text;
    expect(metrics).toMatch(/^millrace_scheduler_leads 1$/m);
    expect(metrics).toMatch(/^millrace_schedule_lateness_seconds_count [1-9]/m);
  });
});

/** From the first of them to just behind the last. */
function spanOf(slots: readonly string[]): { readonly from: string; readonly to: string } {
  const [from = ''] = slots;
  return { from, to: new Date(Date.parse(slots.at(-1) ?? '') + 1).toISOString() };
}

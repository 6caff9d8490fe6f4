import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

interface Difference {
  readonly nodeId: string;
  readonly kind: string;
}

describe('an execution replayed', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;
  let workflowId: string;
  let big: Execution;
  let small: Execution;

  /** Orders above the limit are sent to the sink; each version may send others, elsewhere, and more. */
  const orders = (change: { limit?: number; path?: string; extra?: boolean } = {}): object => {
    const { limit = 100, path = 'big', extra = false } = change;
    return manualGraph(
      {
        big: { type: 'if', config: { condition: `{{ trigger.body.amount > ${limit} }}` } },
        notify: { type: 'http.request', config: { method: 'POST', url: `${sink.url}/${path}` } },
        shape: { type: 'set', config: { values: { status: '{{ nodes.notify.output.status }}' } } },
        ...(extra ? { audit: { type: 'http.request', config: { method: 'POST', url: `${sink.url}/audit` } } } : {}),
      },
      ['start>big', 'big:true>notify', 'notify>shape', ...(extra ? ['shape>audit'] : [])],
    );
  };
  const publish = async (definition: object): Promise<number> => {
    const { headers } = await api.send('GET', `/v1/workflows/${workflowId}`);
    const answer = await api.send('PUT', `/v1/workflows/${workflowId}`, {
      json: definition,
      headers: { 'if-match': headers.get('etag') ?? '' },
    });
    expect(answer.status).toBe(200);
    return (answer.body as { latestVersion: number; version: number }).version;
  };
  const run = async (amount: number): Promise<Execution> => {
    const options = { json: { input: { amount }, version: 1 }, headers: { prefer: 'wait=30' } };
    return (await api.send('POST', `/v1/workflows/${workflowId}/executions`, options)).body as Execution;
  };
  const replay = (id: string, json: object = {}, by = api) => by.send('POST', `/v1/executions/${id}/replay`, { json });
  const kinds = (body: unknown): readonly string[] =>
    (body as { differences: readonly Difference[] }).differences.map(({ nodeId, kind }) => `${nodeId} ${kind}`);

  beforeAll(async () => {
    sink = await Sink.start(() => ({ status: 200 }));
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
    workflowId = await api.create(orders());
    big = await run(250);
    small = await run(50);
    expect([big.status, small.status]).toEqual(['succeeded', 'succeeded']);
    await until('both are listed as over', async () => {
      const listed = await api.executions();
      return listed.filter(({ finishedAt }) => finishedAt !== null).length === 2 || undefined;
    });
  }, 60_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  it('with its own version is the same, and leaves no trace', async () => {
    const calls = sink.calls.length;
    const events = await api.events(big.id);
    for (const json of [{}, { workflowVersion: 1 }])
      expect(await replay(big.id, json)).toMatchObject({ status: 200, body: { same: true } });
    expect(await api.events(big.id)).toEqual(events);
    expect(sink.calls.length).toBe(calls);
  });

  it('with another version takes another path', async () => {
    const version = await publish(orders({ limit: 300 }));
    const { status, body } = await replay(big.id, { workflowVersion: version });
    expect(status).toBe(200);
    expect(body).toMatchObject({ same: false, isCut: false });
    expect(kinds(body)).toEqual(['big path', 'notify path', 'shape path', 'big outcome']);
    expect((await replay(small.id, { workflowVersion: version })).body).toEqual({ same: true });
  });

  it('with another version gives an action another input', async () => {
    const version = await publish(orders({ path: 'huge' }));
    expect((await replay(big.id, { workflowVersion: version })).body).toMatchObject({
      same: false,
      differences: [
        {
          nodeId: 'notify',
          kind: 'input',
          at: 'url',
          before: { url: `${sink.url}/big` },
          after: { url: `${sink.url}/huge` },
        },
      ],
    });
  });

  it('with another version lacks a recording', async () => {
    const version = await publish(orders({ extra: true }));
    const { body } = await replay(big.id, { workflowVersion: version });
    expect(kinds(body)).toEqual(['audit path', 'audit missingRecording']);
    expect(sink.calls.some(({ path }) => path === '/audit')).toBe(false);
  });

  it('is refused for what is not there', async () => {
    expect(await replay(big.id, { workflowVersion: 99 })).toMatchObject({
      status: 404,
      body: { code: 'WORKFLOW_VERSION_NOT_FOUND' },
    });
    expect(await replay(big.id, { workflowVersion: 0 })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST' },
    });
    const stranger = await Api.register(millrace.url);
    expect(await replay(big.id, {}, stranger)).toMatchObject({ status: 404, body: { code: 'EXECUTION_NOT_FOUND' } });
  });

  describe('by the check of a version', () => {
    const check = (version: number, json: object = {}, by = api) =>
      by.send('POST', `/v1/workflows/${workflowId}/versions/${version}/check`, { json });

    it('is told first when it would take another path', async () => {
      const version = await publish(orders({ limit: 300 }));
      await api.send('POST', `/v1/workflows/${workflowId}/executions`, {
        json: { input: { amount: 900 }, version: 1, mode: 'dry' },
        headers: { prefer: 'wait=30' },
      });
      const { status, body } = await check(version);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        ...{ checked: 2, same: 1, different: 1, notReplayable: 0, isCut: false },
        executions: [
          { executionId: big.id, workflowVersion: 1, same: false, takesAnotherPath: true },
          { executionId: small.id, workflowVersion: 1, same: true, takesAnotherPath: false, differences: [] },
        ],
      });
    });

    it('is looked at only as far back as asked', async () => {
      expect((await check(1, { last: 1 })).body).toMatchObject({ checked: 1, executions: [{ executionId: small.id }] });
      for (const last of [0, 1001, 1.5])
        expect(await check(1, { last })).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    });

    it('is of a version that is there', async () => {
      expect(await check(99)).toMatchObject({ status: 404, body: { code: 'WORKFLOW_VERSION_NOT_FOUND' } });
      const stranger = await Api.register(millrace.url);
      expect(await check(1, {}, stranger)).toMatchObject({ status: 404, body: { code: 'WORKFLOW_NOT_FOUND' } });
    });
  });

  describe('from its bundle', () => {
    const bundleOf = (id: string, by = api) => by.send('GET', `/v1/executions/${id}/bundle`);
    let folder: string;
    const file = async (name: string, content: string): Promise<string> => {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    };
    const offline = (...args: readonly string[]): { code: number | null; out: string; err: string } => {
      const ran = spawnSync(process.execPath, ['scripts/replay.mjs', ...args], { encoding: 'utf8' });
      return { code: ran.status, out: ran.stdout, err: ran.stderr };
    };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'millrace-bundle-'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    it('is the same offline, with all that happened', async () => {
      const { status, text, headers } = await bundleOf(big.id);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toContain('application/json');
      expect((await bundleOf(big.id)).text).toBe(text);
      const { code, out, err } = offline(await file('bundle.json', text));
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain(`${big.id} of "Test graph"`);
      for (const { type, version } of await api.events(big.id))
        expect(out).toMatch(new RegExp(` ${version}  ${type} `));
    });

    it('is held against a definition that nobody published', async () => {
      const path = await file('bundle.json', (await bundleOf(big.id)).text);
      const other = await file('other.json', JSON.stringify(orders({ path: 'offline' })));
      const { code, out } = offline(path, '--definition', other, '--json');
      expect(code).toBe(1);
      expect(JSON.parse(out)).toMatchObject({
        same: false,
        differences: [{ nodeId: 'notify', kind: 'input', at: 'url' }],
      });
    });

    it('is there for what is too large to be replayed here', async () => {
      // Eighty values of one MiB, that of the trigger among them.
      const copies = Array.from({ length: 80 }, (_, n) => `copy${n}`);
      const set = { type: 'set', config: { values: { all: '{{ trigger.body }}' } } };
      const definition = manualGraph(
        Object.fromEntries(copies.map((name) => [name, set])),
        copies.map((name) => `start>${name}`),
      );
      const options = { json: { input: 'x'.repeat(900_000) }, headers: { prefer: 'wait=60' } };
      const path = `/v1/workflows/${await api.create(definition)}/executions`;
      const { id, status } = (await api.send('POST', path, options)).body as Execution;
      expect(status).toBe('succeeded');
      expect(await replay(id)).toMatchObject({ status: 422, body: { code: 'REPLAY_TOO_LARGE' } });
      expect((await bundleOf(id)).status).toBe(200);
    }, 90_000);

    it('holds large values, and tells when one was changed', async () => {
      const options = {
        json: { input: { amount: 1, note: 'x'.repeat(100_000) }, version: 1 },
        headers: { prefer: 'wait=30' },
      };
      const large = (await api.send('POST', `/v1/workflows/${workflowId}/executions`, options)).body as Execution;
      const { text } = await bundleOf(large.id);
      expect(text).not.toContain('"stored"');
      expect(offline(await file('large.json', text))).toMatchObject({ code: 0 });
      const changed = offline(await file('changed.json', text.replace('xxxx', 'xxxy')));
      expect(changed).toMatchObject({ code: 2, out: '' });
      expect(changed.err).toContain('event 1 (ExecutionStarted) does not fit its hash');
    });

    it('is nothing that others see', async () => {
      const stranger = await Api.register(millrace.url);
      expect(await bundleOf(big.id, stranger)).toMatchObject({ status: 404, body: { code: 'EXECUTION_NOT_FOUND' } });
    });
  });
});

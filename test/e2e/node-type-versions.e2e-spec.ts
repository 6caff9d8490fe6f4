import { Api, call, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { GREETING_NODE_TYPES } from '../support/greeting-node-types.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { allOf, eventsIn } from '../support/server-sent-events.ts';
import { until } from '../support/until.ts';

interface NodeTypeItem {
  readonly type: string;
  readonly name: string;
  readonly version: number;
}

const OLD = { type: 'test.greet', config: { name: 'Ann' } };
const NEW = { type: 'test.greet@2', config: { names: ['Ann'] } };
const WARNING = '"test.greet" is deprecated: it greets one only; "test.greet@2" takes its place';
const loopOver = (node: object): object => ({ type: 'forEach', config: { items: [1, 2], node } });
const graphOf = (greet: object, each: object = loopOver(greet)): object =>
  manualGraph({ greet, each }, ['start>greet', 'greet>each']);

describe('versions of node types', () => {
  let millrace: LocalMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace({ nodeTypes: GREETING_NODE_TYPES });
    api = await Api.register(millrace.url);
  }, 60_000);

  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
  });

  const upgrade = (id: string, headers: Record<string, string> = {}, by = api) =>
    by.send('POST', `/v1/workflows/${id}/upgrade`, { headers });
  async function run(id: string, version: number): Promise<Execution> {
    const { status, body } = await api.send('POST', `/v1/workflows/${id}/executions`, {
      json: { version },
      headers: { prefer: 'wait=20' },
    });
    expect(status).toBe(200);
    return body as Execution;
  }

  it('stand in the list of node types, the older one with what takes its place', async () => {
    const { items } = (await call(millrace.url, 'GET', '/v1/node-types')).body as { items: NodeTypeItem[] };
    expect(items.find(({ type }) => type === 'http.request')).toMatchObject({
      name: 'http.request',
      version: 1,
      deprecated: null,
      examples: [],
    });
    const of = await call(millrace.url, 'GET', '/v1/node-types?name=test.greet');
    expect(of.body).toMatchObject({
      items: [
        {
          type: 'test.greet',
          name: 'test.greet',
          version: 1,
          deprecated: { reason: 'it greets one only', replacedBy: 'test.greet@2' },
          examples: [{ name: 'Ann' }],
        },
        { type: 'test.greet@2', name: 'test.greet', version: 2, deprecated: null, examples: [] },
      ],
      nextCursor: null,
    });
    expect((await call(millrace.url, 'GET', '/v1/node-types?name=none')).body).toEqual({ items: [], nextCursor: null });
  });

  it('are read one by one', async () => {
    for (const path of ['test.greet@2', 'test.greet%402'])
      expect(await call(millrace.url, 'GET', `/v1/node-types/${path}`)).toMatchObject({
        status: 200,
        body: { type: 'test.greet@2', version: 2 },
      });
    for (const [type, detail] of [
      ['test.greet@7', 'there is no version 7 of "test.greet", only 1, 2'],
      ['http.requets', 'there is no node type "http.requets"; did you mean "http.request"?'],
    ])
      expect(await call(millrace.url, 'GET', `/v1/node-types/${type}`)).toMatchObject({
        status: 404,
        body: { code: 'NODE_TYPE_NOT_FOUND', detail },
      });
  });

  it('that are deprecated are published with a warning, those that are not there are not', async () => {
    const warnings = [
      { path: 'nodes[1].type', message: WARNING },
      { path: 'nodes[2].config.node.type', message: WARNING },
    ];
    expect(await api.send('POST', '/v1/workflows/validate', { json: graphOf(OLD) })).toMatchObject({
      body: { valid: true, warnings },
    });
    expect(await api.send('POST', '/v1/workflows', { json: graphOf(OLD) })).toMatchObject({
      status: 201,
      body: { warnings },
    });
    const unknown = graphOf({ type: 'test.greet@7', config: {} }, { type: 'noop' });
    expect(await api.send('POST', '/v1/workflows', { json: unknown })).toMatchObject({
      status: 422,
      body: {
        code: 'INVALID_WORKFLOW',
        errors: [{ path: 'nodes[1].type', message: 'there is no version 7 of "test.greet", only 1, 2' }],
      },
    });
  });

  it('are upgraded when somebody wants it, and a preview stores nothing', async () => {
    const id = await api.create(graphOf(OLD));
    const preview = await api.send('GET', `/v1/workflows/${id}/upgrade`);
    const step = (path: string) => ({
      path,
      from: 'test.greet',
      to: 'test.greet@2',
      reason: 'it greets one only',
      notes: [{ path: `${path}.config.names`, message: 'may have more by now' }],
    });
    expect(preview).toMatchObject({ status: 200, body: { version: 1, problems: [] } });
    expect(preview.headers.get('etag')).toBe('"1"');
    expect(preview.body).toMatchObject({
      upgrades: [
        { nodeId: 'greet', ...step('nodes[1]') },
        { nodeId: 'each', ...step('nodes[2].config.node') },
      ],
      definition: { nodes: [{ id: 'start' }, NEW, { config: { node: NEW } }] },
      diff: {
        nodes: {
          changed: [
            {
              id: 'greet',
              changes: [
                { path: 'type', before: 'test.greet', after: 'test.greet@2' },
                { path: 'config.name', before: 'Ann' },
                { path: 'config.names', after: ['Ann'] },
              ],
            },
            { id: 'each' },
          ],
        },
      },
    });
    expect(await api.send('GET', `/v1/workflows/${id}`)).toMatchObject({ body: { version: 1, nodes: [{}, OLD, {}] } });

    expect(await upgrade(id, { 'if-match': '"1"' })).toMatchObject({
      status: 200,
      body: { id, version: 2, warnings: [], nodes: [{ id: 'start' }, NEW, { config: { node: NEW } }] },
    });
    expect(await upgrade(id, { 'if-match': '"2"' })).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await api.send('GET', `/v1/workflows/${id}/upgrade`)).toMatchObject({
      body: { version: 2, upgrades: [], diff: { nodes: { changed: [] } }, problems: [] },
    });
  });

  it('are upgraded by who has seen the latest version, in their own workspace', async () => {
    const id = await api.create(graphOf(OLD));
    expect(await upgrade(id)).toMatchObject({ status: 428, body: { code: 'IF_MATCH_REQUIRED' } });
    const changed = await api.send('PUT', `/v1/workflows/${id}`, {
      json: graphOf(OLD, { type: 'noop' }),
      headers: { 'if-match': '"1"' },
    });
    expect(changed).toMatchObject({ body: { version: 2 } });
    for (const tag of ['"1"', '"3"'])
      expect(await upgrade(id, { 'if-match': tag })).toMatchObject({ status: 412, body: { code: 'WORKFLOW_CHANGED' } });
    const stranger = await Api.register(millrace.url);
    const gone = { status: 404, body: { code: 'WORKFLOW_NOT_FOUND' } };
    expect(await upgrade(id, { 'if-match': '"2"' }, stranger)).toMatchObject(gone);
    expect(await stranger.send('GET', `/v1/workflows/${id}/upgrade`)).toMatchObject(gone);
    expect(await api.send('GET', `/v1/workflows/${id}`)).toMatchObject({ body: { version: 2, nodes: [{}, OLD, {}] } });
  });

  it('that can not take a config over tell why, and no version is made', async () => {
    const id = await api.create(graphOf({ ...OLD, config: { name: 'x'.repeat(21) } }, { type: 'noop' }));
    const problems = [{ path: 'nodes[1].config.names[0]' }];
    expect(await api.send('GET', `/v1/workflows/${id}/upgrade`)).toMatchObject({ status: 200, body: { problems } });
    expect(await upgrade(id, { 'if-match': '"1"' })).toMatchObject({
      status: 422,
      body: { code: 'INVALID_WORKFLOW', errors: problems },
    });
    expect(await api.send('GET', `/v1/workflows/${id}`)).toMatchObject({ body: { version: 1 } });
  });

  it('run side by side, each in the versions of the workflow that have it', async () => {
    const id = await api.create(graphOf(OLD));
    await upgrade(id, { 'if-match': '"1"' });
    for (const [version, type, greeted] of [
      [1, 'test.greet', 'Ann'],
      [2, 'test.greet@2', ['Ann']],
    ] as const)
      expect(await run(id, version)).toMatchObject({
        status: 'succeeded',
        workflowVersion: version,
        nodes: [
          {},
          { nodeId: 'greet', type, output: { greeted } },
          { nodeId: 'each', output: { results: [{ greeted }, { greeted }] } },
        ],
      });
  });

  it('notice when answers are not as they were: in the history, in the stream, in the metrics', async () => {
    const id = await api.create(graphOf(NEW));
    const { id: executionId } = await run(id, 1);
    const entry = { path: 'answers[0].mood', expected: 'string', found: 'missing' };
    const drifted = (await api.events(executionId)).filter(({ type }) => type === 'ResponseDrifted');
    const told = [
      { nodeId: 'greet', attempt: 1, drift: [entry] },
      {
        nodeId: 'each',
        attempt: 1,
        drift: [
          { index: 0, ...entry },
          { index: 1, ...entry },
        ],
      },
    ];
    expect(drifted.map(({ data }) => data)).toEqual(told);
    const stream = await fetch(`${millrace.url}/v1/executions/${executionId}/stream`, { headers: api.authorization });
    const streamed = (await allOf(eventsIn(stream))).filter(({ event }) => event === 'ResponseDrifted');
    expect(streamed.map(({ data }) => (JSON.parse(data) as { data: unknown }).data)).toEqual(told);
    const version = drifted[0]?.version ?? 0;
    expect(await api.send('GET', `/v1/executions/${executionId}/state?version=${version}`)).toMatchObject({
      status: 200,
      body: { status: 'running' },
    });
    expect(await api.send('POST', `/v1/executions/${executionId}/replay`, { json: {} })).toMatchObject({
      body: { same: true },
    });
    // Counted a moment after it was recorded.
    await until('all three places are counted', async () => {
      const { text } = await call(millrace.url, 'GET', '/metrics');
      const counted = /^millrace_response_drift_total\{node_type="test\.greet@2"\} (\d+)$/m.exec(text)?.[1];
      return Number(counted) >= 3 ? true : undefined;
    });
  });
});

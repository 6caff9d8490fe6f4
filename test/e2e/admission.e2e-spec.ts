import { Api, type Execution } from '../support/api.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink, type SinkAnswer } from '../support/sink.ts';
import { until } from '../support/until.ts';

const KEY = '{{ trigger.body.key }}';

describe('what stands between executions and their beginning', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;
  /** What the sink answers to orders with a name, once it is told to. */
  const answers = new Map<string, PromiseWithResolvers<{ status: number }>>();
  const answerOf = (name: string): PromiseWithResolvers<{ status: number }> => {
    const found = answers.get(name) ?? Promise.withResolvers<{ status: number }>();
    answers.set(name, found);
    return found;
  };

  beforeAll(async () => {
    const answer: SinkAnswer = ({ path }) => answerOf(path.slice(1)).promise;
    [millrace, sink] = await Promise.all([startMillrace(), Sink.start(answer)]);
    api = await Api.register(millrace.url);
  }, 60_000);

  afterAll(async () => {
    for (const { resolve } of answers.values()) resolve({ status: 200 });
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  /** A webhook whose executions call the sink and are under way until `finish`. */
  const activate = async (trigger: object, settings: object = {}): Promise<string> => {
    const url = `{{ "${sink.url}/" + trigger.body.name }}`;
    const { hook } = await api.activate({
      name: 'Gated',
      nodes: [
        { id: 'hook', type: 'trigger.webhook', config: {}, ...trigger },
        { id: 'call', type: 'http.request', config: { method: 'GET', url } },
      ],
      connections: [{ from: 'hook', to: 'call' }],
      settings,
    });
    return hook;
  };
  const send = async (hook: string, name: string, key = 'a'): Promise<string> => {
    const { status, body } = await api.hook(hook, { key, name });
    expect(status).toBe(202);
    return (body as { executionId: string }).executionId;
  };
  const finish = (name: string): void => answerOf(name).resolve({ status: 200 });
  const isCalled = (name: string): boolean => sink.calls.some(({ path }) => path === `/${name}`);
  const called = (name: string): Promise<true> =>
    until(`${name} is under way`, async () => (isCalled(name) ? true : undefined));
  const isHeld = (id: string): Promise<true> =>
    until(`${id} is held`, async () =>
      (await api.events(id)).some(({ type }) => type === 'AdmissionHeld') ? true : undefined,
    );
  const waitingOn = (id: string, is: object): Promise<true> =>
    until(`${id} waits on ${JSON.stringify(is)}`, async () => {
      const { body } = await api.send('GET', `/v1/executions/${id}`);
      const { waitingOn: on } = body as Execution;
      return Object.entries(is).every(([field, value]) => on?.[field as keyof typeof on] === value) ? true : undefined;
    });
  const statusOf = async (id: string): Promise<Execution['status']> => (await api.ended(id)).status;
  const cancelReasonOf = async (id: string): Promise<unknown> => {
    expect(await statusOf(id)).toBe('cancelled');
    const { body } = await api.send('GET', `/v1/executions/${id}`);
    return (body as { cancelReason: unknown }).cancelReason;
  };

  it('one at a time for a key, in the order of the calls, and another key meanwhile', async () => {
    const hook = await activate({}, { concurrency: { limit: 1, key: KEY } });
    const ids: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      ids.push(await send(hook, name));
      await (name === 'first' ? called(name) : isHeld(ids.at(-1)!));
    }
    const other = await send(hook, 'other', 'b');
    await called('other');
    expect([isCalled('second'), isCalled('third')]).toEqual([false, false]);
    await waitingOn(ids[1]!, { kind: 'concurrency', place: 1 });
    await waitingOn(ids[2]!, { kind: 'concurrency', place: 2 });
    const listed = (await api.executions()).find(({ id }) => id === ids[2]);
    expect(listed?.waitingOn).toMatchObject({ kind: 'concurrency', place: null });
    finish('first');
    await called('second');
    expect(isCalled('third')).toBe(false);
    for (const name of ['second', 'third', 'other']) finish(name);
    expect(await Promise.all([...ids, other].map(statusOf))).toEqual(Array(4).fill('succeeded'));
  });

  it('`skip` cancels what comes while one is under way', async () => {
    const hook = await activate({}, { concurrency: { limit: 1, key: KEY, onLimit: 'skip' } });
    const runs = await send(hook, 'runs');
    await called('runs');
    expect(await cancelReasonOf(await send(hook, 'skipped'))).toMatchObject({ code: 'CONCURRENCY_LIMIT' });
    finish('runs');
    expect(await statusOf(runs)).toBe('succeeded');
    expect(isCalled('skipped')).toBe(false);
    finish('again');
    await until('there is room again', async () => {
      const id = await send(hook, 'again');
      return (await statusOf(id)) === 'succeeded' ? true : undefined;
    });
  });

  it('`cancelOldest` cancels who is under way, for who comes', async () => {
    const hook = await activate({}, { concurrency: { limit: 1, key: KEY, onLimit: 'cancelOldest' } });
    const old = await send(hook, 'old');
    await called('old');
    const recent = await send(hook, 'recent');
    expect(await cancelReasonOf(old)).toMatchObject({ code: 'CONCURRENCY_SUPERSEDED' });
    finish('recent');
    expect(await statusOf(recent)).toBe('succeeded');
  });

  it('debounce lets the last of five calls run, the delay after it came', async () => {
    const hook = await activate({ debounce: { delayMs: 700, key: KEY } });
    const ids: string[] = [];
    for (const name of ['d1', 'd2', 'd3', 'd4', 'd5']) {
      finish(name);
      ids.push(await send(hook, name));
    }
    const last = await api.ended(ids.pop()!);
    expect(last.status).toBe('succeeded');
    expect(Date.parse(last.startedAt!) - Date.parse(last.createdAt)).toBeGreaterThanOrEqual(695);
    for (const id of ids) expect(await cancelReasonOf(id)).toMatchObject({ code: 'DEBOUNCED' });
    expect(sink.calls.filter(({ path }) => /^\/d\d$/.test(path))).toHaveLength(1);
  });

  it('throttle lets two begin in any 500 ms, in turn', async () => {
    const hook = await activate({ throttle: { limit: 2, perMs: 500, key: KEY } });
    const names = ['t1', 't2', 't3', 't4', 't5'];
    for (const name of names) finish(name);
    const ids = await Promise.all(names.map((name) => send(hook, name)));
    for (const id of ids) expect(await statusOf(id)).toBe('succeeded');
    const instants = (await Promise.all(ids.map((id) => api.events(id)))).flatMap((events) => {
      const held = events.find(({ type }) => type === 'AdmissionHeld')?.data as { until: string } | undefined;
      if (!held) return [];
      const begun = events.find(({ type }) => type === 'AdmissionGranted')?.at ?? '';
      // The clocks are one here.
      expect(Date.parse(begun)).toBeGreaterThanOrEqual(Date.parse(held.until));
      return [Date.parse(held.until)];
    });
    const [third, , fifth, ...more] = instants.toSorted((one, other) => one - other);
    expect(more).toEqual([]);
    expect(fifth! - third!).toBeGreaterThanOrEqual(500);
  });

  it('goes on in line when NATS was away', async () => {
    const hook = await activate({}, { concurrency: { limit: 1, key: KEY } });
    const one = await send(hook, 'one');
    await called('one');
    const two = await send(hook, 'two');
    await isHeld(two);
    await millrace.nats.restart();
    finish('one');
    finish('two');
    expect([await statusOf(one), await statusOf(two)]).toEqual(['succeeded', 'succeeded']);
  });
});

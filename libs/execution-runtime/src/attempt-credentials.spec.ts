import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { begin, nodeTypes, planOf, scheduled, started } from '#libs/execution-engine/testing';
import type { Credential } from '#libs/credential-types';
import { MillraceError, type JsonObject, type JsonValue } from '#libs/kernel';
import { anyJsonObject, defineNodeType, NodeError, type AttemptContext } from '#libs/node-kit';
import type { CredentialSource } from './attempt-credentials.ts';
import { AttemptRunner } from './attempt-runner.ts';
import { eventsOf, runtimeOn, startOf } from './testing/index.ts';

const CANARY = 'canary/4711 ü';
const credential: Credential = {
  id: 'cr_1',
  type: 'http.basic',
  data: { username: 'ada', password: CANARY },
  allowedHosts: [],
};
const finding = (find: CredentialSource['find']): CredentialSource => ({ find, renew: find });
const ofWorkspace = finding(async (workspaceId, id) =>
  workspaceId === 'ws_1' && id === 'cr_1' ? { kind: 'found', credential } : { kind: 'absent' },
);

/** Runs one attempt at a node that does `work`. */
async function attemptAt(
  work: (attempt: AttemptContext) => Promise<JsonValue>,
  { credentials = ofWorkspace, timeoutMs = 5000 }: { credentials?: CredentialSource; timeoutMs?: number } = {},
) {
  const node = defineNodeType<JsonObject>({
    type: 'work',
    kind: 'action',
    title: 'Work',
    description: 'Does what the spec says.',
    runs: 'executor',
    executor: 'spec',
    configSchema: anyJsonObject(),
    outputsOf: () => ['main'],
    run: (_, attempt) => work(attempt),
  });
  const types = new Map([...nodeTypes, [node.type, node]]);
  const plan = planOf({ start: 'trigger.manual', send: { type: 'work', timeoutMs } }, ['start > send'], types);
  const store = new InMemoryEventStore<ExecutionEvent>();
  const runtime = runtimeOn(store, plan);
  await runtime.journal.start('ex_1', startOf());
  await runtime.journal.submit('ex_1', begin);
  const faults: unknown[] = [];
  const runner = new AttemptRunner({
    ...runtime,
    plans: { planOf: async () => plan },
    nodeTypes: types,
    credentials,
    onFault: (error) => faults.push(error),
  });
  const run = runner.run({ executionId: 'ex_1', nodeId: 'send', attempt: 1 }, new AbortController().signal);
  return { run, faults, events: () => eventsOf(store) };
}

const basic = (attempt: AttemptContext) => attempt.credential('cr_1', ['http.basic', 'http.bearer']);
const forms = [CANARY, encodeURIComponent(CANARY), Buffer.from(`ada:${CANARY}`).toString('base64')];

describe('an attempt that uses a credential', () => {
  it('gets it by id, of a type that it takes', async () => {
    let got: unknown;
    const { run } = await attemptAt(async (attempt) => {
      got = await basic(attempt);
      return {};
    });
    expect(await run).toMatchObject({ outcome: 'succeeded' });
    expect(got).toEqual(credential);
  });

  it('has nothing of it in its output', async () => {
    const { run, events } = await attemptAt(async (attempt) => {
      await basic(attempt);
      return { headers: { authorization: `Basic ${forms[2]}` }, body: forms.join(' '), [CANARY]: 1 };
    });
    await run;
    const recorded = JSON.stringify(await events());
    for (const form of forms) expect(recorded).not.toContain(form);
    expect(recorded).toContain('Basic [redacted]');
  });

  it('has nothing of it in its error, also where that was cut', async () => {
    const { run, events } = await attemptAt(async (attempt) => {
      await basic(attempt);
      const details = { body: `${forms.join(' ')} ${CANARY.slice(0, 10)}` };
      throw new NodeError('HTTP_STATUS', `not for ${CANARY}`, { retryable: false, details });
    });
    await run;
    const recorded = JSON.stringify(await events());
    for (const form of [...forms, CANARY.slice(0, 10)]) expect(recorded).not.toContain(form);
    expect(recorded).toContain('not for [redacted]');
  });

  it('has nothing of it in what the log is told of a fault', async () => {
    const { run, faults } = await attemptAt(async (attempt) => {
      await basic(attempt);
      throw new TypeError(`cannot read ${CANARY}`, { cause: new Error(CANARY) });
    });
    await run;
    const [fault] = faults as Error[];
    expect(`${fault?.message} ${fault?.stack} ${String(fault?.cause)}`).not.toContain(CANARY);
    expect(fault?.message).toBe('cannot read [redacted]');
  });
});

describe('a credential that can not be had', () => {
  const failedWith = (code: string) =>
    expect.objectContaining({
      type: 'NodeFailed',
      data: expect.objectContaining({ error: expect.objectContaining({ code }) as unknown }) as unknown,
    }) as unknown;

  it.each<[string, CredentialSource, string]>([
    ['there is none', finding(async () => ({ kind: 'absent' })), 'CREDENTIAL_NOT_FOUND'],
    ['no key opens it', finding(async () => ({ kind: 'unreadable', why: 'give the key' })), 'CREDENTIAL_UNREADABLE'],
    [
      'it is of another type',
      finding(async () => ({
        kind: 'found',
        credential: { id: 'cr_1', type: 'webhook.secret', data: { secret: CANARY }, allowedHosts: [] },
      })),
      'CREDENTIAL_WRONG_TYPE',
    ],
  ])('fails the node for good when %s', async (_, credentials, code) => {
    const { run, events, faults } = await attemptAt(async (attempt) => ({ got: await basic(attempt) }), {
      credentials,
    });
    expect(await run).toMatchObject({ outcome: 'failed' });
    expect(await events()).toContainEqual(failedWith(code));
    expect(faults).toEqual([]);
  });

  const unavailable = expect.objectContaining({ kind: 'unavailable', code: 'CREDENTIALS_UNAVAILABLE' }) as Error;
  const nothingRecorded = [started(), scheduled('send', 1, 'spec')];

  it.each<[string, (attempt: AttemptContext) => Promise<JsonValue>]>([
    ['lets its failure through', async (attempt) => ({ got: await basic(attempt) })],
    [
      'makes an error of its own of it',
      (attempt) =>
        basic(attempt).then(
          () => ({}),
          () => Promise.reject(new NodeError('MINE', 'mine', { retryable: false })),
        ),
    ],
  ])('costs no attempt while the store is away, when the node %s', async (_, work) => {
    const away = finding(() => Promise.reject(new MillraceError('unavailable', 'DATABASE_UNAVAILABLE', 'away')));
    const { run, events, faults } = await attemptAt(work, { credentials: away });
    await expect(run).rejects.toThrow(unavailable);
    expect(await events()).toEqual(nothingRecorded);
    expect(faults).toEqual([]);
  });

  it('costs no attempt when the store takes longer to answer than the attempt may', async () => {
    const silent = finding(() => new Promise<never>(() => undefined));
    const { run, events } = await attemptAt(async (attempt) => ({ got: await basic(attempt) }), {
      credentials: silent,
      timeoutMs: 10,
    });
    await expect(run).rejects.toThrow(unavailable);
    expect(await events()).toEqual(nothingRecorded);
  });
});

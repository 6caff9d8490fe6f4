import { NodeError } from '#libs/node-kit';
import type { Connector } from '../connector.ts';
import { secretsSeenIn } from './secrets-seen.ts';
import type { ActionScenario, Answer, ConnectorSetup, FaultName } from './setup.ts';
import {
  bindsToHosts,
  changedAt,
  configOf,
  CREDENTIAL_ID,
  ownSecretsOf,
  readBody,
  needsCredential,
  RENEWED_TOKEN,
  typesOf,
  World,
} from './world.ts';

const LONGEST_KEY = 256;
const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;

const USUAL_ANSWERS: Readonly<Record<FaultName, Answer>> = {
  unauthenticated: { status: 401, json: { message: 'who are you?' } },
  forbidden: { status: 403, json: { message: 'not for you' } },
  notFound: { status: 404, json: { message: 'not here' } },
  conflict: { status: 409, json: { message: 'it is there already' } },
  invalid: { status: 422, json: { message: 'what is this?' } },
  rateLimited: { status: 429, headers: { 'retry-after': '7' }, json: { message: 'too often' } },
  failed: { status: 500, json: { message: 'we broke it' } },
  away: { status: 503, text: 'back soon' },
};

interface Fault {
  readonly name: FaultName;
  readonly code: string;
  readonly answer: Answer;
}

export function faultsOf({ failures }: ConnectorSetup): readonly Fault[] {
  const names = Object.keys(USUAL_ANSWERS) as FaultName[];
  return names.flatMap((name) => {
    const failure = failures[name];
    if (failure === null) return [];
    const told = typeof failure === 'string' ? { code: failure, answer: USUAL_ANSWERS[name] } : failure;
    return [{ name, ...told }];
  });
}

/** What an action does with its service: as recorded, and when something is wrong. */
export function describeAction(type: string, connector: Connector, setup: ConnectorSetup): void {
  describe(`${type} and its service`, () => {
    const scenario = setup.actions[type];
    if (!scenario) {
      it('has a scenario', () => expect(scenario).toBeDefined());
      return;
    }
    const isBound = typesOf(connector).some((one) => one.type === type && needsCredential(one));
    describeRecorded(type, scenario, { connector, setup });
    describeFailures(type, scenario, { connector, setup });
    describeEnds(type, scenario, { connector, setup });
    if (isBound) describeBounds(type, scenario, { connector, setup });
  });
}

interface Given {
  readonly connector: Connector;
  readonly setup: ConnectorSetup;
}

function credentialTypesOf({ setup }: Given): readonly string[] {
  return setup.credentials('http://127.0.0.1:9').map(({ type }) => type);
}

function describeRecorded(type: string, scenario: ActionScenario, given: Given): void {
  const { connector, setup } = given;

  it.each(credentialTypesOf(given))('gives what was recorded, with %s', async (credentialType) => {
    await using world = await World.start(connector, setup);
    const credential = world.credential(credentialType);
    const output = await world.run(type, scenario, { credential });
    const { service } = world;
    expect({ unknown: service.unknown, unasked: service.unasked }).toEqual({ unknown: [], unasked: [] });
    expect(output).toEqual(scenario.output ?? world.answersOf(scenario).at(-1)?.json ?? null);
    expect(world.drift).toEqual([]);
    const last = service.requests.at(-1);
    if (scenario.sends !== undefined) expect(last && readBody(last)).toEqual(scenario.sends);
    // Each request went out by the one way there is, and no secret but in headers that are bound to hosts.
    expect(service.requests).toHaveLength(world.sent.length);
    const open = world.sent.map(({ secret, signal: _, ...rest }) => ({
      ...rest,
      body: String(rest.body),
      bound: !!secret,
    }));
    const secrets = world.secretsOf(connector, credential);
    expect(secretsSeenIn([open, output, world.learned], secrets)).toEqual([]);
  });

  const cases = scenario.reliesOn.flatMap((place) => [[place, 'missing'] as const, [place, 'otherType'] as const]);
  if (cases.length > 0) {
    it.each(cases)('goes on when %s of the answer is %s, and tells', async (place, change) => {
      await using world = await World.start(connector, setup);
      const answers = [...world.answersOf(scenario)];
      const last = answers.pop();
      if (last?.json === undefined) throw new Error('the last answer has no JSON');
      const changed = { ...last, json: changedAt(last.json, place, change) };
      await world.run(type, { ...scenario, answers: [...answers, changed] });
      expect(world.drift.map(({ path }) => path).filter((path) => place.endsWith(path))).not.toEqual([]);
    });
  } else {
    it('relies on nothing, as its output is not made of the answer', () => {
      const { answers, output } = scenario;
      const last = (typeof answers === 'function' ? answers('http://127.0.0.1:9') : answers).at(-1);
      expect(output !== undefined || last?.json === undefined).toBe(true);
    });
  }
}

async function failureOf(running: Promise<unknown>): Promise<NodeError> {
  const error: unknown = await running.then(
    (output) => new Error(`succeeded with ${JSON.stringify(output)}`),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(NodeError);
  const failure = error as NodeError;
  expect(failure.code).toMatch(CODE);
  return failure;
}

function describeFailures(type: string, scenario: ActionScenario, given: Given): void {
  const { connector, setup } = given;

  it.each(faultsOf(setup).map((fault) => [fault.name, fault] as const))('%s has its code', async (name, fault) => {
    await using world = await World.start(connector, setup);
    world.service.disturb({ kind: 'answers', answer: fault.answer });
    const running = world.run(type, scenario);
    const { [name]: unlike } = scenario.unlike ?? {};
    if (unlike === 'success') return void (await running);
    const { options, ...failure } = await failureOf(running);
    const inDoubt = options.inDoubt ? setup.codeInDoubt : undefined;
    expect(failure.code).toBe(unlike ?? inDoubt ?? fault.code);
    if (unlike === undefined) expect(options).toMatchObject(meaningOf(name, options.inDoubt ?? false));
  });

  it('takes what is not JSON neither for an answer nor for a fault of ours', async () => {
    await using world = await World.start(connector, setup);
    world.service.disturb({ kind: 'answers', answer: { status: 200, text: '{"id":' } });
    const ended = await world.run(type, scenario).catch((error: unknown) => error);
    if (!(ended instanceof Error))
      return expect(world.drift.length + Number(scenario.reliesOn.length === 0)).toBeGreaterThan(0);
    expect(ended).toBeInstanceOf(NodeError);
  });

  it('says that the connection ended', async () => {
    await using world = await World.start(connector, setup);
    world.service.disturb({ kind: 'cuts' });
    const { options } = await failureOf(world.run(type, scenario));
    expect(options.destination).toBe('failed');
    expect(options.retryable || options.inDoubt).toBe(true);
  });

  const kinds = [...faultsOf(setup).map(({ answer }) => answer), 'cuts' as const];
  it.each(credentialTypesOf(given))('tells no secret of %s, whatever is wrong', async (credentialType) => {
    for (const kind of kinds) {
      await using world = await World.start(connector, setup);
      world.service.disturb(kind === 'cuts' ? { kind } : { kind: 'answers', answer: kind });
      const credential = world.credential(credentialType);
      const ended = await world.run(type, scenario, { credential }).catch((error: unknown) => error);
      expect(secretsSeenIn([ended, world.learned, world.drift], world.secretsOf(connector, credential))).toEqual([]);
    }
  });
}

/** What a retry policy and a circuit are told, where nothing is in doubt. */
function meaningOf(name: FaultName, inDoubt: boolean): Partial<NodeError['options']> {
  switch (name) {
    case 'rateLimited':
      return { retryable: true, destination: 'failed', rateLimited: true, retryAfterMs: 7_000 };
    case 'failed':
      return { retryable: !inDoubt, destination: 'failed' };
    case 'away':
      return { retryable: true, destination: 'failed' };
    default:
      return { retryable: false, destination: 'answered' };
  }
}

function describeEnds(type: string, scenario: ActionScenario, { connector, setup }: Given): void {
  it.each([
    ['is cancelled', new DOMException('cancelled', 'AbortError'), false],
    ['runs out of time', new DOMException('too late', 'TimeoutError'), true],
  ])('hangs up when the attempt %s', async (_, reason, isTimeout) => {
    await using world = await World.start(connector, setup);
    const stop = new AbortController();
    world.service.disturb({ kind: 'is silent' });
    const hungUp = world.service.nextHangUp();
    const running = failureOf(world.run(type, scenario, { signal: stop.signal }));
    await world.service.arrival.promise;
    stop.abort(reason);
    const { code, options } = await running;
    await hungUp;
    expect(options.retryable || options.inDoubt).toBe(true);
    // What is in doubt has the code in its details, or as its own.
    expect(JSON.stringify([code, options.details ?? null])).toContain(isTimeout ? 'HTTP_TIMEOUT' : 'HTTP_ABORTED');
  });

  it('sends nothing for an attempt that is over', async () => {
    await using world = await World.start(connector, setup);
    await failureOf(world.run(type, scenario, { signal: AbortSignal.abort() }));
    expect(world.service.requests).toEqual([]);
  });
}

function describeBounds(type: string, scenario: ActionScenario, given: Given): void {
  const { connector, setup } = given;
  const bound = credentialTypesOf(given).filter((one) => bindsToHosts(connector, one));

  it('is counted and held back by credential, under names without a secret', async () => {
    await using world = await World.start(connector, setup);
    const action = world.actionNamed(type);
    const config = action.configSchema.parse(configOf(action, scenario, world.service.url));
    const quotas = action.quotasOf?.(config) ?? [];
    const names = [action.destinationOf?.(config) ?? '', ...quotas.map(({ key }) => key)];
    expect(quotas.length).toBeGreaterThan(0);
    expect(names.filter((name) => !name.includes(CREDENTIAL_ID) || name.length > LONGEST_KEY)).toEqual([]);
    expect(secretsSeenIn(names, ownSecretsOf(connector, world.credential()))).toEqual([]);
    const learning = quotas.filter(({ learns }) => learns).map(({ key }) => key);
    if (setup.limits) world.service.addHeaders(setup.limits.headers);
    await world.run(type, scenario);
    expect([...new Set(world.learned.map(({ key }) => key))].toSorted()).toEqual(learning.toSorted());
    for (const { allowance } of world.learned) {
      expect(allowance).toMatchObject({ kind: 'limited', ...setup.limits?.allowance });
    }
  });

  if (bound.length > 0) {
    it.each(bound)('takes %s to no host that it is not for', async (credentialType) => {
      await using world = await World.start(connector, setup);
      const credential = world.credential(credentialType, ['elsewhere.example']);
      const { code, options } = await failureOf(world.run(type, scenario, { credential }));
      expect({ code, retryable: options.retryable }).toEqual({ code: 'CREDENTIAL_HOST_NOT_ALLOWED', retryable: false });
      expect(world.service.requests).toEqual([]);
    });
  }

  if (credentialTypesOf(given).includes('oauth2')) {
    it('renews an account once, and goes on', async () => {
      await using world = await World.start(connector, setup);
      const answer = setup.renewsAfter ?? USUAL_ANSWERS.unauthenticated;
      world.service.disturb({ kind: 'answers', answer }, 1);
      await world.run(type, scenario, { credential: world.credential('oauth2') });
      expect(world.renewals).toBe(1);
      expect(world.sent.at(-1)?.secret?.headers).toMatchObject({
        authorization: expect.stringContaining(RENEWED_TOKEN) as string,
      });
      world.service.disturb({ kind: 'answers', answer });
      await failureOf(world.run(type, scenario, { credential: world.credential('oauth2') }));
      expect(world.renewals).toBe(2);
    });
  }
}

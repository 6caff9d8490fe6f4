import { isJsonObject, type JsonObject } from '#libs/kernel';
import { NodeError, type CallMeaning, type NodeType, type SourceCall, type WebhookSource } from '#libs/node-kit';
import * as fc from 'fast-check';
import type { Connector } from '../connector.ts';
import { faultsOf } from './describe-action.ts';
import { secretsSeenIn } from './secrets-seen.ts';
import type { CallScenario, ConnectorSetup, TriggerScenario } from './setup.ts';
import { CREDENTIAL_ID, typesOf, World } from './world.ts';

const SIGNED = ['github', 'slack', 'stripe', 'standard-webhooks', 'hmac'];
const REASON = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;
const HOOK_URL = 'https://millrace.example/hooks/wh_spec';
const HOOK_SECRET = 'whsec_secret-of-the-hook';

/** What a trigger makes of calls, and how it has them come. */
export function describeTrigger(type: string, connector: Connector, setup: ConnectorSetup): void {
  const trigger = typesOf(connector).find((one) => one.type === type);
  const source = trigger?.runs === 'trigger' ? trigger.webhook : undefined;
  const scenario = setup.triggers?.[type];
  if (!trigger || !source) return;

  describe(`${type} and its calls`, () => {
    it('has a scenario, of which a call starts an execution', () => {
      expect(scenario?.calls.map(({ meaning }) => meaning.kind) ?? []).toContain('starts');
    });
    if (!scenario) return;
    describeCalls(trigger, source, scenario);
    describeProof(trigger, source, scenario);
    if (!source.registration) return;
    it('has a scenario of its registration', () => expect(scenario.registration).toBeDefined());
    if (scenario.registration) describeRegistration(type, scenario.registration, { connector, setup });
  });
}

function callOf({ call }: CallScenario): SourceCall {
  return { query: {}, ...call };
}

function describeCalls(trigger: NodeType, source: WebhookSource<JsonObject>, { calls }: TriggerScenario): void {
  const parse = (config: JsonObject): JsonObject => trigger.configSchema.parse(config);

  it.each(calls.map((call) => [call.name, call] as const))('means what was recorded: %s', (_, recorded) => {
    const config = parse(recorded.config);
    const meaning = source.receive(config, callOf(recorded));
    expect(meaning).toEqual(recorded.meaning);
    // Sent again it is the same, so that it is known by its key.
    expect(source.receive(config, structuredClone(callOf(recorded)))).toEqual(meaning);
  });

  it('makes something of any call', () => {
    const configs = [...calls.map(({ config }) => config), ...(trigger.examples ?? [])].map(parse);
    const junk = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as SourceCall['body']);
    const names = [...new Set(calls.flatMap(({ call }) => Object.keys(call.headers)))];
    const headers = fc.dictionary(fc.constantFrom('x-other', ...names), junk);
    const bodies = fc.oneof(
      junk,
      fc.constantFrom(...calls).chain(({ call }) => fieldsChanged(call.body, junk)),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...configs),
        headers,
        bodies,
        fc.constantFrom(...calls),
        (config, sent, body, like) => {
          expectMeaning(source.receive(config, { headers: sent, query: {}, body }));
          expectMeaning(source.receive(config, { ...callOf(like), body }));
        },
      ),
      { numRuns: 300 },
    );
  });
}

/** A body of which some fields are something else. */
function fieldsChanged(
  body: SourceCall['body'],
  junk: fc.Arbitrary<SourceCall['body']>,
): fc.Arbitrary<SourceCall['body']> {
  if (!isJsonObject(body) || Object.keys(body).length === 0) return junk;
  return fc.dictionary(fc.constantFrom(...Object.keys(body)), junk).map((changed) => ({ ...body, ...changed }));
}

function expectMeaning(meaning: CallMeaning): void {
  if (meaning.kind === 'ignored') expect(meaning.reason).toMatch(REASON);
  if (meaning.kind === 'starts' && meaning.key !== undefined) expect(meaning.key).not.toBe('');
  if (meaning.kind === 'answered') expect(meaning.answer.status).toBeLessThan(500);
}

function describeProof(trigger: NodeType, source: WebhookSource<JsonObject>, { calls }: TriggerScenario): void {
  it('takes signed calls alone, whose secret somebody has', () => {
    const configs = [...calls.map(({ config }) => config), ...(trigger.examples ?? [])];
    for (const written of configs) {
      const config = trigger.configSchema.parse(written);
      const { scheme, credentialId } = source.proofOf(config);
      expect(SIGNED).toContain(scheme);
      // A secret that the installation makes has no way to the service but the registration.
      const isKnown = credentialId !== undefined || source.registration?.targetOf(config) !== undefined;
      expect({ written, isKnown }).toEqual({ written, isKnown: true });
    }
  });

  it('answers what it accepts, and remembers it', () => {
    expect(Math.floor(source.accepted.status / 100)).toBe(2);
    expect(source.rememberedForMs).toBeGreaterThan(0);
    expect(source.maxBodyBytes).toBeGreaterThan(0);
  });
}

function describeRegistration(
  type: string,
  scenario: NonNullable<TriggerScenario['registration']>,
  { connector, setup }: { readonly connector: Connector; readonly setup: ConnectorSetup },
): void {
  function registrationIn(world: World) {
    const trigger = world.typeNamed(type);
    const registration = trigger.runs === 'trigger' ? trigger.webhook?.registration : undefined;
    const config = trigger.configSchema.parse(scenario.config);
    const target = registration?.targetOf(config);
    if (!registration || !target) throw new Error(`${type} registers nothing for the config of the scenario`);
    expect(JSON.stringify(registration.targetOf(config))).toBe(JSON.stringify(target));
    return { registration, target };
  }

  it('is made, and removed', async () => {
    await using world = await World.start(connector, setup);
    const { registration, target } = registrationIn(world);
    expect(target.credentialId).toBe(CREDENTIAL_ID);
    world.service.answers(scenario.create, setup.beside);
    const made = await registration.create({ ...target, url: HOOK_URL, secret: HOOK_SECRET }, world.attempt());
    expect(made).toEqual({ hookId: scenario.hookId });
    expect(world.service.requests.map(({ body }) => body).join('')).toContain(HOOK_SECRET);
    const open = world.sent.map(({ url, headers }) => ({ url, headers }));
    expect(secretsSeenIn(open, [HOOK_SECRET])).toEqual([]);
    expect({ unknown: world.service.unknown, unasked: world.service.unasked }).toEqual({ unknown: [], unasked: [] });
    world.service.answers(scenario.remove, setup.beside);
    await registration.remove({ ...target, url: HOOK_URL, ...made }, world.attempt());
    expect({ unknown: world.service.unknown, unasked: world.service.unasked }).toEqual({ unknown: [], unasked: [] });
  });

  it('is removed when it is gone already', async () => {
    await using world = await World.start(connector, setup);
    const { registration, target } = registrationIn(world);
    const gone = faultsOf(setup).find(({ name }) => name === 'notFound');
    world.service.answers(scenario.gone ?? [], setup.beside);
    if (!scenario.gone) world.service.disturb({ kind: 'answers', answer: gone?.answer ?? { status: 404 } });
    await registration.remove({ ...target, url: HOOK_URL, hookId: scenario.hookId }, world.attempt());
  });

  it.each(faultsOf(setup).map((fault) => [fault.name, fault] as const))('%s has its code', async (_, fault) => {
    await using world = await World.start(connector, setup);
    const { registration, target } = registrationIn(world);
    world.service.answers([], setup.beside);
    world.service.disturb({ kind: 'answers', answer: fault.answer });
    const making = registration.create({ ...target, url: HOOK_URL, secret: HOOK_SECRET }, world.attempt());
    const error: unknown = await making.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NodeError);
    expect(error).toMatchObject({ code: fault.code });
    expect(secretsSeenIn(error, [HOOK_SECRET, ...world.secretsOf(connector, world.credential())])).toEqual([]);
  });
}

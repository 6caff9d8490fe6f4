import { secretsOf, typedData, CREDENTIAL_TYPES } from '#libs/credential-types';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import type { ActionNodeType, Allowance, AttemptContext, NodeType, ResponseDrift } from '#libs/node-kit';
import { attemptWith, runNode, type GivenAttempt } from '#libs/nodes/testing';
import { createOutboundHttp, type OutboundHttp, type OutboundRequest } from '#libs/outbound-http';
import type { Connector, ConnectorParts } from '../connector.ts';
import { fieldNames, jsonSchemaOf } from './config-fields.ts';
import { RecordedService } from './recorded-service.ts';
import type { ActionScenario, ConnectorSetup } from './setup.ts';

export const CREDENTIAL_ID = 'cr_spec';
const CLOCK = { nowMs: () => Date.UTC(2026, 10, 23, 10) };

export interface SpecCredential {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly at: string;
  readonly allowedHosts: readonly string[];
}

/** The types of a connector that can't call anybody. */
export function typesOf(connector: Connector): readonly NodeType[] {
  const nowhere: OutboundHttp = {
    request: () => Promise.reject(new Error('nothing is called here')),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return connector.nodeTypes({ http: nowhere, clock: CLOCK, version: '0.0.0' });
}

/** One connector, one service on loopback, and all that went between them. */
export class World implements AsyncDisposable {
  readonly sent: OutboundRequest[] = [];
  readonly learned: { readonly key: string; readonly allowance: Allowance }[] = [];
  readonly drift: ResponseDrift[] = [];
  renewals = 0;
  readonly #http = createOutboundHttp({ allowPrivateNetwork: true });
  readonly #types: readonly NodeType[];

  private constructor(
    connector: Connector,
    private readonly setup: ConnectorSetup,
    readonly service: RecordedService,
  ) {
    const http: OutboundHttp = {
      request: (request) => {
        this.sent.push(request);
        return this.#http.request(request);
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
    const parts: ConnectorParts = { http, clock: CLOCK, version: '0.0.0' };
    this.#types = connector.nodeTypes(parts);
  }

  static async start(connector: Connector, setup: ConnectorSetup): Promise<World> {
    return new World(connector, setup, await RecordedService.start());
  }

  typeNamed(type: string): NodeType {
    const found = this.#types.find((one) => one.type === type);
    if (!found) throw new Error(`the connector has no type ${type}`);
    return found;
  }

  actionNamed(type: string): ActionNodeType {
    const found = this.typeNamed(type);
    if (found.runs !== 'executor') throw new Error(`${type} is not run by an executor`);
    return found;
  }

  /** The credential of the type, or the first one. */
  credential(type?: string, allowedHosts: readonly string[] = []): SpecCredential {
    const all = this.setup.credentials(this.service.url);
    const found = type === undefined ? all[0] : all.find((one) => one.type === type);
    if (!found) throw new Error(`the setup has no credential of type ${type ?? 'any'}`);
    return { at: '', ...found, id: CREDENTIAL_ID, allowedHosts };
  }

  attempt(attempted: Attempted = {}): AttemptContext {
    return attemptWith(this.#given(attempted));
  }

  #given({ credential = this.credential(), signal, files }: Attempted): GivenAttempt {
    this.service.beginAt(credential.at);
    return {
      ...(signal ? { signal } : {}),
      ...(files ? { files } : {}),
      credentials: [credential],
      learned: this.learned,
      drift: this.drift,
      renewed: async (refused) => {
        this.renewals += 1;
        const tokens = { accessToken: RENEWED_TOKEN, tokenType: 'bearer' };
        return { ...refused, data: { ...refused.data, tokens: { ...refused.data.tokens, ...tokens } } };
      },
    };
  }

  /** Records the scenario's answers and does what it says. */
  async run(type: string, scenario: ActionScenario, attempted: Attempted = {}): Promise<JsonValue> {
    this.service.answers(this.answersOf(scenario), this.setup.beside);
    const { files = [] } = scenario;
    const given = { ...attempted, files };
    const action = this.actionNamed(type);
    return runNode(action, configOf(action, scenario, this.service.url), this.#given(given));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http[Symbol.asyncDispose]();
    await this.service[Symbol.asyncDispose]();
  }

  answersOf({ answers }: ActionScenario) {
    return typeof answers === 'function' ? answers(this.service.url) : answers;
  }

  /** Those of the credential, and what was sent in secret headers. */
  secretsOf(connector: Connector, credential: SpecCredential): readonly string[] {
    const sent = this.sent.flatMap(({ secret }) => Object.values(secret?.headers ?? {}));
    // `Bearer` is no secret.
    const tokens = sent.flatMap((header) => header.split(' ')).filter((word) => word.length >= 8);
    return [...new Set([...ownSecretsOf(connector, credential), ...tokens])];
  }
}

export interface Attempted {
  readonly credential?: SpecCredential;
  readonly signal?: AbortSignal;
  readonly files?: readonly Uint8Array[];
}

export const RENEWED_TOKEN = 'renewed-access-token-of-the-suite';

/** With the credential, where the type takes one. */
export function configOf(action: NodeType, { config }: Pick<ActionScenario, 'config'>, url: string): JsonObject {
  const given = typeof config === 'function' ? config(url) : config;
  const names = fieldNames(jsonSchemaOf(action.configSchema));
  return names.includes('credentialId') ? { credentialId: CREDENTIAL_ID, ...given } : given;
}

export function needsCredential(action: NodeType): boolean {
  const { required } = jsonSchemaOf(action.configSchema);
  return Array.isArray(required) && required.includes('credentialId');
}

export function ownSecretsOf(connector: Connector, { type, data }: Pick<SpecCredential, 'type' | 'data'>) {
  const definition = connector.credentialTypes.find((one) => one.type === type);
  return definition ? definition.secretsOf(definition.data.parse(data)) : secretsOf(typedData.parse({ type, data }));
}

export function bindsToHosts(connector: Connector, type: string): boolean {
  const own = connector.credentialTypes.find((one) => one.type === type);
  return own
    ? own.bindsToHosts
    : Object.entries(CREDENTIAL_TYPES).some(([name, told]) => name === type && told.bindsToHosts);
}

/** A body as JSON, or as the fields of a form. */
export function readBody({ headers, body }: RecordedService['requests'][number]): JsonValue {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  if (isForm) return Object.fromEntries(new URLSearchParams(body));
  return body === '' ? null : (JSON.parse(body) as JsonValue);
}

/** The same answer without what is at a place, or with something of another type there. */
export function changedAt(json: JsonValue, place: string, change: 'missing' | 'otherType'): JsonValue {
  const steps = place.split(/[.[\]]+/).filter((step) => step !== '');
  return changed(json, steps, change);
}

function changed(json: JsonValue, [step, ...rest]: readonly string[], change: 'missing' | 'otherType'): JsonValue {
  if (step === undefined) return typeof json === 'object' ? 'another type' : { another: 'type' };
  if (Array.isArray(json)) {
    return json.map((one: JsonValue, index) => (index === Number(step) ? changed(one, rest, change) : one));
  }
  const { [step]: at, ...others } = isJsonObject(json) ? json : {};
  if (at === undefined) throw new Error(`the recorded answer has no ${step}`);
  return rest.length === 0 && change === 'missing' ? others : { ...others, [step]: changed(at, rest, change) };
}

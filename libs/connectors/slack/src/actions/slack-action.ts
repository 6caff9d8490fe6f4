import type { ConnectorParts } from '#libs/connector-kit';
import type { JsonObject, JsonValue } from '#libs/kernel';
import { defineNodeType, type AttemptContext, type NodeType } from '#libs/node-kit';
import type { z } from 'zod';
import { slackAs, type Slack } from '../client.ts';
import { destinationOf, quotasOf, type MethodUse } from '../rate-limits.ts';

export interface SlackAction<Config extends { readonly credentialId: string }> {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly configSchema: z.ZodType<Config>;
  readonly examples: readonly JsonObject[];
  /** What an attempt calls; the first one is its destination. */
  readonly usesOf: (config: Config) => readonly [MethodUse, ...MethodUse[]];
  readonly run: (config: Config, slack: Slack, attempt: AttemptContext) => Promise<JsonValue>;
}

export function slackAction<Config extends { readonly credentialId: string }>(
  { usesOf, run, ...told }: SlackAction<Config>,
  parts: ConnectorParts,
): NodeType {
  return defineNodeType<Config>({
    ...told,
    kind: 'action',
    runs: 'executor',
    executor: 'http',
    outputsOf: () => ['main'],
    destinationOf: (config) => destinationOf(config.credentialId, usesOf(config)[0]),
    quotasOf: (config) => quotasOf(config.credentialId, usesOf(config)),
    run: async (config, attempt) => run(config, await slackAs(config.credentialId, attempt, parts), attempt),
  });
}

/** These fields of an answer; what is not there is null. */
export function fieldsOf<Name extends string>(answer: JsonObject, names: readonly Name[]): Record<Name, JsonValue> {
  return Object.fromEntries(names.map((name) => [name, answer[name] ?? null])) as Record<Name, JsonValue>;
}

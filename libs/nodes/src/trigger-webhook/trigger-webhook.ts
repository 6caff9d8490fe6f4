import { isJsonObject, type JsonObject, type Problem } from '#libs/kernel';
import { defineNodeType } from '#libs/node-kit';
import { webhookTriggerConfigSchema, type WebhookTriggerConfig } from './config.ts';

export const webhookTrigger = defineNodeType<WebhookTriggerConfig>({
  type: 'trigger.webhook',
  kind: 'trigger',
  title: 'Webhook trigger',
  description:
    'Starts an execution for each call of its own URL; its output is the call: method, path, query, headers, body.',
  runs: 'trigger',
  configSchema: webhookTriggerConfigSchema,
  outputsOf: () => ['main'],
  check: findUnsupported,
});

/** Fields whose meaning is fixed and that nothing acts on yet: a promise that would not be kept is refused. */
const UNSUPPORTED_FIELDS = ['schema', 'rateLimit', 'allowIps', 'dedupe'] as const;

function findUnsupported(config: JsonObject): Problem[] {
  const problems = UNSUPPORTED_FIELDS.filter((field) => config[field] !== undefined).map((field) => notYet(field));
  const scheme = isJsonObject(config.verify) ? config.verify.scheme : undefined;
  if (typeof scheme === 'string' && scheme !== 'none') problems.push(notYet('verify.scheme', scheme));
  const mode = isJsonObject(config.respond) ? config.respond.mode : undefined;
  if (typeof mode === 'string' && mode !== 'accepted') problems.push(notYet('respond.mode', mode));
  return problems;
}

function notYet(path: string, value?: string): Problem {
  const what = value === undefined ? '' : `"${value.slice(0, 64)}" `;
  return { path, message: `${what}is not supported yet; leave it out` };
}

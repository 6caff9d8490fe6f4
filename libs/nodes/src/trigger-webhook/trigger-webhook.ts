import { isJsonObject, type JsonObject, type Problem } from '#libs/kernel';
import { bodySchemaProblems } from '#libs/body-schema';
import { compileTemplate } from '#libs/expressions';
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
  check: checkWebhook,
});

/** The key of `dedupe` is the one expression that a trigger has: it sees the call as `trigger`. */
function checkWebhook({ schema, dedupe }: JsonObject): Problem[] {
  const problems = isJsonObject(schema) ? [...bodySchemaProblems(schema)] : [];
  const key = isJsonObject(dedupe) ? dedupe.key : undefined;
  const compiled = typeof key === 'string' ? compileTemplate(key) : undefined;
  if (compiled?.kind !== 'refused') return problems;
  const told = compiled.problems.map(({ offset, message }) => ({
    path: 'dedupe.key',
    message: `expression at offset ${offset}: ${message}`,
  }));
  return [...problems, ...told];
}

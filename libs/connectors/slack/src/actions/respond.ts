import { LONGEST_ATTEMPT_MS, type ConnectorParts } from '#libs/connector-kit';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { defineNodeType, NodeError, type AttemptContext, type NodeType } from '#libs/node-kit';
import type { OutboundHttp, OutboundResponse } from '#libs/outbound-http';
import { z } from 'zod';
import { accountOf } from '../credentials.ts';
import { failureOf, rateLimited, refusalOf, statusFailure } from '../failures.ts';
import * as fields from './fields.ts';

const HOOKS_OF_SLACK: readonly string[] = ['https://hooks.slack.com', 'https://hooks.slack-gov.com'];
/** Not the URL: whoever has it may write in the channel. */
const INTENT = { method: 'a response_url', repeatable: false };

const flag = (title: string, description: string) =>
  z
    .boolean()
    .optional()
    .meta({ title, description, examples: [true] });

const configSchema = z
  .strictObject({
    responseUrl: z
      .url()
      .max(2_048)
      .meta({
        title: 'Response URL',
        description: '`response_url` of a command or an interaction; good for 30 minutes and five answers.',
        examples: ['{{ trigger.body.response_url }}'],
      }),
    credentialId: fields.credentialId.optional().meta({
      title: 'Credential',
      description: 'Only where Slack is not at slack.com: the response URL may then be at the host of its API.',
      examples: ['cr_01m8h21xymtwny6eeg28sms6ktnp2maatgw2'],
    }),
    text: fields.text,
    blocks: fields.blocks,
    responseType: z
      .enum(['ephemeral', 'in_channel'])
      .optional()
      .meta({ title: 'Who sees it', description: 'Default ephemeral: the user alone.', examples: ['in_channel'] }),
    replaceOriginal: flag('Replace', 'Whether it takes the place of the message that was acted on.'),
    deleteOriginal: flag('Delete', 'Whether the message that was acted on is deleted; then nothing else is needed.'),
    threadTs: fields.threadTs,
  })
  .refine((config) => config.deleteOriginal === true || fields.saysSomething(config), fields.SAYS_NOTHING);
type Config = z.output<typeof configSchema>;

/** Answers a command or an interaction. Needs no credential: the URL is one. */
export function respond({ http, version }: ConnectorParts): NodeType {
  return defineNodeType<Config>({
    type: 'slack.respond',
    kind: 'action',
    title: 'Slack: answer a command or an interaction',
    description: 'Writes where a command was given or a button was pressed, by its response_url.',
    runs: 'executor',
    executor: 'http',
    configSchema,
    examples: [{ responseUrl: '{{ trigger.body.response_url }}', text: 'Deploying', responseType: 'in_channel' }],
    outputsOf: () => ['main'],
    destinationOf: ({ responseUrl }) => URL.parse(responseUrl)?.host,
    run: (config, attempt) => answer(config, attempt, { http, userAgent: `Millrace/${version}` }),
  });
}

async function answer(
  config: Config,
  attempt: AttemptContext,
  { http, userAgent }: { readonly http: OutboundHttp; readonly userAgent: string },
): Promise<JsonValue> {
  await ensureSlack(config, attempt);
  const { responseUrl, text, blocks, responseType, replaceOriginal, deleteOriginal, threadTs } = config;
  const message = {
    text,
    blocks,
    response_type: responseType,
    replace_original: replaceOriginal,
    delete_original: deleteOriginal,
    thread_ts: threadTs,
  };
  const { signal } = attempt;
  const request = {
    method: 'POST',
    url: responseUrl,
    headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': userAgent },
    body: JSON.stringify(message),
    signal,
    timeoutMs: LONGEST_ATTEMPT_MS,
    followRedirects: false,
  };
  const response = await http.request(request).catch((error: unknown) => {
    throw failureOf(error, INTENT, signal);
  });
  ensureDone(response);
  return { answered: true };
}

/** An expression could lead anywhere, with what stands in the message. */
async function ensureSlack({ responseUrl, credentialId }: Config, attempt: AttemptContext): Promise<void> {
  const origin = new URL(responseUrl).origin;
  if (HOOKS_OF_SLACK.includes(origin)) return;
  const account = credentialId === undefined ? undefined : await accountOf(credentialId, attempt);
  if (account && new URL(account.apiUrl).origin === origin) return;
  throw new NodeError('SLACK_INVALID', 'the response URL is none of Slack', { retryable: false });
}

function ensureDone({ status, headers, body }: OutboundResponse): void {
  if (status === 429) throw rateLimited(String(headers['retry-after']), INTENT);
  if (status >= 500 || isRedirect(status)) throw statusFailure(status, INTENT);
  const text = body.toString('utf8').trim();
  const told = parsed(text);
  // A 200 is clear text, `ok`, or tells more as JSON; a 4xx was not done, whatever it says.
  const isRefused = status >= 400;
  if (isRefused || told['ok'] === false)
    throw refusalOf(wordOf(told, text), told, { ...INTENT, repeatable: isRefused });
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

function wordOf({ error }: JsonObject, text: string): string {
  return typeof error === 'string' ? error : text;
}

function parsed(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

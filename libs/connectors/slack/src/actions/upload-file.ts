import { LONGEST_ATTEMPT_MS, type ConnectorParts } from '#libs/connector-kit';
import { fileNameIn, type JsonObject, type JsonValue } from '#libs/kernel';
import { NodeError, type AttemptContext, type NodeType } from '#libs/node-kit';
import { z } from 'zod';
import type { Slack } from '../client.ts';
import { failureOf, statusFailure } from '../failures.ts';
import * as fields from './fields.ts';
import { fileContent, MISSING_CONTENT, hasContent } from './file-content.ts';
import { slackAction } from './slack-action.ts';

const configSchema = z
  .strictObject({
    credentialId: fields.credentialId,
    channel: fields.channel.optional().meta({
      title: 'Channel',
      description: 'The id of the channel to share it in; without it only the app sees the file.',
      examples: ['C0123456789'],
    }),
    ...fileContent,
    title: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .meta({ title: 'Title', description: 'What people see; default the name.', examples: ['Report of May'] }),
    altText: z
      .string()
      .min(1)
      .max(1_000)
      .optional()
      .meta({ title: 'Description', description: 'Of an image, for screen readers.', examples: ['A rising line'] }),
    initialComment: z
      .string()
      .min(1)
      .max(40_000)
      .optional()
      .meta({ title: 'Comment', description: 'The message that the file comes with.', examples: ['Here it is'] }),
    threadTs: fields.threadTs,
  })
  .refine(hasContent, MISSING_CONTENT);
type Config = z.output<typeof configSchema>;

const COMPLETE = 'files.completeUploadExternal';
const GET_URL = 'files.getUploadURLExternal';

export function uploadFile(parts: ConnectorParts): NodeType {
  return slackAction<Config>(
    {
      type: 'slack.file.upload',
      title: 'Slack: upload a file',
      description: 'Uploads a file, from text, base64 or a file that the trigger brought, and shares it in a channel.',
      configSchema,
      examples: [
        { credentialId: 'cr_slack', channel: 'C0123456789', name: 'report.txt', text: 'All is well' },
        { credentialId: 'cr_slack', channel: 'C0123456789', file: '{{ trigger.attachments[0] }}' },
      ],
      usesOf: () => [{ method: COMPLETE }, { method: GET_URL }],
      run: upload,
    },
    parts,
  );
}

async function upload(config: Config, slack: Slack, attempt: AttemptContext): Promise<JsonValue> {
  const { channel, initialComment, threadTs, title } = config;
  const bytes = await bytesOf(config, attempt);
  const filename = fileNameIn(config.name ?? config.file?.name) ?? 'file';
  const place = await slack.call({
    method: GET_URL,
    repeatable: true,
    answer: z.looseObject({ upload_url: z.string(), file_id: z.string() }),
    arguments: { filename, length: bytes.length, alt_txt: config.altText },
  });
  const { upload_url: url, file_id: id } = place;
  if (typeof url !== 'string' || typeof id !== 'string') throw noPlace();
  await send(bytes, url, { slack, attempt });
  const completed = await slack.call({
    method: COMPLETE,
    // The file is shared with a message.
    repeatable: channel === undefined,
    answer: z.looseObject({ files: z.array(z.looseObject({ id: z.string() })) }),
    arguments: {
      files: [{ id, title: title ?? filename }],
      channel_id: channel,
      initial_comment: initialComment,
      thread_ts: threadTs,
    },
  });
  return { fileId: id, name: filename, bytes: bytes.length, file: firstFileOf(completed) };
}

async function bytesOf({ text, file }: Config, attempt: AttemptContext): Promise<Uint8Array> {
  if (text !== undefined) return Buffer.from(text, 'utf8');
  if (file?.contentBase64 !== undefined) return Buffer.from(file.contentBase64, 'base64');
  return attempt.file(file?.sha256 ?? '');
}

/** The URL is a secret of its own: no token goes there, and no error names it. */
async function send(
  body: Uint8Array,
  url: string,
  { slack: { http }, attempt: { signal } }: { readonly slack: Slack; readonly attempt: AttemptContext },
): Promise<void> {
  const intent = { method: 'the upload of the file', repeatable: true };
  const headers = { 'content-type': 'application/octet-stream' };
  const request = { method: 'POST', url, headers, body, signal, timeoutMs: LONGEST_ATTEMPT_MS, followRedirects: false };
  const response = await http.request(request).catch((error: unknown) => {
    throw failureOf(error, intent, signal);
  });
  if (response.status !== 200) throw statusFailure(response.status, intent);
}

function firstFileOf({ files }: JsonObject): JsonValue {
  return Array.isArray(files) ? ((files as readonly JsonValue[])[0] ?? null) : null;
}

function noPlace(): NodeError {
  return new NodeError('SLACK_FAILED', `Slack answered ${GET_URL} without a place for the file`, {
    retryable: true,
    destination: 'failed',
    details: { method: GET_URL },
  });
}

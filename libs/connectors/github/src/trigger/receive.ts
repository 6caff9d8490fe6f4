import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import type { CallMeaning, SourceCall } from '#libs/node-kit';
import type { GitHubTriggerConfig } from './config.ts';

const PONG = { status: 200, contentType: 'application/json', body: '{"ok":true}' } as const;

/** What a call of GitHub means. The body of the trigger's output is the payload; its headers name event and delivery. */
export function receive(config: GitHubTriggerConfig, { headers, body }: SourceCall): CallMeaning {
  const event = textOf(headers['x-github-event']);
  const delivery = textOf(headers['x-github-delivery']);
  if (event === undefined) return { kind: 'ignored', reason: 'NOT_FROM_GITHUB' };
  if (event === 'ping') return { kind: 'answered', answer: PONG };
  const payload = payloadIn(body);
  if (payload === undefined) return { kind: 'ignored', reason: 'PAYLOAD_UNREADABLE' };
  const reason = unwanted(config, event, payload);
  if (reason !== undefined) return { kind: 'ignored', reason };
  return { kind: 'starts', body: payload, ...(delivery === undefined ? {} : { key: delivery }) };
}

function unwanted(
  { events, actions, repository, organization }: GitHubTriggerConfig,
  event: string,
  payload: JsonValue,
): string | undefined {
  if (events !== '*' && !events.includes(event)) return 'EVENT_NOT_WANTED';
  const fields: JsonObject = isJsonObject(payload) ? payload : {};
  // What has no action, such as a push, is not filtered by it.
  if (actions && typeof fields.action === 'string' && !actions.includes(fields.action)) return 'ACTION_NOT_WANTED';
  return elsewhere({ repository, organization }, fields);
}

/** Calls of others, as a hook that was made by hand may stand at several places. */
function elsewhere(
  { repository, organization }: Pick<GitHubTriggerConfig, 'repository' | 'organization'>,
  fields: JsonObject,
): string | undefined {
  if (isOther(repository, fields.repository, 'full_name')) return 'OTHER_REPOSITORY';
  return isOther(organization, fields.organization, 'login') ? 'OTHER_ORGANIZATION' : undefined;
}

/** Names are the same in upper and lower case. */
function isOther(wanted: string | undefined, at: JsonValue | undefined, name: string): boolean {
  if (wanted === undefined || !isJsonObject(at)) return false;
  const found = Object.hasOwn(at, name) ? at[name] : undefined;
  return typeof found === 'string' && found.toLowerCase() !== wanted.toLowerCase();
}

/** As JSON, or as the form field `payload`, by the content type that the hook has. */
function payloadIn(body: JsonValue): JsonValue | undefined {
  if (!isJsonObject(body)) return undefined;
  const { payload } = body;
  if (typeof payload !== 'string' || Object.keys(body).length !== 1) return body;
  try {
    return JSON.parse(payload) as JsonValue;
  } catch {
    return undefined;
  }
}

function textOf(header: JsonValue | undefined): string | undefined {
  return typeof header === 'string' && header !== '' ? header : undefined;
}

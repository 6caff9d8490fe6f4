import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';

/** A verified call, by what it is. Sources: docs.slack.dev, "Events API", "Slash commands", "Interactivity". */
export type SlackCallContent =
  /** What to answer before Slack sends anything. */
  | { readonly kind: 'challenge'; readonly challenge: string }
  | { readonly kind: 'sslCheck' }
  | { readonly kind: 'event'; readonly envelope: JsonObject; readonly event: JsonObject }
  | { readonly kind: 'command'; readonly command: JsonObject; readonly name: string }
  | { readonly kind: 'interaction'; readonly interaction: JsonObject; readonly type: string }
  | { readonly kind: 'unknown'; readonly reason: string };

const LONGEST_CHALLENGE = 4_096;

/** Never throws: the body is anything. */
export function slackCallOf(body: JsonValue): SlackCallContent {
  if (!isJsonObject(body)) return unknown('BODY_NOT_KNOWN');
  if (typeof body['payload'] === 'string') return interactionOf(body['payload']);
  if (body['ssl_check'] === '1') return { kind: 'sslCheck' };
  if (typeof body['command'] === 'string') {
    return { kind: 'command', command: withoutToken(body), name: body['command'] };
  }
  return ofEventsApi(body);
}

function ofEventsApi(body: JsonObject): SlackCallContent {
  const { type, challenge, event } = body;
  if (type === 'url_verification') {
    const isGood = typeof challenge === 'string' && challenge.length <= LONGEST_CHALLENGE;
    return isGood ? { kind: 'challenge', challenge } : unknown('CHALLENGE_NOT_KNOWN');
  }
  if (type === 'app_rate_limited') return unknown('APP_RATE_LIMITED');
  if (type !== 'event_callback' || !isJsonObject(event)) return unknown('BODY_NOT_KNOWN');
  return { kind: 'event', envelope: withoutToken(body), event };
}

function interactionOf(payload: string): SlackCallContent {
  try {
    const interaction = JSON.parse(payload) as JsonValue;
    if (!isJsonObject(interaction) || typeof interaction['type'] !== 'string') return unknown('PAYLOAD_NOT_KNOWN');
    return { kind: 'interaction', interaction: withoutToken(interaction), type: interaction['type'] };
  } catch {
    return unknown('PAYLOAD_NOT_JSON');
  }
}

/** The verification token of old: to some apps it is still what a password is. */
function withoutToken({ token: _, ...rest }: JsonObject): JsonObject {
  return rest;
}

function unknown(reason: string): SlackCallContent {
  return { kind: 'unknown', reason };
}

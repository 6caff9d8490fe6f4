import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import type { SlackTriggerConfig } from './config.ts';

type EventOf = { readonly envelope: JsonObject; readonly event: JsonObject };

/** What a subscription to messages is called, by the type of the channel. */
const CHANNEL_TYPES: Readonly<Record<string, string>> = {
  channel: 'channels',
  group: 'groups',
  im: 'im',
  mpim: 'mpim',
  app_home: 'app_home',
};

/** A bot that comes and goes is told so by Slack, and does nothing by it. */
const KEPT_OF_SELF: ReadonlySet<JsonValue | undefined> = new Set(['member_joined_channel', 'member_left_channel']);

export function isEventWanted({ events }: SlackTriggerConfig, { event }: EventOf): boolean {
  if (!events) return true;
  const { type, subtype, channel_type: channelType } = event;
  if (typeof type !== 'string') return false;
  const names = [type, `${type}.${textOf(subtype)}`, `${type}.${CHANNEL_TYPES[textOf(channelType)] ?? ''}`];
  return events.some((wanted) => names.includes(wanted));
}

export function isInteractionWanted({ interactions }: SlackTriggerConfig, interaction: JsonObject): boolean {
  if (!interactions) return true;
  const { type, callback_id: callbackId, view, actions } = interaction;
  const named = [type, callbackId, isJsonObject(view) ? view['callback_id'] : undefined, ...actionIdsOf(actions)];
  return interactions.some((wanted) => named.includes(wanted));
}

/** Whether the event is of an author that the trigger is to leave alone. */
export function isOfIgnored({ ignoreEventsOf }: SlackTriggerConfig, { envelope, event }: EventOf): boolean {
  switch (ignoreEventsOf) {
    case 'nobody':
      return false;
    case 'self':
      return isOfSelf(envelope, event);
    case 'bots':
      return isOfBot(event) || isOfSelf(envelope, event);
  }
}

function isOfSelf(envelope: JsonObject, event: JsonObject): boolean {
  if (KEPT_OF_SELF.has(event['type'])) return false;
  const own = envelope['api_app_id'];
  const isByApp = typeof own === 'string' && messagesIn(event).some((message) => appsOf(message).includes(own));
  return isByApp || ownBotsIn(envelope).some((user) => user === event['user']);
}

function isOfBot(event: JsonObject): boolean {
  return messagesIn(event).some((one) => typeof one['bot_id'] === 'string' || one['subtype'] === 'bot_message');
}

/** A change of a message tells its author inside. */
function messagesIn(event: JsonObject): readonly JsonObject[] {
  return [event, event['message'], event['previous_message']].filter(isJsonObject);
}

function appsOf(message: JsonObject): readonly (JsonValue | undefined)[] {
  const { app_id: appId, bot_profile: bot } = message;
  return [appId, isJsonObject(bot) ? bot['app_id'] : undefined];
}

function ownBotsIn({ authorizations }: JsonObject): readonly string[] {
  if (!Array.isArray(authorizations)) return [];
  return authorizations.flatMap((one: JsonValue) =>
    isJsonObject(one) && one['is_bot'] === true && typeof one['user_id'] === 'string' ? [one['user_id']] : [],
  );
}

function actionIdsOf(actions: JsonValue | undefined): readonly (JsonValue | undefined)[] {
  if (!Array.isArray(actions)) return [];
  // Messages of old name an action by `name`.
  return actions.flatMap((one: JsonValue) => (isJsonObject(one) ? [one['action_id'], one['name']] : []));
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

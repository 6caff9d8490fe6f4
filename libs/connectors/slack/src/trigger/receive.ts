import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import type { CallMeaning, SourceCall } from '#libs/node-kit';
import { kindsOf, type SlackTriggerConfig } from './config.ts';
import { slackCallOf, type SlackCallContent } from './slack-call.ts';
import { isEventWanted, isInteractionWanted, isOfIgnored } from './wanted.ts';

type Content<Kind extends SlackCallContent['kind']> = Extract<SlackCallContent, { kind: Kind }>;

const LONGEST_KEY = 200;

/** What a verified call means. Pure; never throws. */
export function receive(config: SlackTriggerConfig, { body }: SourceCall): CallMeaning {
  const content = slackCallOf(body);
  switch (content.kind) {
    case 'challenge':
      return answered('text/plain', content.challenge);
    case 'sslCheck':
      return answered('text/plain', '');
    case 'unknown':
      return { kind: 'ignored', reason: content.reason };
    case 'event':
      return eventMeaning(config, content);
    case 'command':
      return commandMeaning(config, content);
    case 'interaction':
      return interactionMeaning(config, content);
  }
}

function eventMeaning(config: SlackTriggerConfig, content: Content<'event'>): CallMeaning {
  if (!kindsOf(config).includes('event') || !isEventWanted(config, content)) return ignored('EVENT_NOT_WANTED');
  if (isOfIgnored(config, content)) return ignored('AUTHOR_IGNORED');
  return starts({ kind: 'event', ...content.envelope }, 'event', [content.envelope['event_id']]);
}

function commandMeaning(config: SlackTriggerConfig, { command, name }: Content<'command'>): CallMeaning {
  const isWanted = kindsOf(config).includes('command') && (config.commands?.includes(name) ?? true);
  return isWanted
    ? starts({ kind: 'command', ...command }, 'command', [command['trigger_id']])
    : ignored('COMMAND_NOT_WANTED');
}

function interactionMeaning(config: SlackTriggerConfig, content: Content<'interaction'>): CallMeaning {
  const { interaction, type } = content;
  // A menu that asks for its options waits for them, and an execution comes too late.
  if (type === 'block_suggestion' || type === 'dialog_suggestion')
    return answered('application/json', '{"options":[]}');
  const isWanted = kindsOf(config).includes('interaction') && isInteractionWanted(config, interaction);
  if (!isWanted) return ignored('INTERACTION_NOT_WANTED');
  const { trigger_id: triggerId, action_ts: actionTs, view } = interaction;
  const closed = isJsonObject(view) ? [view['id'], view['hash']] : [];
  const known = [[triggerId], [actionTs], closed].find((parts) => parts.length > 0 && parts.every(isKey)) ?? [];
  return starts({ kind: 'interaction', ...interaction }, `interaction:${type}`, known);
}

/** Two apps may send to one URL, and two kinds of calls may have one id. */
function starts(body: JsonObject, kind: string, ids: readonly (JsonValue | undefined)[]): CallMeaning {
  const known = ids.filter(isKey);
  if (known.length === 0) return { kind: 'starts', body };
  return { kind: 'starts', body, key: `slack:${kind}:${known.join(':')}`.slice(0, LONGEST_KEY) };
}

function isKey(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

function answered(contentType: string, body: string): CallMeaning {
  return { kind: 'answered', answer: { status: 200, contentType, body } };
}

function ignored(reason: string): CallMeaning {
  return { kind: 'ignored', reason };
}

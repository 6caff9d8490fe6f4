import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import type { Slack, SlackCall } from './client.ts';

export interface Page {
  readonly items: readonly JsonValue[];
  /** Of the next page; undefined after the last one. */
  readonly cursor: string | undefined;
}

/** One page of what `list` of the answer holds. */
export async function pageOf(slack: Slack, call: SlackCall, list: string): Promise<Page> {
  const answer = await slack.call(call);
  const items = answer[list];
  return { items: Array.isArray(items) ? (items as readonly JsonValue[]) : [], cursor: cursorOf(answer) };
}

function cursorOf({ response_metadata: metadata }: JsonObject): string | undefined {
  const cursor = isJsonObject(metadata) ? metadata['next_cursor'] : undefined;
  return typeof cursor === 'string' && cursor !== '' ? cursor : undefined;
}

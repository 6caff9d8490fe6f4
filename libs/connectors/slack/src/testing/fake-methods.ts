import type { JsonObject, JsonValue } from '#libs/kernel';
import type { FakeChannel, FakeMessage, FakeWorkspace } from './fake-state.ts';

export type FakeArguments = Readonly<Record<string, string>>;
export type FakeAnswer = JsonObject & { readonly ok: boolean };
type Method = (given: FakeArguments, workspace: FakeWorkspace, url: string) => FakeAnswer;

/** What Slack answers in the place of doing it. */
class Refused extends Error {
  constructor(readonly answer: FakeAnswer) {
    super();
  }
}

/** The answer of a method to arguments of a form; `url` is where the fake is. */
export function answerOf(method: string, given: FakeArguments, workspace: FakeWorkspace, url: string): FakeAnswer {
  try {
    return METHODS[method]?.(given, workspace, url) ?? { ok: false, error: 'unknown_method', req_method: method };
  } catch (error) {
    if (error instanceof Refused) return error.answer;
    throw error;
  }
}

const METHODS: Readonly<Record<string, Method>> = {
  'auth.test': (_given, { botUserId }) => ({ ok: true, user_id: botUserId, team_id: 'T0TEAM0001' }),
  'chat.postMessage': postMessage,
  'chat.update': (given, workspace) => {
    const { channel, message } = messageIn(given, given['ts'], workspace);
    message.text = given['text'] ?? message.text;
    return { ok: true, channel: channel.id, ts: message.ts, text: message.text };
  },
  'chat.delete': (given, workspace) => {
    const { channel, message } = messageIn(given, given['ts'], workspace);
    channel.messages.splice(channel.messages.indexOf(message), 1);
    return { ok: true, channel: channel.id, ts: message.ts };
  },
  'chat.postEphemeral': (given, workspace) => {
    const { id } = channelIn(given, workspace);
    workspace.ephemeral.push({ channel: id, user: given['user'] ?? '', text: given['text'] ?? '' });
    return { ok: true, message_ts: newTs(workspace) };
  },
  'chat.scheduleMessage': (given, workspace) => {
    const { id } = channelIn(given, workspace);
    const postAt = Number(given['post_at']);
    workspace.scheduled.push({ channel: id, text: given['text'] ?? '', postAt });
    return { ok: true, channel: id, scheduled_message_id: `Q${workspace.next()}`, post_at: postAt };
  },
  'reactions.add': (given, workspace) => {
    const { message } = messageIn(given, given['timestamp'], workspace);
    if (message.reactions.has(given['name'] ?? '')) refuse('already_reacted');
    message.reactions.add(given['name'] ?? '');
    return { ok: true };
  },
  'reactions.remove': (given, workspace) => {
    const { message } = messageIn(given, given['timestamp'], workspace);
    if (!message.reactions.delete(given['name'] ?? '')) refuse('no_reaction');
    return { ok: true };
  },
  'files.getUploadURLExternal': (given, workspace, url) => {
    const id = `F${workspace.next()}`;
    const name = given['filename'] ?? '';
    workspace.files.push({ id, name, bytes: Buffer.alloc(0), sharedIn: undefined, title: undefined });
    return { ok: true, upload_url: `${url}/upload/v1/${id}`, file_id: id };
  },
  'files.completeUploadExternal': completeUpload,
  'users.info': ({ user }, workspace) => userBy(workspace, (one) => one.id === user, 'user_not_found'),
  'users.lookupByEmail': ({ email }, workspace) => userBy(workspace, (one) => one.email === email, 'users_not_found'),
  'conversations.info': (given, workspace) => ({ ok: true, channel: told(channelIn(given, workspace)) }),
  'conversations.list': (given, { channels }) => {
    const seen = channels.filter((one) => !one.isPrivate || given['types']?.includes('private_channel'));
    return page('channels', seen.map(told), given);
  },
  'conversations.history': (given, workspace) => {
    const { messages } = channelIn(given, workspace);
    const within = messages.filter(({ ts }) => isWithin(Number(ts), given));
    return page('messages', within.map(toldMessage).reverse(), given);
  },
  'conversations.replies': (given, workspace) => {
    const { messages } = channelIn(given, workspace);
    const thread = messages.filter((one) => one.ts === given['ts'] || one.thread_ts === given['ts']);
    if (thread.length === 0) refuse('thread_not_found');
    return page('messages', thread.map(toldMessage), given);
  },
  'conversations.join': (given, workspace) => ({ ok: true, channel: told(channelIn(given, workspace)) }),
};

function postMessage(given: FakeArguments, workspace: FakeWorkspace): FakeAnswer {
  const channel = channelIn(given, workspace);
  if (!channel.isMember) refuse('not_in_channel');
  if (given['text'] === undefined && given['blocks'] === undefined) refuse('no_text');
  const { client_msg_id: id, thread_ts: threadTs, text = '', channel: _, ...more } = given;
  const known = channel.messages.find((one) => id !== undefined && one.client_msg_id === id);
  const message: FakeMessage = known ?? {
    ts: newTs(workspace),
    text,
    client_msg_id: id,
    thread_ts: threadTs,
    more,
    reactions: new Set(),
  };
  if (!known) channel.messages.push(message);
  return { ok: true, channel: channel.id, ts: message.ts, message: toldMessage(message) };
}

function completeUpload(given: FakeArguments, workspace: FakeWorkspace): FakeAnswer {
  const asked = JSON.parse(given['files'] ?? '[]') as readonly { id: string; title?: string }[];
  const files = asked.map(({ id, title }) => {
    const file = workspace.files.find((one) => one.id === id) ?? refuse('file_not_found');
    file.title = title;
    if (given['channel_id'] !== undefined) file.sharedIn = channelIn({ channel: given['channel_id'] }, workspace).id;
    return { id, title: title ?? file.name, name: file.name, size: file.bytes.length };
  });
  return { ok: true, files };
}

function page(list: string, all: readonly JsonValue[], given: FakeArguments): FakeAnswer {
  const from = Number(given['cursor'] ?? 0);
  const to = from + Number(given['limit'] ?? 100);
  const cursor = to < all.length ? String(to) : '';
  return { ok: true, [list]: all.slice(from, to), response_metadata: { next_cursor: cursor } };
}

function isWithin(ts: number, { oldest, latest }: FakeArguments): boolean {
  return ts > Number(oldest ?? 0) && ts < Number(latest ?? Infinity);
}

function channelIn({ channel }: FakeArguments, { channels }: FakeWorkspace): FakeChannel {
  return channels.find(({ id, name }) => id === channel || `#${name}` === channel) ?? refuse('channel_not_found');
}

function messageIn(given: FakeArguments, ts: string | undefined, workspace: FakeWorkspace) {
  const channel = channelIn(given, workspace);
  const message = channel.messages.find((one) => one.ts === ts) ?? refuse('message_not_found');
  return { channel, message };
}

function userBy(
  { users }: FakeWorkspace,
  isWanted: (user: FakeWorkspace['users'][number]) => boolean,
  missing: string,
): FakeAnswer {
  const { id, name, email } = users.find(isWanted) ?? refuse(missing);
  return { ok: true, user: { id, name, profile: { email } } };
}

function told({ id, name, isMember, isPrivate }: FakeChannel): JsonObject {
  return { id, name, is_channel: true, is_member: isMember, is_private: isPrivate };
}

function toldMessage({ ts, text, client_msg_id: id, thread_ts: threadTs, reactions }: FakeMessage): JsonObject {
  return {
    type: 'message',
    ts,
    text,
    ...(id === undefined ? {} : { client_msg_id: id }),
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    ...(reactions.size === 0 ? {} : { reactions: [...reactions].map((name) => ({ name, count: 1 })) }),
  };
}

function newTs(workspace: FakeWorkspace): string {
  return `1700000000.${String(workspace.next()).padStart(6, '0')}`;
}

function refuse(error: string): never {
  throw new Refused({ ok: false, error });
}

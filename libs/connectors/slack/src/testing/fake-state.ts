import type { JsonObject } from '#libs/kernel';

export interface FakeMessage {
  readonly ts: string;
  text: string;
  readonly client_msg_id: string | undefined;
  readonly thread_ts: string | undefined;
  readonly more: JsonObject;
  readonly reactions: Set<string>;
}

export interface FakeChannel {
  readonly id: string;
  readonly name: string;
  readonly isMember: boolean;
  readonly isPrivate: boolean;
  /** Oldest first. */
  readonly messages: FakeMessage[];
}

export interface FakeFile {
  readonly id: string;
  readonly name: string;
  bytes: Buffer;
  sharedIn: string | undefined;
  title: string | undefined;
}

/** What is in a workspace. */
export interface FakeWorkspace {
  readonly appId: string;
  readonly botUserId: string;
  readonly channels: FakeChannel[];
  readonly users: { readonly id: string; readonly name: string; readonly email: string }[];
  readonly files: FakeFile[];
  readonly ephemeral: { readonly channel: string; readonly user: string; readonly text: string }[];
  readonly scheduled: { readonly channel: string; readonly text: string; readonly postAt: number }[];
  /** By the last part of its URL; how often it may be used yet. */
  readonly responseUrls: Map<string, number>;
  /** What was written by response URLs. */
  readonly responses: JsonObject[];
  /** Gives the next number for ids and timestamps. */
  next(): number;
}

export function newWorkspace(): FakeWorkspace {
  let count = 0;
  const channel = (id: string, name: string, isMember = true, isPrivate = false): FakeChannel => ({
    id,
    name,
    isMember,
    isPrivate,
    messages: [],
  });
  return {
    appId: 'A0APP00001',
    botUserId: 'U0BOT00001',
    channels: [
      channel('C0GENERAL1', 'general'),
      channel('C0DEPLOYS1', 'deploys'),
      channel('C0OTHERS01', 'others', false),
      channel('G0SECRET01', 'secret', true, true),
    ],
    users: [
      { id: 'U0ADA00001', name: 'ada', email: 'ada@example.com' },
      { id: 'U0BOB00001', name: 'bob', email: 'bob@example.com' },
    ],
    files: [],
    ephemeral: [],
    scheduled: [],
    responseUrls: new Map(),
    responses: [],
    next: () => ++count,
  };
}

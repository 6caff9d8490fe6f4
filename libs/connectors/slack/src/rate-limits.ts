import type { Quota } from '#libs/node-kit';

// Source: docs.slack.dev, "Rate limits" and the page of each method. Limits are counted for a method, an app and a workspace
// together, and no answer tells what is left of them.
const CALLS_A_MINUTE = { tier1: 1, tier2: 20, tier3: 50, tier4: 100 } as const;
type Tier = keyof typeof CALLS_A_MINUTE;

const METHODS: Readonly<Record<Tier, readonly string[]>> = {
  tier1: [
    'admin.apps.uninstall',
    'admin.conversations.restrictAccess.removeGroup',
    'admin.teams.create',
    'admin.usergroups.addChannels',
    'admin.users.unsupportedVersions.export',
    'apps.icon.set',
    'apps.manifest.create',
    'apps.manifest.delete',
    'apps.manifest.update',
    'apps.uninstall',
    'conversations.listConnectInvites',
    'team.externalTeams.disconnect',
  ],
  tier2: [
    'conversations.archive',
    'conversations.create',
    'conversations.list',
    'conversations.rename',
    'conversations.setPurpose',
    'conversations.setTopic',
    'conversations.unarchive',
    'emoji.list',
    'pins.add',
    'pins.list',
    'pins.remove',
    'reactions.list',
    'reactions.remove',
    'reminders.add',
    'search.all',
    'search.messages',
    'usergroups.list',
    'usergroups.users.list',
    'users.list',
  ],
  tier3: [
    'bots.info',
    'chat.delete',
    'chat.deleteScheduledMessage',
    'chat.meMessage',
    'chat.scheduleMessage',
    'chat.scheduledMessages.list',
    'chat.unfurl',
    'chat.update',
    'conversations.history',
    'conversations.info',
    'conversations.invite',
    'conversations.join',
    'conversations.kick',
    'conversations.leave',
    'conversations.mark',
    'conversations.open',
    'conversations.replies',
    'files.delete',
    'files.list',
    'reactions.add',
    'reactions.get',
    'team.info',
    'users.conversations',
    'users.lookupByEmail',
    'users.profile.set',
  ],
  tier4: [
    'api.test',
    'chat.postEphemeral',
    'conversations.members',
    'files.completeUploadExternal',
    'files.getUploadURLExternal',
    'files.info',
    'users.info',
    'users.profile.get',
    'views.open',
    'views.publish',
    'views.push',
    'views.update',
  ],
};
const TIERS: ReadonlyMap<string, Tier> = new Map(
  (Object.keys(METHODS) as Tier[]).flatMap((tier) => METHODS[tier].map((method) => [method, tier] as const)),
);
/** "Special rate limits": several hundred a minute, to which Slack puts no number. */
const UNCOUNTED: ReadonlySet<string> = new Set([
  'apps.event.authorizations.list',
  'assistant.search.context',
  'assistant.threads.setStatus',
  'auth.test',
  'chat.getPermalink',
]);
/** What most methods have. */
const OF_OTHERS: Tier = 'tier2';
const LONGEST_KEY = 256;

/** A method as one attempt calls it. */
export interface MethodUse {
  readonly method: string;
  /** Where a message goes. */
  readonly channel?: string | undefined;
}

/** As Slack limits methods one by one, one that has to wait holds back no other. */
export function destinationOf(credentialId: string, { method }: MethodUse): string {
  return `${credentialId}@slack/${method}`.slice(0, LONGEST_KEY);
}

export function quotasOf(credentialId: string, uses: readonly MethodUse[]): readonly Quota[] {
  return uses.flatMap((use) => quotaOf(credentialId, use) ?? []);
}

function quotaOf(credentialId: string, use: MethodUse): Quota | undefined {
  const key = destinationOf(credentialId, use);
  if (use.method === 'chat.postMessage') {
    return { key: `${key}/${use.channel ?? ''}`.slice(0, LONGEST_KEY), limit: 1, perMs: 1_000, learns: false };
  }
  if (UNCOUNTED.has(use.method)) return undefined;
  const tier = TIERS.get(use.method) ?? OF_OTHERS;
  return { key, limit: CALLS_A_MINUTE[tier], perMs: 60_000, learns: false };
}

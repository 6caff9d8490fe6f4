import type { InboxRoute } from '#libs/webhook-routes';

/** A mailbox that is to be watched, by the token of its trigger. */
export interface WantedInbox {
  readonly token: string;
  readonly route: InboxRoute;
}

export interface LimitedInbox extends WantedInbox {
  readonly isBeyondLimit: boolean;
}

export const MAILBOXES_OF_WORKSPACE = 100;

/** The oldest triggers of a workspace are within its limit, whoever else comes. */
export function withinLimits(wanted: readonly WantedInbox[]): readonly LimitedInbox[] {
  const counts = new Map<string, number>();
  const oldestFirst = wanted.toSorted((one, other) => (one.route.webhookId < other.route.webhookId ? -1 : 1));
  return oldestFirst.map((inbox) => {
    const { workspaceId } = inbox.route;
    const count = (counts.get(workspaceId) ?? 0) + 1;
    counts.set(workspaceId, count);
    return { ...inbox, isBeyondLimit: count > MAILBOXES_OF_WORKSPACE };
  });
}

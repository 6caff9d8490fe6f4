import type { InboxRoute } from '#libs/webhook-routes';
import { withinLimits, type WantedInbox } from './wanted-inboxes.ts';

function wanted(workspaceId: string, webhookId: string): WantedInbox {
  const route: InboxRoute = {
    ...{ webhookId, workspaceId, workflowId: 'wf_1', version: 1, nodeId: 'in', methods: [], maxBodyBytes: 1 },
    ...{ variables: [], priority: 'normal' },
    mail: {
      ...{ maxBytes: 1, allowFrom: [], require: 'nothing' },
      imap: { credentialId: 'cr_1', mailbox: 'INBOX', afterwards: 'nothing' },
    },
  };
  return { token: `token of ${webhookId}`, route };
}

describe('mailboxes that are wanted', () => {
  it('are watched up to a hundred of a workspace, the oldest ones, and all of another workspace', () => {
    const ids = Array.from({ length: 103 }, (_, n) => `wh_${String(n).padStart(3, '0')}`);
    const all = [...ids.toReversed().map((id) => wanted('ws_1', id)), wanted('ws_2', 'wh_999')];
    const beyond = withinLimits(all).filter(({ isBeyondLimit }) => isBeyondLimit);
    expect(beyond.map(({ route }) => route.webhookId)).toEqual(['wh_100', 'wh_101', 'wh_102']);
    expect(withinLimits(all)).toHaveLength(104);
  });
});

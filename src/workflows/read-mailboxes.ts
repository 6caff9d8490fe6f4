import { Injectable } from '@nestjs/common';
import { emailTriggerConfigSchema } from '#libs/nodes';
import type { WorkflowRecord } from '#libs/read-models';
import { InboxStore } from '../inboxes/inbox-store.ts';
import { endpointsOf, isMailTrigger, type ViewedEndpoint } from './endpoints-of.ts';
import type { MailboxView } from './mailbox-view.ts';
import { ReadVersions } from './read-versions.ts';

/** The mailboxes that a workflow's mail triggers watch, and how they are doing. */
@Injectable()
export class ReadMailboxes {
  constructor(
    private readonly versions: ReadVersions,
    private readonly store: InboxStore,
  ) {}

  async of(record: WorkflowRecord): Promise<MailboxView[]> {
    const active = await this.versions.activeDefinitionOf(record);
    const viewed = await Promise.all(endpointsOf(record, isMailTrigger, active).map((one) => this.#viewOf(one)));
    return viewed.filter((view) => view !== undefined);
  }

  async #viewOf({ endpoint, node, isActive }: ViewedEndpoint): Promise<MailboxView | undefined> {
    const { imap } = emailTriggerConfigSchema.safeParse(node.config).data ?? {};
    if (!imap) return undefined;
    const { webhookId: id, nodeId } = endpoint;
    const { credentialId, mailbox } = imap;
    return { id, nodeId, credentialId, mailbox, active: isActive, state: (await this.store.stateOf(id)) ?? null };
  }
}

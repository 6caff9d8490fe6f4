import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type WebhookId, type WorkspaceId } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { findWebhook, listDeliveries, type Database, type DeliveryQuery, type FoundWebhook } from '#libs/read-models';
import { calledTypesIn } from '../node-types/called-types.ts';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { pageOf, placeOf, type Page } from '../platform/http/page.ts';
import { DATABASE } from '../read-models/tokens.ts';
import { deliveryViewOf, type DeliveryView } from './delivery-view.ts';

@Injectable()
export class ReadDeliveries {
  readonly #calledTypes: readonly string[];

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(NODE_TYPES) nodeTypes: NodeTypes,
  ) {
    this.#calledTypes = calledTypesIn(nodeTypes);
  }

  async list(
    webhook: FoundWebhook,
    { cursor, ...asked }: Omit<DeliveryQuery, 'calledTypes'> & { readonly cursor?: string | undefined },
  ): Promise<Page<DeliveryView>> {
    const after = cursor === undefined ? undefined : placeOf(cursor);
    const query = { ...asked, calledTypes: this.#calledTypes, after, limit: asked.limit + 1 };
    return pageOf(await listDeliveries(this.database, webhook, query), asked.limit, deliveryViewOf);
  }

  /** Also one of a workflow that was deleted: what came to it stays readable. */
  async webhook(workspaceId: WorkspaceId, id: WebhookId): Promise<FoundWebhook> {
    const found = await findWebhook(this.database, workspaceId, id);
    if (found) return found;
    throw new MillraceError('notFound', 'WEBHOOK_NOT_FOUND', `there is no webhook ${id}`);
  }
}

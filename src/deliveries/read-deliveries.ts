import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type WebhookId, type WorkspaceId } from '#libs/kernel';
import { findWebhook, listDeliveries, type Database, type DeliveryQuery, type FoundWebhook } from '#libs/read-models';
import { pageOf, placeOf, type Page } from '../platform/http/page.ts';
import { DATABASE } from '../read-models/tokens.ts';
import { deliveryViewOf, type DeliveryView } from './delivery-view.ts';

@Injectable()
export class ReadDeliveries {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  async list(
    webhook: FoundWebhook,
    { cursor, ...query }: DeliveryQuery & { readonly cursor?: string | undefined },
  ): Promise<Page<DeliveryView>> {
    const after = cursor === undefined ? undefined : placeOf(cursor);
    const records = await listDeliveries(this.database, webhook, { ...query, after, limit: query.limit + 1 });
    return pageOf(records, query.limit, deliveryViewOf);
  }

  /** Also one of a workflow that was deleted: what came to it stays readable. */
  async webhook(workspaceId: WorkspaceId, id: WebhookId): Promise<FoundWebhook> {
    const found = await findWebhook(this.database, workspaceId, id);
    if (found) return found;
    throw new MillraceError('notFound', 'WEBHOOK_NOT_FOUND', `there is no webhook ${id}`);
  }
}

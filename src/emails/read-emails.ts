import { Inject, Injectable } from '@nestjs/common';
import type { WorkspaceId } from '#libs/kernel';
import { listMails, type Database } from '#libs/read-models';
import { pageOf, placeOf, type Page } from '../platform/http/page.ts';
import { DATABASE } from '../read-models/tokens.ts';
import { emailViewOf, type EmailView, type ListEmailsQuery } from './emails.dto.ts';

@Injectable()
export class ReadEmails {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** Newest first. */
  async list(workspaceId: WorkspaceId, { cursor, limit, ...filters }: ListEmailsQuery): Promise<Page<EmailView>> {
    const after = cursor === undefined ? undefined : placeOf(cursor);
    const mails = await listMails(this.database, { ...filters, workspaceId, after, limit: limit + 1 });
    const rows = mails.map((mail) => ({ id: mail.mailKey, createdAt: mail.createdAt, mail }));
    return pageOf(rows, limit, ({ mail }) => emailViewOf(mail));
  }
}

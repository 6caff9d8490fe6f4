import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConcurrencyConflict } from '#libs/event-sourcing';
import type { Files } from '#libs/execution-engine';
import { ExecutionJournal, Payloads } from '#libs/execution-runtime';
import type { ExecutionId } from '#libs/kernel';
import type { MailAttachment, ReadMail } from '#libs/mail-reading';
import type { MailRoute } from '#libs/webhook-routes';
import { derivedId } from '../platform/ids.ts';
import { StartInput } from '../variables/start-input.ts';
import { mailOutputOf, type MailArrival } from './mail-output.ts';

/** Starts the execution of a message at a mail trigger. Its id follows from both, so that it is one however often it comes. */
@Injectable()
export class StartMail {
  constructor(
    private readonly journal: ExecutionJournal,
    private readonly payloads: Payloads,
    private readonly startInput: StartInput,
  ) {}

  /** Whether the log holds the execution already. */
  async isStarted(executionId: string): Promise<boolean> {
    return (await this.journal.fresh(executionId)).status !== 'none';
  }

  async start(executionId: string, route: MailRoute, mail: ReadMail, arrival: MailArrival): Promise<void> {
    const files = await this.#filesOf(executionId, mail.attachments);
    const given = await this.startInput.of(executionId, mailOutputOf(mail, arrival), route);
    const command = {
      type: 'StartExecution',
      workspaceId: route.workspaceId,
      workflowId: route.workflowId,
      workflowVersion: route.version,
      trigger: { type: 'trigger.email', nodeId: route.nodeId },
      ...given,
      ...(files ? { files } : {}),
      priority: route.priority,
    } as const;
    await this.journal.start(executionId, command).catch((error: unknown) => {
      // The same message, at another process.
      if (!(error instanceof ConcurrencyConflict)) throw error;
    });
  }

  async #filesOf(executionId: string, attachments: readonly MailAttachment[]): Promise<Files | undefined> {
    if (attachments.length === 0) return undefined;
    const byHash = new Map(attachments.map(({ sha256, content }) => [sha256, content]));
    const files: Record<string, Files[string]> = {};
    // One at a time: each is held as base64 while it is put.
    for (const [sha256, { buffer, byteOffset, byteLength }] of byHash) {
      const content = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
      files[sha256] = await this.payloads.putAside(executionId, content, sha256);
    }
    return files;
  }
}

/** A server that heard no answer sends the very same bytes again. */
export function mailExecutionIdOf({ webhookId }: Pick<MailRoute, 'webhookId'>, raw: Uint8Array): ExecutionId {
  const content = createHash('sha256').update(raw).digest('hex');
  const chance = createHash('sha256')
    .update(JSON.stringify(['mail', webhookId, content]))
    .digest();
  return derivedId('execution', 0, chance);
}

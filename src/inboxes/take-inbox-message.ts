import { Inject, Injectable } from '@nestjs/common';
import type { InboxMessage, Outcome } from '#libs/imap-inbox';
import { MillraceError } from '#libs/kernel';
import type { MailReader } from '#libs/mail-reading';
import { isInboxRoute, RouteTable, type InboxRoute } from '#libs/webhook-routes';
import { isAllowed } from '../mail/mail-recipients.ts';
import { mailExecutionIdOf, StartMail } from '../mail/start-mail.ts';
import { MAIL_READER } from '../mail/tokens.ts';
import { Logger } from '../platform/logging/logger.ts';
import { InboxMetrics } from './inbox-metrics.ts';

/** Starts the execution of a message in a mailbox. It is taken when this resolves: the log has acknowledged it. */
@Injectable()
export class TakeInboxMessage {
  constructor(
    private readonly routes: RouteTable,
    private readonly startMail: StartMail,
    private readonly metrics: InboxMetrics,
    private readonly logger: Logger,
    @Inject(MAIL_READER) private readonly reader: MailReader,
  ) {}

  /** By the token of the trigger: the version that is active now counts. */
  async take(token: string, message: InboxMessage): Promise<Outcome> {
    const route = this.routes.find(token);
    // It is watched no more in a moment; until then the message stays where it is.
    if (!route || !isInboxRoute(route)) throw new MillraceError('unavailable', 'TRIGGER_INACTIVE', 'it is not active');
    const outcome = await this.#outcomeOf(route, message);
    this.metrics.message(outcome);
    return outcome === 'taken' || outcome === 'repeated' ? 'handled' : 'passedOver';
  }

  async #outcomeOf(route: InboxRoute, message: InboxMessage): Promise<'taken' | 'repeated' | 'notLetIn' | 'tooLarge'> {
    if (message.kind === 'tooLarge' || message.raw.byteLength > route.mail.maxBytes) {
      const { workflowId, nodeId } = route;
      this.logger.warn(
        { workflowId, nodeId, uid: message.uid },
        'a message in a mailbox is too large, and was passed over',
      );
      return 'tooLarge';
    }
    const id = mailExecutionIdOf(route, message.raw);
    const [read, isStarted] = await Promise.all([this.reader.read(message.raw), this.startMail.isStarted(id)]);
    if (isStarted) return 'repeated';
    const { allowFrom } = route.mail;
    if (allowFrom && !isAllowed(allowFrom, read.from?.address.toLowerCase() ?? '')) return 'notLetIn';
    const arrival = { envelope: null, authentication: null, receivedAt: message.internalDate };
    await this.startMail.start(id, route, read, arrival);
    return 'taken';
  }
}

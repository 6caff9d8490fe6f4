import { Inject, Injectable } from '@nestjs/common';
import type { InboxEvent, InboxState } from '#libs/imap-inbox';
import { toInstant, type Clock } from '#libs/kernel';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK } from '../platform/tokens.ts';
import { InboxMetrics } from './inbox-metrics.ts';
import type { StoredInboxState } from './inbox-state.ts';
import { InboxStore } from './inbox-store.ts';

/** Says how mailboxes are doing: to who asks for one, to who runs the installation, and to its metrics. */
@Injectable()
export class InboxReports {
  /** Why each mailbox is not watched, as it was said last; by trigger. */
  readonly #codes = new Map<string, string>();

  constructor(
    @Inject(InboxStore) private readonly store: Pick<InboxStore, 'tell'>,
    private readonly metrics: InboxMetrics,
    private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  state(triggerId: string, state: InboxState): void {
    if (state.kind === 'waiting' || state.kind === 'refused') this.#trouble(triggerId, state);
    else if (state.kind !== 'connecting') this.#codes.delete(triggerId);
    if (state.kind === 'watching') this.#tell(triggerId, { kind: 'watching', code: null, message: null });
  }

  /** It is not even tried. */
  refused(triggerId: string, { code, message }: { readonly code: string; readonly message: string }): void {
    this.metrics.trouble(code);
    this.#tell(triggerId, { kind: 'refused', code, message });
  }

  event(triggerId: string, event: InboxEvent): void {
    if (event.kind === 'setAside') {
      const { uid, trouble } = event;
      this.metrics.message('setAside');
      this.logger.error({ triggerId, uid, error: trouble }, 'a message could not be delivered, and was passed over');
      return;
    }
    this.logger.info({ triggerId, ...event }, 'something happened to a mailbox');
  }

  #trouble(triggerId: string, { kind, trouble }: Extract<InboxState, { readonly trouble: object }>): void {
    const { code, message, cause } = trouble;
    this.metrics.trouble(code);
    this.#tell(triggerId, { kind, code, message });
    if (this.#codes.get(triggerId) === code) return;
    this.#codes.set(triggerId, code);
    // With a cause it is ours, and whoever owns the mailbox can do nothing about it.
    if (cause !== undefined)
      this.logger.warn({ triggerId, code, error: cause }, 'a mailbox waits for something of ours');
  }

  /** For people to look at: what is not stored now is told by the next state. */
  #tell(triggerId: string, state: Omit<StoredInboxState, 'since'>): void {
    const told = this.store.tell(triggerId, { ...state, since: toInstant(this.clock.nowMs()) });
    told.catch((error: unknown) => this.logger.warn({ error }, 'how a mailbox is doing could not be stored'));
  }
}

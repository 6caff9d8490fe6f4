import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Credential } from '#libs/credential-types';
import { watchInbox, type InboxState, type InboxWatch } from '#libs/imap-inbox';
import { toInstant, type Clock } from '#libs/kernel';
import { createWall } from '#libs/outbound-wall';
import type { InboxRoute } from '#libs/webhook-routes';
import type { Config } from '../config/config.ts';
import { OpenCredential } from '../credentials/open-credential.ts';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import type { StoredInboxState } from './inbox-state.ts';
import { InboxStore } from './inbox-store.ts';
import { TakeInboxMessage } from './take-inbox-message.ts';

/** A mailbox that is to be watched, by the token of its trigger. */
export interface WantedInbox {
  readonly token: string;
  readonly route: InboxRoute;
}

interface Watched {
  /** Tells these settings, and this secret, from others. */
  readonly digest: string;
  readonly credentialId: string;
  readonly watch: InboxWatch;
}

type Opened =
  | { readonly kind: 'found'; readonly credential: Credential<'imap'> }
  | { readonly kind: 'unfit'; readonly code: string; readonly message: string };

/** The mailboxes that this process watches; brought to those that are wanted, one change at a time. */
@Injectable()
export class WatchedInboxes {
  /** By trigger. */
  readonly #watched = new Map<string, Watched>();

  // eslint-disable-next-line max-params -- what a watch is made of comes together here, each part handed on as it is
  constructor(
    private readonly store: InboxStore,
    private readonly takeMessage: TakeInboxMessage,
    private readonly openCredential: OpenCredential,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  get size(): number {
    return this.#watched.size;
  }

  isUsing(credentialId: string): boolean {
    return [...this.#watched.values()].some((one) => one.credentialId === credentialId);
  }

  /** Begins, ends and begins anew as it must. Rejects when credentials can't be read now. */
  async bring(wanted: readonly WantedInbox[]): Promise<void> {
    const ids = new Set(wanted.map(({ route }) => route.webhookId));
    for (const id of [...this.#watched.keys()]) if (!ids.has(id)) await this.#end(id);
    for (const inbox of wanted) await this.#bringOne(inbox);
  }

  async #bringOne({ token, route }: WantedInbox): Promise<void> {
    const { webhookId, mail, workspaceId } = route;
    const opened = await this.#open(workspaceId, mail.imap.credentialId);
    const digest = createHash('sha256')
      .update(JSON.stringify([opened, mail.imap, token]))
      .digest('base64url');
    if (this.#watched.get(webhookId)?.digest === digest) return;
    await this.#end(webhookId);
    const watch = opened.kind === 'found' ? this.#watch(token, route, opened.credential) : nothing();
    if (opened.kind === 'unfit') this.#tell(webhookId, { kind: 'refused', code: opened.code, message: opened.message });
    this.#watched.set(webhookId, { digest, credentialId: mail.imap.credentialId, watch });
  }

  async #end(webhookId: string): Promise<void> {
    const watched = this.#watched.get(webhookId);
    this.#watched.delete(webhookId);
    await watched?.watch[Symbol.asyncDispose]();
  }

  async #open(workspaceId: string, credentialId: string): Promise<Opened> {
    const found = await this.openCredential.find(workspaceId, credentialId);
    if (found.kind === 'unreadable') return { kind: 'unfit', code: 'CREDENTIAL_UNREADABLE', message: found.why };
    if (found.kind === 'absent')
      return { kind: 'unfit', code: 'CREDENTIAL_NOT_FOUND', message: `there is no credential ${credentialId}` };
    const { credential } = found;
    if (credential.type === 'imap') return { kind: 'found', credential };
    const message = `the credential ${credentialId} is of type ${credential.type}, and one of type imap is needed`;
    return { kind: 'unfit', code: 'CREDENTIAL_WRONG_TYPE', message };
  }

  #watch(token: string, { webhookId, mail }: InboxRoute, { data }: Credential<'imap'>): InboxWatch {
    const { mailbox, afterwards } = mail.imap;
    return watchInbox({
      ...{ server: data, mailbox, afterwards, messageBytes: mail.maxBytes, clock: this.clock },
      wall: createWall(this.config.outbound),
      checkpoint: this.store.checkpointsOf(webhookId),
      deliver: (message) => this.takeMessage.take(token, message),
      chance: Math.random,
      onState: (state) => this.#onState(webhookId, state),
      onEvent: (event) => this.logger.info({ triggerId: webhookId, ...event }, 'something happened to a mailbox'),
    });
  }

  #onState(webhookId: string, state: InboxState): void {
    if (state.kind === 'watching') this.#tell(webhookId, { kind: 'watching', code: null, message: null });
    if (state.kind !== 'waiting' && state.kind !== 'refused') return;
    const { code, message } = state.trouble;
    this.#tell(webhookId, { kind: state.kind, code, message });
  }

  /** For people to look at: what is not stored now is told by the next state. */
  #tell(webhookId: string, state: Omit<StoredInboxState, 'since'>): void {
    const told = this.store.tell(webhookId, { ...state, since: toInstant(this.clock.nowMs()) });
    told.catch((error: unknown) => this.logger.warn({ error }, 'how a mailbox is doing could not be stored'));
  }
}

function nothing(): InboxWatch {
  return { [Symbol.asyncDispose]: () => Promise.resolve() };
}

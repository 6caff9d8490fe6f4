import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Credential } from '#libs/credential-types';
import { watchInbox, type InboxState, type InboxWatch } from '#libs/imap-inbox';
import type { Clock } from '#libs/kernel';
import { createWall } from '#libs/outbound-wall';
import type { InboxRoute } from '#libs/webhook-routes';
import type { Config } from '../config/config.ts';
import { OpenCredential } from '../credentials/open-credential.ts';
import { isAway } from '../platform/away.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { ByteRoom } from './byte-room.ts';
import { eachAtOnce } from './each-at-once.ts';
import { InboxReports } from './inbox-reports.ts';
import { mailboxIdOf } from './inbox-state.ts';
import { CheckpointTakenError, InboxStore } from './inbox-store.ts';
import { TakeInboxMessage } from './take-inbox-message.ts';
import { MAILBOXES_OF_WORKSPACE, withinLimits, type LimitedInbox, type WantedInbox } from './wanted-inboxes.ts';

/** Credentials that are read, and watches that begin or end, at once. */
const BEGUN_AT_ONCE = 16;
/** Of messages that are fetched or delivered, in all mailboxes together. */
const MESSAGE_BYTES_AT_ONCE = 128 * 1024 * 1024;

interface Watched {
  /** Tells these settings, and this secret, from others. */
  readonly digest: string;
  readonly credentialId: string;
  readonly watch: InboxWatch;
}

type Opened =
  | { readonly kind: 'found'; readonly credential: Credential<'imap'> }
  | { readonly kind: 'unfit'; readonly code: string; readonly message: string };

const BEYOND_LIMIT: Opened = {
  ...{ kind: 'unfit', code: 'MAILBOX_LIMIT' },
  message: `at most ${MAILBOXES_OF_WORKSPACE} mailboxes of a workspace are watched, and these are others`,
};

/** The mailboxes that this process watches; brought to those that are wanted, one change at a time. */
@Injectable()
export class WatchedInboxes {
  /** By trigger. */
  readonly #watched = new Map<string, Watched>();
  /** Triggers whose watch must begin anew. */
  readonly #overtaken = new Set<string>();
  readonly #room = new ByteRoom(MESSAGE_BYTES_AT_ONCE);
  #tellOvertaken = (): void => undefined;

  // eslint-disable-next-line max-params -- what a watch is made of comes together here, each part handed on as it is
  constructor(
    private readonly store: InboxStore,
    @Inject(TakeInboxMessage) private readonly takeMessage: Pick<TakeInboxMessage, 'take'>,
    @Inject(OpenCredential) private readonly openCredential: Pick<OpenCredential, 'find'>,
    @Inject(CONFIG) private readonly config: Pick<Config, 'outbound'>,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly reports: InboxReports,
  ) {}

  get size(): number {
    return this.#watched.size;
  }

  isUsing(credentialId: string): boolean {
    return [...this.#watched.values()].some((one) => one.credentialId === credentialId);
  }

  /** Asked to bring it all again: a watch can't go on, as its checkpoint is somebody else's. */
  onOvertaken(listener: () => void): void {
    this.#tellOvertaken = listener;
  }

  /**
   * Begins, ends and begins anew as it must. All begin anew with another term of leadership, as others may have watched
   * meanwhile. Rejects when credentials can't be read now.
   */
  async bring(wanted: readonly WantedInbox[], term = 0): Promise<void> {
    const ids = new Set(wanted.map(({ route }) => route.webhookId));
    const ending = [...this.#watched.keys()].filter((id) => !ids.has(id));
    await Promise.all(ending.map((id) => this.#end(id)));
    await eachAtOnce(withinLimits(wanted), BEGUN_AT_ONCE, (inbox) => this.#bringOne(inbox, term));
  }

  async #bringOne({ token, route, isBeyondLimit }: LimitedInbox, term: number): Promise<void> {
    const { webhookId, mail, workspaceId } = route;
    const opened = isBeyondLimit ? BEYOND_LIMIT : await this.#open(workspaceId, mail.imap.credentialId);
    const digest = createHash('sha256')
      .update(JSON.stringify([opened, mail.imap, mail.maxBytes, token, term]))
      .digest('base64url');
    if (this.#watched.get(webhookId)?.digest === digest && !this.#overtaken.has(webhookId)) return;
    await this.#end(webhookId);
    const watch = opened.kind === 'found' ? this.#watch(token, route, opened.credential) : nothing();
    if (opened.kind === 'unfit') this.reports.refused(webhookId, opened);
    this.#watched.set(webhookId, { digest, credentialId: mail.imap.credentialId, watch });
  }

  async #end(webhookId: string): Promise<void> {
    const watched = this.#watched.get(webhookId);
    this.#watched.delete(webhookId);
    this.#overtaken.delete(webhookId);
    await watched?.watch[Symbol.asyncDispose]();
  }

  async #open(workspaceId: string, credentialId: string): Promise<Opened> {
    const found = await this.openCredential.find(workspaceId, credentialId);
    if (found.kind === 'unreadable') return { kind: 'unfit', code: 'CREDENTIAL_UNREADABLE', message: found.why };
    if (found.kind === 'absent')
      return { kind: 'unfit', code: 'CREDENTIAL_NOT_FOUND', message: `there is no credential ${credentialId}` };
    const { credential } = found;
    if (found.kind === 'found' && found.credential.type === 'imap')
      return { kind: 'found', credential: found.credential };
    const message = `the credential ${credentialId} is of type ${credential.type}, and one of type imap is needed`;
    return { kind: 'unfit', code: 'CREDENTIAL_WRONG_TYPE', message };
  }

  #watch(token: string, { webhookId, mail }: InboxRoute, { data }: Credential<'imap'>): InboxWatch {
    const { mailbox, afterwards } = mail.imap;
    return watchInbox({
      ...{ server: data, mailbox, afterwards, messageBytes: mail.maxBytes, clock: this.clock },
      wall: createWall(this.config.outbound),
      checkpoint: this.store.checkpointsOf(webhookId, mailboxIdOf(data, mailbox)),
      deliver: (message) => this.takeMessage.take(token, message),
      isTemporary: isAway,
      room: (bytes, signal) => this.#room.take(bytes, signal),
      chance: Math.random,
      onState: (state) => this.#onState(webhookId, state),
      onEvent: (event) => this.reports.event(webhookId, event),
    });
  }

  #onState(webhookId: string, state: InboxState): void {
    this.reports.state(webhookId, state);
    if (!('trouble' in state && state.trouble.cause instanceof CheckpointTakenError)) return;
    this.#overtaken.add(webhookId);
    this.#tellOvertaken();
  }
}

function nothing(): InboxWatch {
  return { [Symbol.asyncDispose]: () => Promise.resolve() };
}

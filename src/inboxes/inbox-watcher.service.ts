import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { JetStreamConnection } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import { Lease, leaseTtlMs } from '#libs/leases';
import { isInboxRoute, RouteTable } from '#libs/webhook-routes';
import type { Config } from '../config/config.ts';
import { AnnouncedCredentialChanges } from '../credentials/announced-credential-changes.ts';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { InboxMetrics } from './inbox-metrics.ts';
import type { WantedInbox } from './wanted-inboxes.ts';
import { WatchedInboxes } from './watched-inboxes.ts';

const LEASE = 'inboxes';
/** Changes of credentials are said, not stored, so they are looked at again some time. */
const LOOK_AGAIN_MS = 5 * 60_000;
/** When credentials could not be read. */
const TRY_AGAIN_MS = 5_000;

/** Watches the mailboxes of all active workflows, while this process is the one that does. */
@Injectable()
export class InboxWatcher implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #ended: (() => void)[] = [];
  #lease: Lease | undefined;
  #working = Promise.resolve();
  #isAsked = false;
  #again: NodeJS.Timeout | undefined;
  #isEnding = false;

  // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
  constructor(
    private readonly connection: JetStreamConnection,
    private readonly routes: RouteTable,
    private readonly inboxes: WatchedInboxes,
    private readonly credentials: AnnouncedCredentialChanges,
    private readonly metrics: InboxMetrics,
    private readonly logger: Logger,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.metrics.watch(() => this.inboxes.size);
    this.inboxes.onOvertaken(() => this.#ask());
    const listening = [
      this.routes.onChange(() => this.#ask()),
      this.credentials.hear((_workspaceId, credentialId) => {
        if (this.inboxes.isUsing(credentialId)) this.#ask();
      }),
    ];
    this.#ended.push(...listening.map((one) => () => one[Symbol.dispose]()));
    const replicas = this.config.natsReplicas;
    this.#lease = await Lease.open(this.connection, {
      ...{ key: LEASE, ttlMs: leaseTtlMs(replicas), replicas, clock: this.clock },
      holder: `${hostname()}:${process.pid}:${randomUUID()}`,
      describe: () => ({ mailboxes: this.inboxes.size }),
      isFit: () => true,
      monotonicMs: () => performance.now(),
      observer: {
        acquired: () => this.#ask(),
        lost: () => this.#ask(),
        fault: (error) => this.logger.warn({ error }, 'the lease of the mailboxes could not be used; trying again'),
      },
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.#isEnding = true;
    for (const end of this.#ended) end();
    clearTimeout(this.#again);
    await this.#working;
    await this.inboxes.bring([]);
    await this.#lease?.[Symbol.asyncDispose]();
  }

  /** However often it is asked meanwhile, once more is enough. */
  #ask(): void {
    if (this.#isAsked || this.#isEnding) return;
    this.#isAsked = true;
    this.#working = this.#working.then(() => this.#work());
  }

  async #work(): Promise<void> {
    this.#isAsked = false;
    clearTimeout(this.#again);
    if (this.#isEnding) return;
    let nextMs = LOOK_AGAIN_MS;
    try {
      const term = this.#lease?.token;
      await this.inboxes.bring(term === undefined ? [] : this.#wanted(), term);
    } catch (error) {
      this.logger.warn({ error }, 'mailboxes could not be looked after and will be again');
      nextMs = TRY_AGAIN_MS;
    }
    this.#again = setTimeout(() => this.#ask(), nextMs).unref();
  }

  #wanted(): WantedInbox[] {
    // Of a trigger that was rotated, the earlier tokens lead to the same mailbox.
    return [...this.routes.entries()].flatMap(([token, route]) =>
      isInboxRoute(route) && route.until === undefined ? [{ token, route }] : [],
    );
  }
}

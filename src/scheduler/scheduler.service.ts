import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import { aggregateIdIn } from '#libs/event-store-jetstream';
import {
  JetStreamConnection,
  reconcileConsumer,
  REDELIVER_AFTER_MS,
  WorkConsumer,
  type AfterFailure,
  type DeliveryInfo,
  type DesiredConsumer,
} from '#libs/jetstream';
import { toInstant, type Clock, type JsonObject } from '#libs/kernel';
import { Lease, leaseTtlMs } from '#libs/leases';
import { createSlotConsumer, FiringLoop, ScheduleJournal, ScheduleTable, SLOT_CONSUMER } from '#libs/scheduler';
import type { Config } from '../config/config.ts';
import { isAway } from '../platform/away.ts';
import { Logger } from '../platform/logging/logger.ts';
import {
  LOG_MANAGER,
  SCHEDULE_LOG,
  WORKFLOW_LOG,
  type ScheduleLog,
  type WorkflowLog,
} from '../platform/nats/tokens.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { LEADER_KEY } from '../schedules/scheduler-view.ts';
import { AdoptCalendar } from './adopt-calendar.ts';
import { ARMING_CONSUMER } from './arming-consumer.ts';
import { ArmingProgress } from './arming-progress.ts';
import { ArmSchedules } from './arm-schedules.ts';
import { SchedulerMetrics } from './scheduler-metrics.ts';
import { StartSlot } from './start-slot.ts';
import { TrustedClock } from './trusted-clock.ts';

/** So often a commit of a workflow is heeded in vain, when nothing is away. */
const ARMING_TRIES = 10;

/** The role `scheduler`: one of them leads and decides slots, all of them start what was decided. */
@Injectable()
export class SchedulerService implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #consumers: WorkConsumer[] = [];
  #lease: Lease | undefined;
  #loop: FiringLoop | undefined;
  /** The commit that was heeded in vain last: one is at a time. */
  #failedArming = { sequence: 0, tries: 0 };
  /** Of the term in which this process decides slots. */
  #decidesBy: number | undefined;

  // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
  constructor(
    private readonly connection: JetStreamConnection,
    private readonly table: ScheduleTable,
    private readonly journal: ScheduleJournal,
    private readonly arming: ArmSchedules,
    private readonly armingProgress: ArmingProgress,
    private readonly starting: StartSlot,
    private readonly calendars: AdoptCalendar,
    private readonly trusted: TrustedClock,
    private readonly metrics: SchedulerMetrics,
    private readonly logger: Logger,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SCHEDULE_LOG) private readonly schedules: ScheduleLog,
    @Inject(WORKFLOW_LOG) private readonly workflows: WorkflowLog,
    @Inject(LOG_MANAGER) private readonly manager: JetStreamManager,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.trusted.start(() => {
      this.#lease?.reconsider();
      this.#loop?.look();
    });
    this.#consume();
    this.#loop = this.#createLoop();
    this.#lease = await this.#openLease();
    this.metrics.watch({
      leads: () => this.#lease?.token !== undefined,
      schedules: () => this.table.size,
      nextDueMs: () => this.#loop?.nextDueMs,
      clockAheadMs: () => this.trusted.aheadMs,
    });
  }

  /** Another one leads before what is under way here has ended. */
  async onModuleDestroy(): Promise<void> {
    await this.#lease?.[Symbol.asyncDispose]();
    await this.#loop?.[Symbol.asyncDispose]();
    await this.trusted[Symbol.asyncDispose]();
    await Promise.all(this.#consumers.map((consumer) => consumer.drain()));
    await Promise.all(this.#consumers.map((consumer) => consumer[Symbol.asyncDispose]()));
  }

  #consume(): void {
    const { connection } = this;
    const [stream = ''] = this.workflows.layout.streams.map(({ name }) => name);
    this.#consumers.push(
      new WorkConsumer(connection, {
        stream,
        consumer: ARMING_CONSUMER.durable_name,
        slots: 1,
        ackWaitMs: (ARMING_CONSUMER.ack_wait ?? 0) / 1e6,
        work: (message, { sequence }) => this.arming.heed(this.workflows.codec.decodeEvents(message.data, sequence)),
        onError: (error) => this.logger.warn({ error }, 'schedules could not be changed and will be tried again'),
        afterFailure: (error, { subject }, info) => Promise.resolve(this.#afterFailedArming(error, subject, info)),
        onGone: () => this.#ensure(stream, ARMING_CONSUMER),
      }),
    );
    for (const { name } of this.schedules.layout.streams)
      this.#consumers.push(
        createSlotConsumer({
          ...{ connection, stream: name },
          start: (slot) => this.starting.start(slot),
          onError: (error) => this.logger.warn({ error }, 'a slot could not be started and will be tried again'),
          ensureConsumer: () => this.#ensure(name, SLOT_CONSUMER),
        }),
      );
  }

  /** One workflow must not keep all others from being heeded; what is away comes back. */
  #afterFailedArming(error: unknown, subject: string, { sequence }: DeliveryInfo): AfterFailure {
    if (isAway(error)) return { againAfterMs: REDELIVER_AFTER_MS };
    const before = this.#failedArming.sequence === sequence ? this.#failedArming.tries : 0;
    this.#failedArming = { sequence, tries: before + 1 };
    if (before + 1 < ARMING_TRIES) return { againAfterMs: REDELIVER_AFTER_MS };
    this.metrics.armingGivenUp();
    const fields = { error, workflowId: aggregateIdIn(subject), sequence };
    this.logger.error(fields, 'schedules of a workflow are not as it says; deactivate it and activate it again');
    return 'done';
  }

  #createLoop(): FiringLoop {
    const { table, journal, clock, metrics, logger } = this;
    return new FiringLoop({
      ...{ table, journal, clock },
      leads: () => this.#decidesNowBy(),
      observer: {
        decided: (events) => metrics.decided(events),
        failed: (error, scheduleId) => {
          metrics.failed();
          // While NATS is away every schedule that is due fails, again and again; the connection tells of that once.
          if (!isAway(error)) logger.error({ error, scheduleId }, 'a schedule could not be decided');
        },
      },
    });
  }

  #openLease(): Promise<Lease> {
    const { connection, clock, logger } = this;
    const replicas = this.config.natsReplicas;
    return Lease.open(connection, {
      ...{ key: LEADER_KEY, ttlMs: leaseTtlMs(replicas), replicas, clock },
      holder: `${hostname()}:${process.pid}:${randomUUID()}`,
      describe: () => this.#describe(),
      isFit: () => this.trusted.isTrusted,
      monotonicMs: () => performance.now(),
      observer: {
        acquired: (token) => {
          logger.info({ revision: token }, 'this process leads the scheduling');
          void this.#begin(token);
        },
        lost: (reason) => {
          logger.info({ reason }, 'this process leads the scheduling no more');
          this.#loop?.look();
        },
        fault: (error) => logger.warn({ error }, 'the lease of the scheduling could not be used; trying again'),
      },
    });
  }

  /** A clock that was just set is decided by no more, before anybody else has noticed. */
  #decidesNowBy(): number | undefined {
    return this.trusted.isTrusted && this.#lease?.token === this.#decidesBy ? this.#decidesBy : undefined;
  }

  async #begin(token: number): Promise<void> {
    const isHeld = (): boolean => this.#lease?.token === token;
    await this.armingProgress.caughtUp(isHeld);
    if (!isHeld()) return;
    this.#decidesBy = token;
    this.#loop?.look();
    await this.calendars.begin(isHeld);
  }

  #describe(): JsonObject {
    const nextDueMs = this.#loop?.nextDueMs;
    return { schedules: this.table.size, nextDue: nextDueMs === undefined ? null : toInstant(nextDueMs) };
  }

  async #ensure(stream: string, consumer: DesiredConsumer): Promise<void> {
    await reconcileConsumer(this.manager, stream, consumer);
  }
}

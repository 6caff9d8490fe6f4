import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { JetStreamPublisher } from '#libs/jetstream';
import { toInstant, type Clock, type IdSource } from '#libs/kernel';
import { CallLedger } from '#libs/webhook-deliveries';
import type { Route } from '#libs/webhook-routes';
import { problemOf } from '../platform/http/problem.ts';
import { CLOCK, ID_SOURCE } from '../platform/tokens.ts';
import { DeliveryMetrics } from './delivery-metrics.ts';

type Caller = Pick<FastifyRequest, 'method' | 'ip'>;
type Called = Pick<Route, 'webhookId' | 'workspaceId'>;

/** Writes calls that become no execution into the delivery ledger. Their callers do not wait for it. */
@Injectable()
export class RecordCall implements BeforeApplicationShutdown {
  readonly #ledger: CallLedger;

  constructor(
    publisher: JetStreamPublisher,
    metrics: DeliveryMetrics,
    @Inject(ID_SOURCE) ids: IdSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#ledger = new CallLedger({
      ...{ publisher, clock },
      newId: () => ids.newId('delivery'),
      onDropped: (calls) => metrics.dropped(calls),
    });
  }

  /** What is no fault of the caller is not held against the call: it comes again. */
  refused(called: Called, caller: Caller, thrown: unknown): void {
    const { status, body } = problemOf(thrown);
    if (status < 500) this.#record(called, caller, { outcome: 'refused', status, reason: body.code });
  }

  /** The sender wanted to know something of us, its call was accepted before, or for `reason` it is not for the trigger. */
  answered(called: Called, caller: Caller, answer: { readonly status: number; readonly reason: string | null }): void {
    this.#record(called, caller, { outcome: 'answered', ...answer });
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#ledger[Symbol.asyncDispose]();
  }

  #record(
    { webhookId, workspaceId }: Called,
    { method, ip }: Caller,
    answer: { readonly outcome: 'refused' | 'answered'; readonly status: number; readonly reason: string | null },
  ): void {
    this.#ledger.record({ webhookId, workspaceId, at: toInstant(this.clock.nowMs()), ...answer, method, ip });
  }
}

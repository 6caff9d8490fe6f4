import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { JetStreamConnection } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import type { Route } from '#libs/webhook-routes';
import { CLOCK } from '../platform/tokens.ts';

/** What is left of a webhook's window after a call. */
export interface CallAllowance {
  readonly allowed: boolean;
  readonly remaining: number;
  /** Until the window ends; at least 1 ms. */
  readonly resetMs: number;
}

interface Window {
  readonly startMs: number;
  own: number;
  /** By process. */
  readonly others: Map<string, number>;
}

const SUBJECT = 'hooks.counts';
const TELL_EVERY_MS = 50;
/** At about 300 bytes; webhooks whose last limited call is longest ago are forgotten first. */
const MAX_WINDOWS = 20_000;
const MAX_PROCESSES = 100;

const told = z
  .string()
  .transform(jsonIn)
  .pipe(z.object({ from: z.string(), counts: z.array(z.tuple([z.string(), z.number(), z.number()])) }));

/**
 * Counts the calls of webhooks that have a limit, in windows that begin at the same instants for all processes. Each tells
 * the others what it took, every 50 ms while there is something to tell: so N processes may together let through what
 * comes within that time beyond the limit, and a call waits for nobody.
 */
@Injectable()
export class CallRates implements OnModuleInit, OnModuleDestroy {
  readonly #name = randomUUID();
  readonly #windows = new LRUCache<string, Window>({ max: MAX_WINDOWS });
  readonly #untold = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #hearing: { unsubscribe(): void } | undefined;

  constructor(
    private readonly connection: JetStreamConnection,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.#hearing = this.connection.client.subscribe(SUBJECT, {
      callback: (error, message) => {
        // With an error (a missing permission) there is no message.
        if (!error) this.#hear(message.string());
      },
    });
  }

  onModuleDestroy(): void {
    clearTimeout(this.#timer);
    this.#hearing?.unsubscribe();
  }

  take(webhookId: string, { limit, perMs }: NonNullable<Route['rateLimit']>): CallAllowance {
    const nowMs = this.clock.nowMs();
    const startMs = nowMs - (nowMs % perMs);
    const window = this.#windowOf(webhookId, startMs);
    const used = window.own + [...window.others.values()].reduce((sum, count) => sum + count, 0);
    const allowed = used < limit;
    if (allowed) {
      window.own++;
      this.#tellSoon(webhookId);
    }
    return { allowed, remaining: Math.max(0, limit - used - Number(allowed)), resetMs: startMs + perMs - nowMs };
  }

  #windowOf(webhookId: string, startMs: number): Window {
    const known = this.#windows.get(webhookId);
    if (known && known.startMs >= startMs) return known;
    const fresh = { startMs, own: 0, others: new Map<string, number>() };
    this.#windows.set(webhookId, fresh);
    return fresh;
  }

  #tellSoon(webhookId: string): void {
    this.#untold.add(webhookId);
    this.#timer ??= setTimeout(() => this.#tell(), TELL_EVERY_MS).unref();
  }

  #tell(): void {
    this.#timer = undefined;
    const counts = [...this.#untold].flatMap((webhookId) => {
      const window = this.#windows.peek(webhookId);
      return window ? [[webhookId, window.startMs, window.own] as const] : [];
    });
    this.#untold.clear();
    this.connection.send(SUBJECT, JSON.stringify({ from: this.#name, counts }));
  }

  /** What can't be read is of another version: then each process counts for itself. */
  #hear(text: string): void {
    const parsed = told.safeParse(text);
    if (!parsed.success || parsed.data.from === this.#name) return;
    const { from, counts } = parsed.data;
    for (const [webhookId, startMs, count] of counts) {
      const { startMs: own, others } = this.#windowOf(webhookId, startMs);
      if (own === startMs && (others.has(from) || others.size < MAX_PROCESSES)) others.set(from, count);
    }
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { randomBytes } from 'node:crypto';
import { MikroORM } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { CompiledQuery } from 'kysely';
import type { Clock } from '#libs/kernel';
import { CLOCK } from '../tokens.ts';
import type { Fingerprint } from './fingerprints.ts';
import type { SealedAnswer } from './kept-answer.ts';
import type { KeyedRequest } from './keyed-request.ts';

/** From the first use of a key on. */
export const KEPT_MS = 24 * 60 * 60 * 1000;
/** What a run may take: the longest that a caller may ask to wait (60 s), and as much again for the rest. */
export const LEASE_MS = 120_000;

const SEED_BYTES = 16;

/** The right, and the duty, to carry a request out and to say how it went. */
export interface Reservation {
  readonly id: string;
  readonly holder: string;
  /** 128 bits that are the same for each run of the request. */
  readonly seed: string;
  readonly createdMs: number;
  /** Whether an earlier run may have done its work: it ended with a fault, or never said anything. */
  readonly uncertain: boolean;
}

export type Claim =
  | { readonly kind: 'granted'; readonly reservation: Reservation }
  | { readonly kind: 'answered'; readonly sealed: SealedAnswer }
  | { readonly kind: 'running' }
  /** It was the key of another request. */
  | { readonly kind: 'reused' };

interface Granted {
  readonly seed: string;
  readonly created_ms: string;
  readonly uncertain: boolean;
}

interface Kept {
  readonly fingerprint: string;
  readonly key_id: string | null;
  readonly answer: Buffer | null;
}

/**
 * Inserts, or takes over a row that expired (as if it were new) or whose run neither answered nor holds its lease any
 * more (keeping the seed). Returns a row when the request is ours to carry out.
 */
const CLAIM = `
  insert into idempotency_keys as kept (id, fingerprint, seed, holder, created_at, leased_until)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (id) do update set
    fingerprint = excluded.fingerprint,
    seed = case when kept.created_at <= $7 then excluded.seed else kept.seed end,
    created_at = case when kept.created_at <= $7 then excluded.created_at else kept.created_at end,
    uncertain = kept.created_at > $7,
    holder = excluded.holder,
    leased_until = excluded.leased_until,
    key_id = null,
    answer = null
  where kept.created_at <= $7
    or (kept.answer is null and kept.leased_until <= $5 and kept.fingerprint = any($8::text[]))
  returning seed, uncertain, (extract(epoch from created_at) * 1000)::bigint::text as created_ms`;

/** The table of keys: who carries a request out, and what was answered. */
@Injectable()
export class IdempotencyKeys {
  constructor(
    private readonly orm: MikroORM,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async claim({ id, fingerprint }: KeyedRequest): Promise<Claim> {
    const nowMs = this.clock.nowMs();
    const [seed, holder] = [randomToken(), randomToken()];
    const times = [nowMs, nowMs + LEASE_MS, nowMs - KEPT_MS].map((ms) => new Date(ms));
    const [granted] = await this.#query<Granted>(CLAIM, [
      id,
      fingerprint.current,
      seed,
      holder,
      ...times,
      [...fingerprint.byRootKey.values()],
    ]);
    if (granted) {
      const { created_ms: createdMs, ...rest } = granted;
      return { kind: 'granted', reservation: { id, holder, createdMs: Number(createdMs), ...rest } };
    }
    const [kept] = await this.#query<Kept>('select fingerprint, key_id, answer from idempotency_keys where id = $1', [
      id,
    ]);
    return claimOf(kept, fingerprint);
  }

  /** Keeps the answer. False when the lease was lost, and another run is under way or has answered. */
  async answer({ id, holder }: Reservation, { keyId, bytes }: SealedAnswer): Promise<boolean> {
    const rows = await this.#query(
      'update idempotency_keys set key_id = $3, answer = $4 where id = $1 and holder = $2 and answer is null returning id',
      [id, holder, keyId, bytes],
    );
    return rows.length > 0;
  }

  /** Nothing was done, nor by a run before: the key is as if it had never been used. */
  async forget({ id, holder }: Reservation): Promise<void> {
    await this.#query('delete from idempotency_keys where id = $1 and holder = $2 and answer is null', [id, holder]);
  }

  /** Something may have been done: the same request may be carried out again, with the same seed. */
  async giveUp({ id, holder }: Reservation): Promise<void> {
    const now = new Date(this.clock.nowMs());
    await this.#query('update idempotency_keys set leased_until = $3 where id = $1 and holder = $2', [id, holder, now]);
  }

  /** Removes keys that expired, the oldest first. How many. */
  async removeExpired(limit: number): Promise<number> {
    const rows = await this.#query(
      `delete from idempotency_keys where id in (
         select id from idempotency_keys where created_at <= $1 order by created_at limit $2 for update skip locked
       ) returning id`,
      [new Date(this.clock.nowMs() - KEPT_MS), limit],
    );
    return rows.length;
  }

  /** Not `em.execute`: it writes parameters into the statement's text, and an answer is a large one. */
  async #query<Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    const { rows } = await this.orm.em.getKysely().executeQuery<Row>(CompiledQuery.raw(sql, [...parameters]));
    return rows;
  }
}

/**
 * Of a row that is not ours to take. One that has just gone was of a run that ended this moment. One that was answered
 * under a root key that is gone cannot be compared: it counts as answered, which tells that there is no answer to give.
 */
function claimOf(kept: Kept | undefined, { byRootKey }: Fingerprint): Claim {
  if (!kept) return { kind: 'running' };
  const { fingerprint, key_id: keyId, answer } = kept;
  const isSame = [...byRootKey.values()].includes(fingerprint);
  if (keyId === null || !answer) return { kind: isSame ? 'running' : 'reused' };
  if (!isSame && byRootKey.has(keyId)) return { kind: 'reused' };
  return { kind: 'answered', sealed: { keyId, bytes: answer } };
}

function randomToken(): string {
  return randomBytes(SEED_BYTES).toString('base64url');
}

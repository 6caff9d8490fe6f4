import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { networkOf } from '../platform/http/caller-network.ts';
import { CLOCK } from '../platform/tokens.ts';
import { LoginFailures } from './accounts.entities.ts';
import { hashToken } from './token-hash.ts';
import { TooManyAttemptsError } from './too-many-attempts.ts';

export interface LoginAttempt {
  /** As it was typed; whether it is an account's makes no difference here. */
  readonly email: string;
  /** Undefined: the connection is gone. */
  readonly ip: string | undefined;
}

/** So many failures of one kind lock for the rest of the window, which opens with the first of them. */
interface Limit {
  readonly name: string;
  readonly failures: number;
}
const BY_ADDRESS: Limit = { name: 'login', failures: 10 };
const BY_NETWORK: Limit = { name: 'login-network', failures: 100 };
const WINDOW_MS = 15 * 60 * 1000;

/** Rows whose window has ended go in steps of so many, more than a failure makes: the table never grows for ever. */
const FORGOTTEN_AT_ONCE = 20;

/** Rows in one order (the address first), so that two statements never wait for each other. */
const COUNT = `
  insert into login_failures as known (key, failures, ends_at) values (?, 1, ?), (?, 1, ?)
  on conflict (key) do update set
    failures = case when known.ends_at <= ? then 1 else known.failures + 1 end,
    ends_at = case when known.ends_at <= ? then excluded.ends_at else known.ends_at end
  returning key, failures, extract(epoch from ends_at)::float8 * 1000 as "endsAtMs"`;

/** Waits for nobody: a row that somebody else is counting in is left for the next time. */
const FORGET = `
  delete from login_failures where key in (
    select key from login_failures where ends_at <= ? order by ends_at limit ? for update skip locked
  )`;

/** Failed logins by address and by network, counted in Postgres, so that all processes lock together. */
@Injectable()
export class LoginAttempts {
  constructor(
    private readonly em: EntityManager,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Throws `TOO_MANY_ATTEMPTS` while the address or the network is locked. To be asked before the password is looked
   * at, and again when it was right: of many guesses at once, others may have locked meanwhile.
   */
  async refuseWhenLocked(attempt: LoginAttempt): Promise<void> {
    const [byAddress, byNetwork] = keysOf(attempt);
    const open = { endsAt: { $gt: new Date(this.clock.nowMs()) } };
    const locked = [
      { key: byAddress, failures: { $gte: BY_ADDRESS.failures } },
      { key: byNetwork, failures: { $gte: BY_NETWORK.failures } },
    ];
    const [row] = await this.em
      .fork()
      .find(LoginFailures, { ...open, $or: locked }, { orderBy: { endsAt: 'desc' }, limit: 1 });
    if (row) throw this.lockedBy(row.key === byAddress ? BY_ADDRESS : BY_NETWORK, row.endsAt.getTime());
  }

  /** Counts; throws `TOO_MANY_ATTEMPTS` when others have used up meanwhile what there was. */
  async noteFailure(attempt: LoginAttempt): Promise<void> {
    const em = this.em.fork();
    const now = new Date(this.clock.nowMs());
    const end = new Date(now.getTime() + WINDOW_MS);
    const [byAddress, byNetwork] = keysOf(attempt);
    const rows = await em.execute<Counted[]>(COUNT, [byAddress, end, byNetwork, end, now, now]);
    await em.execute(FORGET, [now, FORGOTTEN_AT_ONCE]);
    for (const { key, failures, endsAtMs } of rows) {
      const limit = key === byAddress ? BY_ADDRESS : BY_NETWORK;
      if (failures > limit.failures) throw this.lockedBy(limit, endsAtMs);
    }
  }

  /** Whoever knows the password starts anew. The network does not: an own account must not buy guesses at others. */
  async noteSuccess({ email }: LoginAttempt): Promise<void> {
    await this.em.fork().nativeDelete(LoginFailures, { key: addressKey(email) });
  }

  private lockedBy({ name, failures }: Limit, endsAtMs: number): TooManyAttemptsError {
    return new TooManyAttemptsError({
      name,
      limit: failures,
      windowMs: WINDOW_MS,
      resetMs: endsAtMs - this.clock.nowMs(),
    });
  }
}

interface Counted {
  readonly key: string;
  readonly failures: number;
  readonly endsAtMs: number;
}

function keysOf({ email, ip }: LoginAttempt): readonly [byAddress: string, byNetwork: string] {
  return [addressKey(email), `network:${networkOf(ip)}`];
}

/** Hashed: what people type into the field is not always an address, and of whatever length. */
function addressKey(email: string): string {
  return `address:${hashToken(email.trim().toLowerCase())}`;
}

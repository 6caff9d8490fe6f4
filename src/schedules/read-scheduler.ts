import { Inject, Injectable } from '@nestjs/common';
import { JetStreamConnection } from '#libs/jetstream';
import type { JsonObject } from '#libs/kernel';
import { readLease } from '#libs/leases';
import type { Config } from '../config/config.ts';
import { CONFIG } from '../platform/tokens.ts';
import { LEADER_KEY, type SchedulerView } from './scheduler-view.ts';

@Injectable()
export class ReadScheduler {
  constructor(
    private readonly connection: JetStreamConnection,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async read(): Promise<SchedulerView> {
    const held = await readLease(this.connection, { key: LEADER_KEY, replicas: this.config.natsReplicas });
    if (!held) return { leader: null, schedules: null, nextDue: null };
    const { holder, since, token, about } = held;
    return { leader: { holder, since, revision: token }, ...tellingOf(about) };
  }
}

/** The leader may be of another version. */
function tellingOf({ schedules, nextDue }: JsonObject): Pick<SchedulerView, 'schedules' | 'nextDue'> {
  return {
    schedules: typeof schedules === 'number' ? schedules : null,
    nextDue: typeof nextDue === 'string' ? nextDue : null,
  };
}

import { Injectable } from '@nestjs/common';
import { JetStreamConnection } from '#libs/jetstream';
import type { JsonObject } from '#libs/kernel';
import { readLease } from '#libs/leases';
import { LEADER_KEY, type SchedulerView } from './scheduler-view.ts';

@Injectable()
export class ReadScheduler {
  constructor(private readonly connection: JetStreamConnection) {}

  async read(): Promise<SchedulerView> {
    const held = await readLease(this.connection, { key: LEADER_KEY });
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

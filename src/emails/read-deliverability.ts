import { Inject, Injectable } from '@nestjs/common';
import type { Clock, WorkspaceId } from '#libs/kernel';
import { countDeliverability, type Database } from '#libs/read-models';
import { CLOCK } from '../platform/tokens.ts';
import { DATABASE } from '../read-models/tokens.ts';
import type { DeliverabilityView } from './deliverability.dto.ts';
import type { DeliverabilityQuery } from './emails.dto.ts';
import { periodOf } from './period-of.ts';

/** Half a second's worth on a small machine. */
const MOST_MAILS = 500_000;

@Injectable()
export class ReadDeliverability {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws `PERIOD_TOO_LONG`. */
  async count(workspaceId: WorkspaceId, { credentialId, ...asked }: DeliverabilityQuery): Promise<DeliverabilityView> {
    const period = periodOf(asked, this.clock.nowMs());
    const query = { workspaceId, credentialId, ...period, mostMails: MOST_MAILS };
    const counted = await countDeliverability(this.database, query);
    return { ...period, isWhole: counted.totals.mails < MOST_MAILS, ...counted };
  }
}

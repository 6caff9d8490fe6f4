import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AuditLog } from '#libs/audit-log';
import { Logger } from '../platform/logging/logger.ts';

/** Says which key to pin, where whoever makes up an export can't reach. */
@Injectable()
export class AnnounceAuditKey implements OnApplicationBootstrap {
  constructor(
    private readonly log: AuditLog,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.logger.info({ keyId: this.log.keys[0]?.keyId }, 'the audit is signed with this key');
  }
}

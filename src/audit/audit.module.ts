import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { AccountsModule } from '../accounts/accounts.module.ts';
import { AnnounceAuditKey } from './announce-audit-key.ts';
import { AuditProofController } from './audit-proof.controller.ts';
import { AuditController } from './audit.controller.ts';
import { AuditInterceptor } from './audit.interceptor.ts';
import { AuditStoreModule } from './audit-store.module.ts';
import { DeclaredAudit } from './declared-audit.ts';
import { ProveAudit } from './prove-audit.ts';
import { ReadAudit } from './read-audit.ts';

/** Who did what: written around every route, read and proved over HTTP. */
@Module({
  imports: [AccountsModule, AuditStoreModule],
  controllers: [AuditController, AuditProofController],
  providers: [
    AnnounceAuditKey,
    ReadAudit,
    ProveAudit,
    DeclaredAudit,
    { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
  ],
})
export class AuditModule {}

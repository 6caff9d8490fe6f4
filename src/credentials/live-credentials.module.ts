import { Module } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { OAuth } from '#libs/oauth';
import type { OutboundHttp } from '#libs/outbound-http';
import { OUTBOUND_HTTP } from '../node-types/tokens.ts';
import { CLOCK } from '../platform/tokens.ts';
import { AnnouncedCredentialChanges } from './announced-credential-changes.ts';
import { CredentialChanges } from './credential-changes.ts';
import { CredentialStoreModule } from './credential-store.module.ts';
import { LiveCredentials } from './live-credentials.ts';
import { OAuthRows } from './oauth-rows.ts';
import { RenewTokens } from './renew-tokens.ts';

/** What uses credentials as nodes do, and who connects accounts. */
@Module({
  imports: [CredentialStoreModule],
  providers: [
    {
      provide: OAuth,
      inject: [OUTBOUND_HTTP, CLOCK],
      useFactory: (http: OutboundHttp, clock: Clock) => new OAuth({ http, clock, timeoutMs: 10_000 }),
    },
    { provide: CredentialChanges, useClass: AnnouncedCredentialChanges },
    OAuthRows,
    RenewTokens,
    LiveCredentials,
  ],
  exports: [CredentialChanges, CredentialStoreModule, LiveCredentials, OAuth, OAuthRows],
})
export class LiveCredentialsModule {}

import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccountsModule } from './accounts/accounts.module.ts';
import { accountsEntities } from './accounts/accounts.entities.ts';
import { credentialsEntities } from './credentials/credentials.entities.ts';
import { emailTemplatesEntities } from './email-templates/email-templates.entities.ts';
import { openapiDocumentsEntities } from './openapi-documents/openapi-documents.entities.ts';
import { AccessGuard } from './platform/access/access.guard.ts';
import { DatabaseModule } from './platform/database/database.module.ts';
import { IdempotencyModule } from './platform/idempotency/idempotency.module.ts';
import { PlatformModule, type PlatformParts } from './platform/platform.module.ts';

export interface AppParts extends PlatformParts {
  /** Where Postgres really is, embedded or not. */
  readonly databaseUrl: string;
  /** The capabilities that this process plays, beyond accounts. */
  readonly features: NonNullable<ModuleMetadata['imports']>;
  readonly entities?: Parameters<typeof DatabaseModule.forRoot>[1];
}

@Module({})
export class AppModule {
  static register({ databaseUrl, features, entities = [], ...platform }: AppParts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.forRoot(platform),
        DatabaseModule.forRoot(databaseUrl, [
          ...accountsEntities,
          ...credentialsEntities,
          ...emailTemplatesEntities,
          ...openapiDocumentsEntities,
          ...entities,
        ]),
        IdempotencyModule,
        AccountsModule,
        ...features,
      ],
      providers: [{ provide: APP_GUARD, useClass: AccessGuard }],
    };
  }
}

import { Module, type DynamicModule, type ModuleMetadata, type Type } from '@nestjs/common';
import { WorkflowUsage } from '../read-models/workflow-usage.ts';
import { CheckCredential } from './check-credential.ts';
import { CredentialChanges } from './credential-changes.ts';
import { ChangeCredential } from './change-credential.ts';
import { CredentialRevoker } from './credential-revoker.ts';
import { CredentialChecker } from './credential-checker.ts';
import { CreateCredential } from './create-credential.ts';
import { CredentialStoreModule } from './credential-store.module.ts';
import { CredentialTypesController } from './credential-types.controller.ts';
import { CredentialsController } from './credentials.controller.ts';
import { DeleteCredential } from './delete-credential.ts';
import { RewrapDataKeys } from './rewrap-data-keys.ts';

export interface CredentialsOptions {
  /** Knows which workflows need a credential. */
  readonly usage: Type<WorkflowUsage>;
  /** Tells who has to know of changes. */
  readonly changes: Type<CredentialChanges>;
  /** Tries a credential. */
  readonly checker: Type<CredentialChecker>;
  /** Gives back what a service gave for one that is deleted. */
  readonly revoker: Type<CredentialRevoker>;
  /** What these need. */
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
}

/** Credentials of the role `api`. */
@Module({})
export class CredentialsModule {
  static forRoot({ usage, changes, checker, revoker, imports = [] }: CredentialsOptions): DynamicModule {
    return {
      module: CredentialsModule,
      imports: [CredentialStoreModule, ...imports],
      controllers: [CredentialsController, CredentialTypesController],
      providers: [
        ChangeCredential,
        CreateCredential,
        DeleteCredential,
        RewrapDataKeys,
        { provide: WorkflowUsage, useClass: usage },
        { provide: CredentialChanges, useClass: changes },
        { provide: CredentialChecker, useClass: checker },
        { provide: CredentialRevoker, useClass: revoker },
        CheckCredential,
      ],
    };
  }
}

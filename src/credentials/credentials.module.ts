import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { WorkflowUsage } from '../read-models/workflow-usage.ts';
import { CheckCredential } from './check-credential.ts';
import { CredentialChanges } from './credential-changes.ts';
import { ChangeCredential } from './change-credential.ts';
import { CredentialChecker } from './credential-checker.ts';
import { CreateCredential } from './create-credential.ts';
import { CredentialStoreModule } from './credential-store.module.ts';
import { CredentialTypesController } from './credential-types.controller.ts';
import { CredentialsController } from './credentials.controller.ts';
import { DeleteCredential } from './delete-credential.ts';
import { RewrapDataKeys } from './rewrap-data-keys.ts';

/** Credentials of the role `api`. */
@Module({})
export class CredentialsModule {
  /** `usage` knows which workflows need a credential, `changes` tells who has to know of its changes, `checker` tries one. */
  static forRoot(
    usage: Type<WorkflowUsage>,
    changes: Type<CredentialChanges>,
    checker: Type<CredentialChecker>,
  ): DynamicModule {
    return {
      module: CredentialsModule,
      imports: [CredentialStoreModule],
      controllers: [CredentialsController, CredentialTypesController],
      providers: [
        ChangeCredential,
        CreateCredential,
        DeleteCredential,
        RewrapDataKeys,
        { provide: WorkflowUsage, useClass: usage },
        { provide: CredentialChanges, useClass: changes },
        { provide: CredentialChecker, useClass: checker },
        CheckCredential,
      ],
    };
  }
}

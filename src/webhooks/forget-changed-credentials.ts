import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { AnnouncedCredentialChanges } from '../credentials/announced-credential-changes.ts';
import { WebhookVerifiers } from './webhook-verifiers.ts';

/** A new secret counts from the next call on, whichever process was told of it. */
@Injectable()
export class ForgetChangedCredentials implements OnModuleInit, OnModuleDestroy {
  #hearing: Disposable | undefined;

  constructor(
    private readonly changes: AnnouncedCredentialChanges,
    private readonly verifiers: WebhookVerifiers,
  ) {}

  onModuleInit(): void {
    this.#hearing = this.changes.hear((workspaceId, credentialId) => this.verifiers.forget(workspaceId, credentialId));
  }

  onModuleDestroy(): void {
    this.#hearing?.[Symbol.dispose]();
  }
}

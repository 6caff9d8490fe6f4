import { Module } from '@nestjs/common';
import { CredentialVault, type WrappingKey } from '#libs/credential-vault';
import type { RootKey, RootKeys } from '../platform/root-keys.ts';
import { ROOT_KEYS } from '../platform/tokens.ts';
import { KnownCredentials } from './known-credentials.ts';
import { OpenCredential } from './open-credential.ts';
import { ReadCredentials } from './read-credentials.ts';

const providers = [
  {
    provide: CredentialVault,
    inject: [ROOT_KEYS],
    useFactory: ({ current, all }: RootKeys) =>
      new CredentialVault({ current: wrappingKeyOf(current), all: all.map(wrappingKeyOf) }),
  },
  KnownCredentials,
  OpenCredential,
  ReadCredentials,
];

/** What others need that use credentials or name them. */
@Module({ providers, exports: providers })
export class CredentialStoreModule {}

function wrappingKeyOf(rootKey: RootKey): WrappingKey {
  return { id: rootKey.id, key: rootKey.derive('credentials') };
}

import { CONNECTORS } from '#libs/connectors';
import {
  CREDENTIAL_TYPE_NAMES,
  CREDENTIAL_TYPES,
  typedData,
  type CredentialTypeDefinition,
  type CredentialTypeInfo,
} from '#libs/credential-types';
import type { OpenedCredential } from '#libs/execution-runtime';

/** Types that connectors bring, by name. */
export const CONNECTOR_TYPES: ReadonlyMap<string, CredentialTypeDefinition> = new Map(
  CONNECTORS.flatMap(({ credentialTypes }) => credentialTypes).map((definition) => [definition.type, definition]),
);

/** All types of this installation, in the order in which they are shown. */
export const INSTALLED_TYPES: ReadonlyMap<string, CredentialTypeInfo> = new Map<string, CredentialTypeInfo>([
  ...CREDENTIAL_TYPE_NAMES.map((type) => [type, CREDENTIAL_TYPES[type]] as const),
  ...CONNECTOR_TYPES,
]);

interface Stored {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly allowedHosts: readonly string[];
}

/** Undefined when the data is not as its type wants it now, or nobody knows the type. */
export function typedCredential({ id, type, data, allowedHosts }: Stored): OpenedCredential | undefined {
  const definition = CONNECTOR_TYPES.get(type);
  if (definition) {
    const parsed = definition.data.safeParse(data);
    if (!parsed.success) return undefined;
    const secrets = definition.secretsOf(parsed.data);
    return { kind: 'foundOfConnector', credential: { id, type, data: parsed.data, allowedHosts, secrets } };
  }
  const parsed = typedData.safeParse({ type, data });
  return parsed.success ? { kind: 'found', credential: { ...parsed.data, id, allowedHosts } } : undefined;
}

/** What people give of a credential's data, for its type. */
export function dataSchemaOf(type: string): CredentialTypeInfo['data'] | undefined {
  return INSTALLED_TYPES.get(type)?.data;
}

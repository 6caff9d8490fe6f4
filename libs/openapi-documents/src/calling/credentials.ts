import type { Credential, CredentialType } from '#libs/credential-types';
import type { Requirement, Security, SecurityScheme } from '../types.ts';

/** How a credential goes into a call. */
export type CredentialPlace =
  /** In the headers that its type stands for. */
  | { readonly kind: 'asItIs' }
  /** Its value under this name. */
  | { readonly kind: 'query' | 'cookie'; readonly name: string };

/** What can be sent to an operation whose document does not speak of security. */
const ANY: readonly CredentialType[] = ['http.basic', 'http.bearer', 'http.header', 'oauth2'];

/** Which types of credentials meet a scheme. A type whose token is sent as a bearer token belongs beside `http.bearer`. */
function typesFor(scheme: SecurityScheme): readonly CredentialType[] {
  switch (scheme.type) {
    case 'oauth2':
    case 'openIdConnect':
      return ['http.bearer', 'oauth2'];
    case 'apiKey':
      return ['http.header'];
    case 'mutualTLS':
      return [];
    case 'http':
      return HTTP_SCHEMES.get(scheme.scheme) ?? ['http.header'];
  }
}

const HTTP_SCHEMES: ReadonlyMap<string, readonly CredentialType[]> = new Map([
  ['basic', ['http.basic']],
  ['bearer', ['http.bearer', 'oauth2']],
]);

/** Schemes of which one is enough: one credential cannot meet two at once. */
function singleSchemes(security: Security): Requirement[] {
  return security.flatMap(([first, ...others]) => (first && others.length === 0 ? [first] : []));
}

/** Types of credentials of which one meets it; none where it needs none, or more than one. */
export function credentialTypesFor(security: Security | null): CredentialType[] {
  if (!security) return [...ANY];
  return [...new Set(singleSchemes(security).flatMap(({ scheme }) => typesFor(scheme)))];
}

/** Whether nobody may call without a credential. */
export function needsCredential(security: Security | null): boolean {
  return security !== null && security.length > 0 && security.every((requirements) => requirements.length > 0);
}

/** Where the credential goes; undefined when it does not meet the security. */
export function credentialPlaceIn(
  security: Security | null,
  credential: Pick<Credential, 'type' | 'data'>,
): CredentialPlace | undefined {
  if (!security) return ANY.includes(credential.type) ? { kind: 'asItIs' } : undefined;
  for (const { scheme } of singleSchemes(security)) {
    const place = typesFor(scheme).includes(credential.type) ? placeFor(scheme, credential) : undefined;
    if (place) return place;
  }
  return undefined;
}

/** A key is sent by the name that it was made for, and by no other. */
function placeFor(scheme: SecurityScheme, { data }: Pick<Credential, 'type' | 'data'>): CredentialPlace | undefined {
  if (scheme.type !== 'apiKey') return { kind: 'asItIs' };
  const { in: place, name } = scheme;
  const given = 'name' in data ? data.name : '';
  if (place === 'header') return given.toLowerCase() === name.toLowerCase() ? { kind: 'asItIs' } : undefined;
  return given === name ? { kind: place, name } : undefined;
}

/** What meets it, in words. */
export function wantedCredentials(security: Security | null): string {
  const known = credentialTypesFor(security);
  if (!security) return known.join(', ');
  const wanted = singleSchemes(security).flatMap(({ name, scheme }) =>
    typesFor(scheme).map((type) => `${type}${scheme.type === 'apiKey' ? ` named "${scheme.name}"` : ''} (${name})`),
  );
  if (wanted.length > 0) return [...new Set(wanted)].join(', ');
  return security.length === 0 ? 'none' : 'more than one credential can give';
}

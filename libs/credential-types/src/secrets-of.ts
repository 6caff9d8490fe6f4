import type { CredentialType, TypedData } from './credential-types.ts';

/** A user name as short as `admin` stands in texts that have nothing to do with it. */
const SHORTEST_NAME = 8;

/**
 * What of a credential must never be seen in what people may read, as it is written and sent. Encodings of these are for
 * the reader to know.
 */
export function secretsOf<Type extends CredentialType>({ type, data }: TypedDataOf<Type>): readonly string[] {
  return SECRETS[type](data);
}

const SECRETS: { readonly [Type in CredentialType]: (data: DataOf<Type>) => readonly string[] } = {
  'http.basic': ofBasic,
  'http.bearer': ({ token }) => [token],
  'http.header': ofHeader,
  'webhook.secret': ({ secret, previousSecret }) => [secret, ...present(previousSecret)],
  smtp: ({ password, dkim }) => [...present(password), ...present(dkim?.privateKey)],
  imap: ({ password }) => [password],
  oauth2: ({ clientSecret, tokens }) => [clientSecret, tokens?.accessToken, tokens?.refreshToken].flatMap(present),
};

type DataByType = { readonly [One in TypedData as One['type']]: One['data'] };
type DataOf<Type extends CredentialType> = DataByType[Type];
/** Type and data that belong together, of one type or of several. */
type TypedDataOf<Type extends CredentialType> = {
  readonly [One in Type]: { readonly type: One; readonly data: DataByType[One] };
}[Type];

function ofBasic({ username, password }: DataOf<'http.basic'>): readonly string[] {
  // Some services take the key as the user name, and no password.
  const isNameSecret = password === '' || username.length >= SHORTEST_NAME;
  return [`${username}:${password}`, password, ...(isNameSecret ? [username] : [])];
}

function ofHeader({ value }: DataOf<'http.header'>): readonly string[] {
  // As in `Token abc`: who echoes it may leave out the scheme.
  return [value, ...value.split(/\s+/).filter((word) => word !== value && word.length >= SHORTEST_NAME)];
}

function present(secret: string | undefined): readonly string[] {
  return secret === undefined ? [] : [secret];
}

import { assertNever } from '#libs/kernel';
import type { TypedData } from './credential-types.ts';

/** A user name as short as `admin` stands in texts that have nothing to do with it. */
const SHORTEST_NAME = 8;

/**
 * What of a credential must never be seen in what people may read, as it is written and sent. Encodings of these are for
 * the reader to know.
 */
export function secretsOf(typed: TypedData): readonly string[] {
  switch (typed.type) {
    case 'http.basic':
      return ofBasic(typed.data);
    case 'http.bearer':
      return [typed.data.token];
    case 'http.header':
      return ofHeader(typed.data);
    case 'webhook.secret':
      return [typed.data.secret, ...present(typed.data.previousSecret)];
    case 'smtp':
      return [...present(typed.data.password), ...present(typed.data.dkim?.privateKey)];
    case 'imap':
      return [typed.data.password];
    default:
      return assertNever(typed);
  }
}

type DataOf<Type extends TypedData['type']> = Extract<TypedData, { readonly type: Type }>['data'];

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

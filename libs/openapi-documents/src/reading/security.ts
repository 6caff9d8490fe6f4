import type { JsonObject, JsonValue } from '#libs/kernel';
import { OPENAPI_LIMITS } from '../limits.ts';
import type { Requirement, Security, SecurityScheme } from '../types.ts';
import { entriesOf, fieldOf, isObject, listOf, textOf } from './json.ts';
import { within, type Source } from './source.ts';

type Schemes = ReadonlyMap<string, SecurityScheme>;

export function readSecuritySchemes(source: Source): Schemes {
  const path = 'document.components.securitySchemes';
  const given = entriesOf(fieldOf(source.root.components, 'securitySchemes'));
  return new Map(
    given.flatMap(([name, value]): [string, SecurityScheme][] => {
      const placed = source.object(value, within(path, name));
      if (!placed) return [];
      const scheme = schemeOf(placed.value);
      if (scheme) return [[name, scheme]];
      source.refuse(
        placed.path,
        'must be http with a scheme, apiKey with name and in, oauth2, openIdConnect or mutualTLS',
      );
      return [];
    }),
  );
}

function schemeOf(value: JsonObject): SecurityScheme | undefined {
  switch (value.type) {
    case 'http':
      return typeof value.scheme === 'string' ? { type: 'http', scheme: value.scheme.toLowerCase() } : undefined;
    case 'apiKey':
      return apiKeyOf(value);
    case 'oauth2':
    case 'openIdConnect':
    case 'mutualTLS':
      return { type: value.type };
    default:
      return undefined;
  }
}

function apiKeyOf(value: JsonObject): SecurityScheme | undefined {
  const name = textOf(value.name);
  const place = (['header', 'query', 'cookie'] as const).find((one) => one === value.in);
  return name === undefined || !place ? undefined : { type: 'apiKey', in: place, name };
}

/** What an operation asks for, which is what the document asks for where it says nothing itself. */
export function readSecurity(
  source: Source,
  schemes: Schemes,
  { path, value }: { readonly path: string; readonly value: JsonObject },
): Security | null {
  const isOwn = value.security !== undefined;
  const given = isOwn ? value.security : source.root.security;
  if (given === undefined) return null;
  const at = within(isOwn ? path : 'document', 'security');
  const list = listOf(given);
  if (list.length > OPENAPI_LIMITS.alternativesOfSecurity) source.refuse(at, 'has too many alternatives');
  return list.map((one, index) => requirementsOf(source, schemes, { value: one, path: within(at, index) }));
}

function requirementsOf(
  source: Source,
  schemes: Schemes,
  { value, path }: { readonly value: JsonValue; readonly path: string },
): Requirement[] {
  if (!isObject(value)) source.refuse(path, 'must be an object');
  return entriesOf(value).flatMap(([name]) => {
    const scheme = schemes.get(name);
    if (scheme) return [{ name, scheme }];
    source.refuse(within(path, name), 'is no security scheme of components.securitySchemes');
    return [];
  });
}

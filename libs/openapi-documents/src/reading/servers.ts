import type { JsonObject } from '#libs/kernel';
import { OPENAPI_LIMITS } from '../limits.ts';
import type { ServerInfo } from '../types.ts';
import { fieldOf, isObject, listOf, present, textOf } from './json.ts';

/** The servers that the innermost of these names, variables in their URLs having their defaults. */
export function readServers(outermostFirst: readonly JsonObject[]): ServerInfo[] {
  const nearest = outermostFirst.findLast(({ servers }) => listOf(servers).length > 0);
  return listOf(nearest?.servers)
    .slice(0, OPENAPI_LIMITS.servers)
    .flatMap((server) => {
      const url = textOf(fieldOf(server, 'url'));
      if (url === undefined || !isObject(server)) return [];
      return [{ url: withDefaults(url, server), ...present('description', textOf(server.description)) }];
    });
}

function withDefaults(url: string, server: JsonObject): string {
  return url.replace(/\{([^{}]+)\}/g, (written, name: string) => {
    const value = fieldOf(fieldOf(server.variables, name), 'default');
    return typeof value === 'string' ? value : written;
  });
}

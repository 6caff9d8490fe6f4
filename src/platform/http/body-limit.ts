import { RouteConfig } from '@nestjs/platform-fastify';

const BODY_LIMIT = 'bodyLimit';

/** Bytes that the body of a route may have, where these are others than those of all routes. */
export const BodyLimit = (bytes: number): MethodDecorator => RouteConfig({ [BODY_LIMIT]: bytes });

/** What `BodyLimit` said of a route; undefined where it said nothing. */
export function bodyLimitIn(routeConfig: unknown): number | undefined {
  if (typeof routeConfig !== 'object' || routeConfig === null || !(BODY_LIMIT in routeConfig)) return undefined;
  return typeof routeConfig.bodyLimit === 'number' ? routeConfig.bodyLimit : undefined;
}

import type { FastifyRequest } from 'fastify';
import { MillraceError } from '#libs/kernel';
import { isMailRoute, type Route, type RouteTable } from '#libs/webhook-routes';
import { rulesOf } from './route-rules.ts';

export interface HookParams {
  Params: { token: string };
}
/** Who knows the address of a mail trigger knows no URL. */
export function webhookAt(routes: RouteTable, token: string): Route | undefined {
  const route = routes.find(token);
  return route && !isMailRoute(route) ? route : undefined;
}

/** The part of a request that is known before its body. */
type HookRequest = Pick<FastifyRequest<HookParams>, 'params' | 'headers' | 'method' | 'ip'>;

/** The route of a token, when it takes such a request: its method, its caller's address and the length that it announces. */
export function routeFor(routes: RouteTable, { params, headers, method, ip }: HookRequest): Route {
  const route = webhookAt(routes, params.token);
  if (!route) throw new MillraceError('notFound', 'WEBHOOK_NOT_FOUND', 'no active webhook answers at this URL');
  const { methods: allow } = route;
  if (!allow.includes(method))
    throw new MillraceError('methodNotAllowed', 'METHOD_NOT_ALLOWED', `this webhook takes ${allow.join(', ')}`, {
      allow,
    });
  if (!rulesOf(route).isFrom(ip))
    throw new MillraceError('forbidden', 'ADDRESS_NOT_ALLOWED', `this webhook takes no calls from ${ip}`);
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new MillraceError(
      'unsupportedMediaType',
      'UNSUPPORTED_ENCODING',
      'webhooks take bodies that are not compressed',
    );
  if (Number(headers['content-length'] ?? 0) > route.maxBodyBytes) throw tooLarge(route);
  return route;
}

export function tooLarge({ maxBodyBytes }: Pick<Route, 'maxBodyBytes'>): MillraceError {
  return new MillraceError('tooLarge', 'BODY_TOO_LARGE', `this webhook takes bodies of up to ${maxBodyBytes} bytes`);
}

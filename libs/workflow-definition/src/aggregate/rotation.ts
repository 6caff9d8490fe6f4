import type { Endpoint, WebhookRotated } from './workflow-events.ts';

/** A token of before a rotation: it answers until then. */
export interface EarlierToken {
  readonly token: string;
  readonly until: string;
}

/** An endpoint as its rotations have left it. */
export interface RotatedEndpoint extends Endpoint {
  /** Absent when there are none. */
  readonly earlier?: readonly EarlierToken[];
}

/**
 * The endpoints after a rotation at that instant. A time of grace leaves earlier tokens the one that they were given;
 * without one, nothing but the new token answers: that is how a URL is revoked that somebody should not have.
 */
export function afterRotation<Kept extends RotatedEndpoint>(
  endpoints: readonly Kept[],
  { webhookId, token, graceUntil }: WebhookRotated['data'],
  at: string,
): readonly Kept[] {
  return endpoints.map((endpoint) => {
    if (endpoint.webhookId !== webhookId) return endpoint;
    const { earlier = [], ...rest } = endpoint;
    const rotated = { ...rest, token } as Kept;
    if (graceUntil === undefined) return rotated;
    const still = earlier.filter(({ until }) => until > at);
    return { ...rotated, earlier: [...still, { token: endpoint.token, until: graceUntil }] };
  });
}

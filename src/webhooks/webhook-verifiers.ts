import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { MillraceError, type Clock } from '#libs/kernel';
import type { Route } from '#libs/webhook-routes';
import { problemOf, unfitType, verifierOf, type Verifier, type VerifyConfig } from '#libs/webhook-signatures';
import { OpenCredential } from '../credentials/open-credential.ts';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK } from '../platform/tokens.ts';

type Verified = Pick<Route, 'workspaceId'> & { readonly verify: VerifyConfig };
/** What a credential came to: how to verify with it, or why that can't be. */
type Found = { readonly verifier: Verifier } | { readonly problem: MillraceError };
type Known = Found & { readonly staleAtMs: number };

/** A change is told to all processes at once; this is for those that did not hear it. */
const FRESH_MS = 30_000;
/** At about 1 KiB each; those that verified nothing for longest are forgotten first. */
const MAX_KNOWN = 10_000;
const RETRY_AFTER_MS = 30_000;

/**
 * How calls of a webhook are verified, with the secret in its credential. Kept in memory, unlike the credentials of nodes:
 * a look into the database for each call would cost more than all else. What was known before is good enough while the
 * database is away; without it nothing is taken unverified.
 */
@Injectable()
export class WebhookVerifiers {
  readonly #known = new LRUCache<string, Known>({ max: MAX_KNOWN });
  readonly #loading = new Map<string, Promise<Verifier>>();
  /** Changes that were heard of: what was being read meanwhile may be what was before. */
  #changes = 0;

  constructor(
    private readonly credentials: OpenCredential,
    private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws `WEBHOOK_NOT_VERIFIABLE` when the credential is gone or holds no secret of the scheme. */
  of(route: Verified): Verifier | Promise<Verifier> {
    const key = keyOf(route);
    const known = this.#known.get(key);
    if (known && known.staleAtMs > this.clock.nowMs()) return usable(known);
    const loading = this.#loading.get(key);
    if (loading) return loading;
    const load = this.#load(key, route, known).finally(() => {
      if (this.#loading.get(key) === load) this.#loading.delete(key);
    });
    this.#loading.set(key, load);
    return load;
  }

  /** The credential was changed or deleted. */
  forget(workspaceId: string, credentialId: string): void {
    const start = placeOf(workspaceId, credentialId);
    this.#changes++;
    for (const kept of [this.#known, this.#loading])
      for (const key of [...kept.keys()]) if (key.startsWith(start)) kept.delete(key);
  }

  async #load(key: string, route: Verified, before: Known | undefined): Promise<Verifier> {
    const changes = this.#changes;
    let found: Found;
    try {
      found = await this.#find(route);
    } catch (error) {
      if (!before) throw error;
      this.logger.warn({ error }, 'a webhook is verified with the secret as it was: the database is away');
      found = before;
    }
    if (changes === this.#changes) this.#known.set(key, { ...found, staleAtMs: this.clock.nowMs() + FRESH_MS });
    return usable(found);
  }

  async #find({ workspaceId, verify }: Verified): Promise<Found> {
    const found = await this.credentials.find(workspaceId, verify.credentialId);
    if (found.kind === 'absent') return { problem: notVerifiable('its credential is gone') };
    if (found.kind === 'unreadable') return { problem: notVerifiable(found.why) };
    if (found.kind === 'foundOfConnector')
      return { problem: notVerifiable(unfitType(verify, found.credential.type) ?? 'its credential is of a connector') };
    const why = problemOf(verify, found.credential);
    return why === undefined ? { verifier: verifierOf(verify, found.credential) } : { problem: notVerifiable(why) };
  }
}

function usable(found: Found): Verifier {
  if ('problem' in found) throw found.problem;
  return found.verifier;
}

function placeOf(workspaceId: string, credentialId: string): string {
  return `${workspaceId}/${credentialId}/`;
}

function keyOf({ workspaceId, verify }: Verified): string {
  return placeOf(workspaceId, verify.credentialId) + JSON.stringify(verify);
}

/** The sender is told to come again, and no more: why is for the owner, in the log. */
function notVerifiable(why: string): MillraceError {
  const message = 'this webhook cannot verify its calls at the moment; its owner has to look at its credential';
  return new MillraceError('unavailable', 'WEBHOOK_NOT_VERIFIABLE', message, {
    retryAfterMs: RETRY_AFTER_MS,
    cause: new Error(why),
  });
}

import { Inject, Injectable } from '@nestjs/common';
import type { Credential } from '#libs/credential-types';
import { InvariantError, MillraceError, toInstant, type Clock } from '#libs/kernel';
import { authorizationUrl } from '#libs/oauth';
import type { Config } from '../config/config.ts';
import { credentialNotFound } from '../credentials/credential-view.ts';
import { clientDigestOf, clientOf, providerOf } from '../credentials/oauth-settings.ts';
import { OpenCredential } from '../credentials/open-credential.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { invalidRequest } from '../platform/http/request-schema.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { digestOf, FLOW_TTL_SECONDS, newToken, type Flow } from './flow.ts';
import { Flows } from './flows.ts';
import { PkceVerifiers } from './pkce.ts';
import { returnAddress } from './return-to.ts';

export interface WantedConnection {
  readonly provider: string;
  readonly credentialId: string;
  readonly returnTo?: string | undefined;
}

export interface Begun {
  readonly state: string;
  readonly flow: Flow;
  readonly credential: Credential<'oauth2'>;
  readonly expiresAt: string;
}

/** The first half of connecting an account: everything up to the provider's page. */
@Injectable()
export class BeginConnection {
  constructor(
    private readonly opening: OpenCredential,
    private readonly flows: Flows,
    private readonly verifiers: PkceVerifiers,
    @Inject(CONFIG) private readonly config: Pick<Config, 'http'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** With `browser` (what only it has) it is bound to that browser; else to the first that opens its link. */
  async begin({ workspaceId, actor }: Access, wanted: WantedConnection, browser?: string): Promise<Begun> {
    const credential = await this.credential(workspaceId, wanted.credentialId);
    ensureConnectable(credential, wanted.provider);
    const state = newToken();
    const endsAtMs = this.clock.nowMs() + FLOW_TTL_SECONDS * 1_000;
    const flow: Flow = {
      ...{ workspaceId, credentialId: wanted.credentialId, actor, endsAtMs },
      ...{ client: clientDigestOf(credential.data), keyId: this.verifiers.currentKeyId },
      ...(browser === undefined ? {} : { browser: digestOf(browser) }),
      ...(wanted.returnTo === undefined ? {} : { returnTo: this.#returnTo(wanted.returnTo) }),
    };
    // Before it is stored: a link that leads nowhere is none.
    this.addressOf(state, flow, credential);
    if (!(await this.flows.begin(state, flow))) throw new InvariantError('a state was made twice');
    return { state, flow, credential, expiresAt: toInstant(endsAtMs) };
  }

  /** The provider's page that asks the person. Throws `OAUTH_CLIENT_CHANGED` when it is not the client that it began with. */
  addressOf(state: string, { keyId, client }: Flow, { id, data }: Credential<'oauth2'>): string {
    if (client !== clientDigestOf(data)) throw clientChanged(id);
    this.#ensureReachable();
    return authorizationUrl(providerOf(data), clientOf(data), {
      redirectUri: this.redirectUri,
      state,
      codeVerifier: this.verifiers.of(keyId, state),
      scopes: data.scopes,
    });
  }

  get redirectUri(): string {
    return new URL(`${this.config.http.publicUrl}/v1/oauth/callback`).href;
  }

  async credential(workspaceId: string, id: string): Promise<Credential<'oauth2'>> {
    const found = await this.opening.find(workspaceId, id);
    if (found.kind === 'absent') throw credentialNotFound(id);
    if (found.kind === 'unreadable') throw new MillraceError('refused', 'CREDENTIAL_UNREADABLE', found.why);
    if (found.kind === 'found' && found.credential.type === 'oauth2') return found.credential;
    throw notConnectable(
      `the credential ${id} is of the type ${found.credential.type}; only those of type oauth2 are connected`,
    );
  }

  #ensureReachable(): void {
    const { protocol, hostname } = new URL(this.redirectUri);
    if (protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)) return;
    const message = `providers send browsers back to https addresses only, and PUBLIC_URL is ${this.config.http.publicUrl}`;
    throw new MillraceError('refused', 'OAUTH_PUBLIC_URL_UNFIT', message);
  }

  #returnTo(written: string): string {
    const { publicUrl, corsOrigins } = this.config.http;
    const origins = [new URL(publicUrl).origin, ...(corsOrigins === '*' ? [] : corsOrigins)];
    const address = returnAddress(written, origins);
    if (address) return address.href;
    const message = 'must be a path of this installation, or an address of one of the origins in CORS_ORIGINS';
    throw invalidRequest([{ path: ['returnTo'], message }]);
  }
}

function ensureConnectable({ id, data }: Credential<'oauth2'>, provider: string): void {
  if (data.provider !== provider)
    throw notConnectable(`the credential ${id} is for the provider ${data.provider}, not for ${provider}`);
  if (data.grant !== 'authorizationCode')
    throw notConnectable(`the credential ${id} has the grant ${data.grant}: it needs nobody to connect it`);
}

export function clientChanged(id: string): MillraceError {
  const message = `the client of the credential ${id} was changed meanwhile; begin again`;
  return new MillraceError('conflict', 'OAUTH_CLIENT_CHANGED', message);
}

function notConnectable(message: string): MillraceError {
  return new MillraceError('refused', 'CREDENTIAL_NOT_CONNECTABLE', message);
}

import { Injectable } from '@nestjs/common';
import { MillraceError, type ErrorKind } from '#libs/kernel';
import { OAuth, OAuthError, type OAuthTokens } from '#libs/oauth';
import { credentialNotFound } from '../credentials/credential-view.ts';
import { CredentialChanges } from '../credentials/credential-changes.ts';
import { OAuthRows } from '../credentials/oauth-rows.ts';
import { clientDigestOf, clientOf, providerOf } from '../credentials/oauth-settings.ts';
import { noteActor, noteChange } from '../platform/audit/change-notes.ts';
import { BeginConnection, clientChanged } from './begin-connection.ts';
import { isBrowserOf, isToken, type Flow } from './flow.ts';
import { Flows } from './flows.ts';
import { PkceVerifiers } from './pkce.ts';
import { RevokeTokens } from './revoke-tokens.ts';
import { WakeParked } from './wake-parked.ts';

/** How the provider sent the browser back. */
export interface Callback {
  readonly state: unknown;
  /** With the query as it came. */
  readonly url: string;
  readonly cookies: string | undefined;
}

export interface Connected {
  readonly credentialId: string;
  readonly provider: string;
  readonly returnTo?: string;
}

/** The second half of connecting an account: from the provider's answer to what waited for it. */
@Injectable()
export class FinishConnection {
  // eslint-disable-next-line max-params -- one part each of what a callback goes through
  constructor(
    private readonly flows: Flows,
    private readonly begun: BeginConnection,
    private readonly verifiers: PkceVerifiers,
    private readonly oauth: OAuth,
    private readonly rows: OAuthRows,
    private readonly changes: CredentialChanges,
    private readonly revoking: RevokeTokens,
    private readonly waking: WakeParked,
  ) {}

  async finish(callback: Callback): Promise<Connected> {
    const { state, flow } = await this.#ownFlow(callback);
    const { workspaceId, credentialId, actor, returnTo } = flow;
    noteActor({ workspaceId, actor });
    noteChange({ target: credentialId });
    const credential = await this.begun.credential(workspaceId, credentialId);
    // Before the code is shown to anybody: it is for the client that the person saw.
    if (clientDigestOf(credential.data) !== flow.client) throw clientChanged(credentialId);
    const tokens = await this.#exchange(callback, state, { flow, data: credential.data });
    try {
      await this.#store(flow, tokens);
    } catch (error) {
      // Nobody has them now.
      await this.revoking.revoke({ ...credential, data: { ...credential.data, tokens } });
      throw error;
    }
    noteChange({ after: { connection: 'connected', provider: credential.data.provider, scope: tokens.scope ?? null } });
    this.changes.announce(workspaceId, credentialId);
    this.waking.wake(credentialId);
    return { credentialId, provider: credential.data.provider, ...(returnTo === undefined ? {} : { returnTo }) };
  }

  async #store({ workspaceId, credentialId, client }: Flow, tokens: OAuthTokens): Promise<void> {
    const stored = await this.rows.locked(workspaceId, credentialId, async (locked) => {
      if (clientDigestOf(locked.credential.data) !== client) throw clientChanged(credentialId);
      await locked.connected(tokens);
      return true;
    });
    if (!stored) throw credentialNotFound(credentialId);
  }

  /** The flow, used up by this callback: of two with the same state one goes on. */
  async #ownFlow({ state, cookies }: Callback): Promise<{ state: string; flow: Flow }> {
    if (!isToken(state)) throw unknownState();
    const found = await this.flows.find(state);
    if (found.kind === 'unknown') throw unknownState();
    if (found.kind === 'used') throw usedState();
    // Before it is used up: who sends somebody else there must not be able to end the flow.
    if (!isBrowserOf(found.flow, state, cookies)) throw otherBrowser();
    if (!(await this.flows.use(state, found.flow, found.revision))) throw usedState();
    return { state, flow: found.flow };
  }

  async #exchange(
    { url }: Callback,
    state: string,
    { flow, data }: { flow: Flow; data: Parameters<typeof clientOf>[0] },
  ): Promise<OAuthTokens> {
    const { redirectUri } = this.begun;
    const callbackUrl = new URL(redirectUri);
    // Its own address, whatever a proxy made of it, with the query as it came.
    callbackUrl.search = new URL(url, redirectUri).search;
    const codeVerifier = this.verifiers.of(flow.keyId, state);
    try {
      return await this.oauth.exchangeCode(providerOf(data), clientOf(data), {
        ...{ callbackUrl, redirectUri, state, codeVerifier },
      });
    } catch (error) {
      throw error instanceof OAuthError ? refusedBy(error) : error;
    }
  }
}

const REFUSALS: Readonly<Record<OAuthError['code'], { readonly kind: ErrorKind; readonly code: string }>> = {
  ACCESS_DENIED: { kind: 'forbidden', code: 'OAUTH_ACCESS_DENIED' },
  INVALID_GRANT: { kind: 'malformed', code: 'OAUTH_CODE_REFUSED' },
  ISSUER_MISMATCH: { kind: 'malformed', code: 'OAUTH_ISSUER_MISMATCH' },
  PROVIDER_REFUSED: { kind: 'badGateway', code: 'OAUTH_PROVIDER_REFUSED' },
  INVALID_ANSWER: { kind: 'badGateway', code: 'OAUTH_PROVIDER_ANSWER_INVALID' },
  PROVIDER_AWAY: { kind: 'badGateway', code: 'OAUTH_PROVIDER_AWAY' },
};

function refusedBy(error: OAuthError): MillraceError {
  const { kind, code } = REFUSALS[error.code];
  return new MillraceError(kind, code, `the account was not connected: ${error.message}`, { cause: error });
}

function unknownState(): MillraceError {
  const message = 'nobody began to connect an account with this state, or more than ten minutes ago; begin again';
  return new MillraceError('malformed', 'OAUTH_STATE_UNKNOWN', message);
}

function usedState(): MillraceError {
  return new MillraceError('conflict', 'OAUTH_STATE_USED', 'this address works once, and was used; begin again');
}

function otherBrowser(): MillraceError {
  const message = 'the account is connected in the browser in which that began, and this is another one; begin again';
  return new MillraceError('forbidden', 'OAUTH_OTHER_BROWSER', message);
}

import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { MillraceError, type WorkspaceId } from '#libs/kernel';
import type { Config } from '../config/config.ts';
import type { CredentialId } from '../credentials/credentials.entities.ts';
import { providerOf } from '../credentials/oauth-settings.ts';
import { ReadCredentials } from '../credentials/read-credentials.ts';
import { escaped, FOR_PEOPLE, sendPage } from '../platform/http/page-for-people.ts';
import { CONFIG } from '../platform/tokens.ts';
import { BeginConnection } from './begin-connection.ts';
import { cookieFor, digestOf, isToken, newToken } from './flow.ts';
import { Flows, type FoundFlow } from './flows.ts';

type Open = Extract<FoundFlow, { kind: 'open' }>;
interface StartParams {
  Params: { state: string };
}
/** Nothing is read of it: the button sends an empty form. */
const MAX_BODY_BYTES = 1_024;

/**
 * `/v1/oauth/start/:state`, the link that a person opens: says what is about to be connected, and the button binds it to this
 * browser. On Fastify directly, as its bodies are forms. Only POST does anything: programs open links that people are sent.
 */
@Injectable()
export class StartPages {
  constructor(
    private readonly flows: Flows,
    private readonly beginning: BeginConnection,
    private readonly credentials: ReadCredentials,
    @Inject(CONFIG) private readonly config: Pick<Config, 'http'>,
  ) {}

  register(server: FastifyInstance): void {
    server.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { bodyLimit: MAX_BODY_BYTES, parseAs: 'buffer' }, async () => undefined);
      const url = '/v1/oauth/start/:state';
      scope.get<StartParams>(url, { config: FOR_PEOPLE }, ({ params }, reply) => this.#ask(params.state, reply));
      scope.post<StartParams>(url, { config: FOR_PEOPLE }, ({ params, headers }, reply) => {
        this.#ensureOwnPage(headers);
        return this.#go(params.state, reply);
      });
    });
  }

  async #ask(state: string, reply: FastifyReply): Promise<FastifyReply> {
    const { flow } = await this.#unbound(state);
    const { data } = await this.beginning.credential(flow.workspaceId, flow.credentialId);
    const { name } = await this.credentials.get(flow.workspaceId as WorkspaceId, flow.credentialId as CredentialId);
    const { title, authorizationEndpoint } = providerOf(data);
    const where = `${escaped(title)} (${escaped(new URL(authorizationEndpoint).host)})`;
    return sendPage(
      reply,
      'Connect an account',
      `<p>Your account at ${where} is about to be connected to the credential “${escaped(name)}”. Whoever may use that credential can act for you there${scopesOf(data.scopes)}.</p>
<p>Go on only if you asked for it, or know who did.</p>
<form method="post"><button type="submit">Go on to ${escaped(title)}</button></form>`,
    );
  }

  async #go(state: string, reply: FastifyReply): Promise<FastifyReply> {
    const { flow, revision } = await this.#unbound(state);
    const credential = await this.beginning.credential(flow.workspaceId, flow.credentialId);
    const browser = newToken();
    const location = this.beginning.addressOf(state, flow, credential);
    if (!(await this.flows.change(state, { ...flow, browser: digestOf(browser) }, revision))) throw opened();
    const { publicUrl } = this.config.http;
    return reply
      .code(303)
      .header('cache-control', 'no-store')
      .header('set-cookie', cookieFor(state, browser, publicUrl))
      .header('location', location)
      .send();
  }

  /** The button of our page, and no form of somebody else's, which would skip the question. What is no browser says neither. */
  #ensureOwnPage({ origin, 'sec-fetch-site': site }: IncomingHttpHeaders): void {
    const isOwn = site === undefined ? isOriginOf(this.config.http.publicUrl, origin) : site === 'same-origin';
    if (isOwn) return;
    const message = 'the button of the page was not pressed; open the link itself';
    throw new MillraceError('forbidden', 'OAUTH_OTHER_SITE', message);
  }

  /** Not yet in any browser. */
  async #unbound(state: string): Promise<Open> {
    const found: FoundFlow = isToken(state) ? await this.flows.find(state) : { kind: 'unknown' };
    if (found.kind === 'unknown') {
      const message = 'this link is not one of ours, or more than ten minutes old; ask for another one';
      throw new MillraceError('notFound', 'OAUTH_LINK_NOT_FOUND', message);
    }
    if (found.kind === 'used' || found.flow.browser !== undefined) throw opened();
    return found;
  }
}

function isOriginOf(url: string, origin: string | undefined): boolean {
  return origin === undefined || origin === new URL(url).origin;
}

function scopesOf(scopes: readonly string[]): string {
  return scopes.length === 0 ? '' : `, within: ${escaped(scopes.join(', '))}`;
}

function opened(): MillraceError {
  return new MillraceError('conflict', 'OAUTH_LINK_USED', 'this link works once, and was used; ask for another one');
}

import { Controller, Get, Headers, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OAUTH_PROVIDERS } from '#libs/oauth';
import type { Config } from '../config/config.ts';
import { CurrentAccess, Public, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedEnd } from '../platform/audit/audit.decorators.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { ForPeople, pageOf, withPageHeaders } from '../platform/http/page-for-people.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { CONFIG } from '../platform/tokens.ts';
import { BeginConnection } from './begin-connection.ts';
import { cookieFor, newToken } from './flow.ts';
import { FinishConnection, type Connected } from './finish-connection.ts';
import {
  authorizeQuery,
  authorizeView,
  callbackQuery,
  connectedPage,
  providerParam,
  providerView,
  type AuthorizeQuery,
  type AuthorizeView,
  type CallbackQuery,
  type ProviderView,
} from './oauth.dto.ts';

@Controller('v1/oauth')
export class OAuthController {
  constructor(
    private readonly beginning: BeginConnection,
    private readonly finishing: FinishConnection,
    @Inject(CONFIG) private readonly config: Pick<Config, 'http'>,
  ) {}

  @Get('providers')
  @Public()
  @Operation({
    summary: 'List the OAuth providers',
    description: 'Any other is `generic`, with its endpoints in the data of the credential.',
    answers: { 200: { description: 'All of them, on one page.', schema: pageSchema(providerView) } },
  })
  providers(): Page<ProviderView> {
    const { redirectUri } = this.beginning;
    return { items: OAUTH_PROVIDERS.map(({ name, title }) => ({ name, title, redirectUri })), nextCursor: null };
  }

  @Get('callback')
  @ForPeople()
  @Public()
  @AuditedEnd('credential.connect')
  @Operation({
    summary: 'Take what a provider says',
    description:
      'Where the provider sends the browser back to, exactly. It works once, within ten minutes, and in the browser in which it began. ' +
      'What waited for the credential goes on.',
    answers: {
      200: { description: 'The account is connected.', otherForms: { 'text/html': connectedPage } },
      303: { description: 'The account is connected, and `returnTo` was asked for.', headers: ['location'] },
    },
    refusals: {
      400: ['OAUTH_STATE_UNKNOWN', 'OAUTH_ISSUER_MISMATCH', 'OAUTH_CODE_REFUSED'],
      403: ['OAUTH_OTHER_BROWSER', 'OAUTH_ACCESS_DENIED'],
      404: ['CREDENTIAL_NOT_FOUND'],
      409: ['OAUTH_STATE_USED', 'OAUTH_CLIENT_CHANGED'],
      422: ['CREDENTIAL_NOT_CONNECTABLE', 'CREDENTIAL_UNREADABLE'],
      502: ['OAUTH_PROVIDER_REFUSED', 'OAUTH_PROVIDER_ANSWER_INVALID', 'OAUTH_PROVIDER_AWAY'],
    },
  })
  async callback(
    @Query({ schema: callbackQuery }) { state }: CallbackQuery,
    @Req() { url, headers }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const connected = await this.finishing.finish({ state, url, cookies: headers.cookie });
    const { returnTo } = connected;
    withPageHeaders(reply);
    if (returnTo === undefined) return pageOf('Connected', '<p>The account is connected. You may close this page.</p>');
    reply.code(303).header('location', addressAfter(returnTo, connected));
    return undefined;
  }

  @Get(':provider/authorize')
  @RequirePermission('credentials:write')
  @Operation({
    summary: 'Connect an account',
    description:
      'Sends the browser to the page on which the provider asks the person; with `Accept: application/json`, gives the link to be ' +
      'opened in a browser.',
    answers: {
      200: { description: 'The link, when JSON was asked for.', schema: authorizeView },
      302: {
        description: "The provider's page, with a cookie that binds the callback to this browser.",
        headers: ['location'],
      },
    },
    refusals: {
      404: ['CREDENTIAL_NOT_FOUND'],
      422: ['CREDENTIAL_NOT_CONNECTABLE', 'CREDENTIAL_UNREADABLE', 'OAUTH_PUBLIC_URL_UNFIT'],
    },
  })
  async authorize(
    @CurrentAccess() access: Access,
    @Param('provider', { schema: providerParam }) provider: string,
    @Query({ schema: authorizeQuery }) query: AuthorizeQuery,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AuthorizeView | undefined> {
    const { publicUrl } = this.config.http;
    reply.header('cache-control', 'no-store');
    if (accept?.includes('application/json') === true) {
      const { state, expiresAt } = await this.beginning.begin(access, { ...query, provider });
      return { url: `${publicUrl}/v1/oauth/start/${state}`, expiresAt };
    }
    const browser = newToken();
    const { state, flow, credential } = await this.beginning.begin(access, { ...query, provider }, browser);
    reply
      .code(302)
      .header('set-cookie', cookieFor(state, browser, publicUrl))
      .header('location', this.beginning.addressOf(state, flow, credential));
    return undefined;
  }
}

function addressAfter(returnTo: string, { credentialId }: Connected): string {
  const address = new URL(returnTo);
  address.searchParams.set('credentialId', credentialId);
  return address.href;
}

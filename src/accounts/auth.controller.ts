import { Body, Controller, Header, Headers, HttpCode, Ip, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../platform/access/access.decorators.ts';
import { tryParseBearer } from '../platform/access/access.guard.ts';
import { AuditedEnd, NotAudited } from '../platform/audit/audit.decorators.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import {
  loginBody,
  logoutBody,
  refreshBody,
  registerBody,
  sessionTokens,
  sessionView,
  type LoginBody,
  type LogoutBody,
  type RefreshBody,
  type RegisterBody,
  type SessionTokens,
  type SessionView,
} from './accounts.dto.ts';
import { LogIn } from './log-in.ts';
import { LogOut } from './log-out.ts';
import { RefreshSession } from './refresh-session.ts';
import { Register } from './register.ts';
import { rateLimitHeaders, TooManyAttemptsError } from './too-many-attempts.ts';

@Controller('v1/auth')
export class AuthController {
  constructor(
    private readonly registering: Register,
    private readonly loggingIn: LogIn,
    private readonly refreshing: RefreshSession,
    private readonly loggingOut: LogOut,
  ) {}

  @Post('register')
  @Public()
  @AuditedEnd('account.registered')
  @Idempotent()
  @Header('cache-control', 'no-store')
  @Operation({
    summary: 'Register',
    description: 'A new user, who owns a new workspace, and is logged in.',
    answers: { 201: { description: 'The login.', schema: sessionView } },
    refusals: { 409: ['EMAIL_TAKEN'] },
  })
  register(@Body({ schema: registerBody }) body: RegisterBody): Promise<SessionView> {
    return this.registering.execute(body);
  }

  @Post('login')
  @Public()
  @AuditedEnd('session.opened')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Operation({
    summary: 'Log in',
    description:
      'After 10 failures for one address, or 100 from one network, within 15 minutes, 429 with `Retry-After`, ' +
      '`RateLimit-Policy` and `RateLimit`, whether the address is known or not, until the 15 minutes are over. ' +
      'A login that succeeds clears what its address has failed.',
    answers: { 200: { description: 'The login.', schema: sessionView } },
    refusals: { 401: ['BAD_CREDENTIALS'], 403: ['NO_WORKSPACE'], 429: ['TOO_MANY_ATTEMPTS'] },
  })
  async logIn(
    @Body({ schema: loginBody }) body: LoginBody,
    @Ip() ip: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionView> {
    try {
      return await this.loggingIn.execute(body, ip);
    } catch (error) {
      if (error instanceof TooManyAttemptsError) reply.headers(rateLimitHeaders(error.quota));
      throw error;
    }
  }

  @Post('refresh')
  @Public()
  @NotAudited('the login goes on as it was')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Operation({
    summary: 'Get new tokens for a refresh token',
    description:
      'Each refresh token works once; when one comes a second time, somebody has a copy, and the whole login ends. ' +
      'A client that refreshes from several places at once must share the answer.',
    answers: { 200: { description: 'The next pair of tokens.', schema: sessionTokens } },
    refusals: { 401: ['REFRESH_INVALID', 'REFRESH_EXPIRED', 'REFRESH_REVOKED', 'REFRESH_REUSED'] },
  })
  refresh(@Body({ schema: refreshBody }) body: RefreshBody): Promise<SessionTokens> {
    return this.refreshing.execute(body);
  }

  /** Public, because it must also work when the access token has expired: either token names the login to end. */
  @Post('logout')
  @Public()
  @AuditedEnd('session.closed')
  @HttpCode(204)
  @Operation({
    summary: 'Log out',
    description:
      'Ends the login of the refresh token in the body, or else of the access token sent as a bearer. ' +
      'The access token itself works until it expires, at most 15 minutes.',
    answers: { 204: { description: 'The login has ended.' } },
    refusals: { 401: ['UNAUTHENTICATED', 'TOKEN_INVALID', 'TOKEN_EXPIRED'] },
  })
  logOut(
    @Body({ schema: logoutBody }) body: LogoutBody,
    @Headers('authorization') authorization: string | undefined,
  ): Promise<void> {
    return this.loggingOut.execute({
      refreshToken: body?.refreshToken,
      accessToken: tryParseBearer(authorization),
    });
  }
}

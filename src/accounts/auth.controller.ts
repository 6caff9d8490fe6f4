import { Body, Controller, Header, Headers, HttpCode, Post } from '@nestjs/common';
import { Public } from '../platform/access/access.decorators.ts';
import { tryParseBearer } from '../platform/access/access.guard.ts';
import {
  loginBody,
  logoutBody,
  refreshBody,
  registerBody,
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
  @Header('cache-control', 'no-store')
  register(@Body({ schema: registerBody }) body: RegisterBody): Promise<SessionView> {
    return this.registering.execute(body);
  }

  @Post('login')
  @Public()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  logIn(@Body({ schema: loginBody }) body: LoginBody): Promise<SessionView> {
    return this.loggingIn.execute(body);
  }

  @Post('refresh')
  @Public()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  refresh(@Body({ schema: refreshBody }) body: RefreshBody): Promise<SessionTokens> {
    return this.refreshing.execute(body);
  }

  /** Public, because it must also work when the access token has expired: either token names the login to end. */
  @Post('logout')
  @Public()
  @HttpCode(204)
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

import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { Authenticator } from '../platform/access/authenticator.ts';
import { ROOT_KEYS } from '../platform/tokens.ts';
import { AccessTokens, jwtOptions } from './access-tokens.ts';
import { AuthController } from './auth.controller.ts';
import { BearerAuthenticator } from './bearer-authenticator.ts';
import { LogIn } from './log-in.ts';
import { LogOut } from './log-out.ts';
import { MeController } from './me.controller.ts';
import { Passwords } from './passwords.ts';
import { ReadMe } from './read-me.ts';
import { RefreshSession } from './refresh-session.ts';
import { Register } from './register.ts';
import { Sessions } from './sessions.ts';

/** Who people are and what they may do: users, their workspaces, logins. */
@Module({
  imports: [JwtModule.registerAsync({ inject: [ROOT_KEYS], useFactory: jwtOptions })],
  controllers: [AuthController, MeController],
  providers: [
    AccessTokens,
    LogIn,
    LogOut,
    Passwords,
    ReadMe,
    RefreshSession,
    Register,
    Sessions,
    { provide: Authenticator, useClass: BearerAuthenticator },
  ],
  exports: [Authenticator],
})
export class AccountsModule {}

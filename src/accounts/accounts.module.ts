import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { Authenticator } from '../platform/access/authenticator.ts';
import { ROOT_KEYS } from '../platform/tokens.ts';
import { AccessTokens, jwtOptions } from './access-tokens.ts';
import { ActorNames } from './actor-names.ts';
import { AddMember } from './add-member.ts';
import { ApiKeyHolders } from './api-key-holders.ts';
import { ApiKeysController } from './api-keys.controller.ts';
import { AuthController } from './auth.controller.ts';
import { BearerAuthenticator } from './bearer-authenticator.ts';
import { ChangeMember } from './change-member.ts';
import { CreateApiKey } from './create-api-key.ts';
import { DeleteApiKey } from './delete-api-key.ts';
import { LogIn } from './log-in.ts';
import { LogOut } from './log-out.ts';
import { LoginAttempts } from './login-attempts.ts';
import { MeController } from './me.controller.ts';
import { MemberRoles } from './member-roles.ts';
import { MembersController } from './members.controller.ts';
import { Passwords } from './passwords.ts';
import { ReadApiKeys } from './read-api-keys.ts';
import { ReadMe } from './read-me.ts';
import { ReadMembers } from './read-members.ts';
import { RefreshSession } from './refresh-session.ts';
import { Register } from './register.ts';
import { RemoveMember } from './remove-member.ts';
import { Sessions } from './sessions.ts';

/** Who people are and what they may do: users, their workspaces, logins, and keys for programs. */
@Module({
  imports: [JwtModule.registerAsync({ inject: [ROOT_KEYS], useFactory: jwtOptions })],
  controllers: [ApiKeysController, AuthController, MeController, MembersController],
  providers: [
    AccessTokens,
    ActorNames,
    AddMember,
    ApiKeyHolders,
    ChangeMember,
    CreateApiKey,
    DeleteApiKey,
    LogIn,
    LogOut,
    LoginAttempts,
    MemberRoles,
    Passwords,
    ReadApiKeys,
    ReadMe,
    ReadMembers,
    RefreshSession,
    Register,
    RemoveMember,
    Sessions,
    { provide: Authenticator, useClass: BearerAuthenticator },
  ],
  exports: [ActorNames, Authenticator],
})
export class AccountsModule {}

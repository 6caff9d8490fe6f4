import { Inject, Injectable } from '@nestjs/common';
import { JwtSecretRequestType, JwtService, TokenExpiredError, type JwtModuleOptions } from '@nestjs/jwt';
import { z } from 'zod';
import { MillraceError, tryParseId, type Clock, type UserId, type WorkspaceId } from '#libs/kernel';
import type { RootKeys } from '../platform/root-keys.ts';
import { CLOCK } from '../platform/tokens.ts';

export const ACCESS_TOKEN_MS = 15 * 60 * 1000;

/** Says in its header what the token is for, so that no other kind of token of ours can pass for it (RFC 9068). */
const TYPE = 'at+jwt';

/** What an access token says. The role is not in it: it is looked up, so that a change takes effect at once. */
export interface AccessClaims {
  readonly userId: UserId;
  readonly workspaceId: WorkspaceId;
  /** The login that it came from. */
  readonly familyId: string;
}

const header = z.object({ typ: z.literal(TYPE), kid: z.string() });
const verified = z.object({
  header,
  payload: z.object({
    sub: z.string().transform((text) => tryParseId('user', text)),
    ws: z.string().transform((text) => tryParseId('workspace', text)),
    sid: z.string(),
    exp: z.number(),
  }),
});

/** Signed with the current root key's; verified with the one that the token names, while that is known. */
export function jwtOptions({ current, all }: RootKeys): JwtModuleOptions {
  const [issuer, audience, algorithm] = ['millrace', 'millrace:api', 'HS256'] as const;
  const secrets = new Map(all.map((rootKey) => [rootKey.id, rootKey.derive('access-tokens')]));
  return {
    secretOrKeyProvider: (purpose, token) => {
      const secret = secrets.get(purpose === JwtSecretRequestType.SIGN ? current.id : keyIdOf(token));
      if (!secret) throw invalidToken();
      return secret;
    },
    signOptions: {
      issuer,
      audience,
      algorithm,
      header: { alg: algorithm, typ: TYPE, kid: current.id },
      expiresIn: ACCESS_TOKEN_MS / 1000,
    },
    verifyOptions: { issuer, audience, algorithms: [algorithm] },
  };
}

/** Of the key that the token names; nothing of it is proven yet. */
function keyIdOf(token: unknown): string {
  const [first = ''] = String(token).split('.', 1);
  try {
    return header.parse(JSON.parse(Buffer.from(first, 'base64url').toString())).kid;
  } catch (error) {
    throw invalidToken(error);
  }
}

@Injectable()
export class AccessTokens {
  constructor(
    private readonly jwt: JwtService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  issue({ userId, workspaceId, familyId }: AccessClaims): string {
    return this.jwt.sign({ sub: userId, ws: workspaceId, sid: familyId, iat: this.nowSeconds() });
  }

  /** Throws an `unauthenticated` MillraceError: `TOKEN_EXPIRED`, or `TOKEN_INVALID` for everything else. */
  verify(token: string): AccessClaims {
    const parsed = verified.safeParse(this.read(token));
    const { sub: userId, ws: workspaceId, sid: familyId } = parsed.data?.payload ?? {};
    if (!userId || !workspaceId || familyId === undefined) throw invalidToken();
    return { userId, workspaceId, familyId };
  }

  private read(token: string): unknown {
    try {
      return this.jwt.verify<object>(token, { complete: true, clockTimestamp: this.nowSeconds() });
    } catch (error) {
      if (error instanceof TokenExpiredError)
        throw new MillraceError('unauthenticated', 'TOKEN_EXPIRED', 'the access token has expired; refresh it');
      throw invalidToken(error);
    }
  }

  private nowSeconds(): number {
    return Math.floor(this.clock.nowMs() / 1000);
  }
}

export function invalidToken(cause?: unknown): MillraceError {
  return new MillraceError('unauthenticated', 'TOKEN_INVALID', 'the access token opens nothing here', { cause });
}

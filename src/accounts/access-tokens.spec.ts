import { randomBytes } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { tryParseId } from '#libs/kernel';
import type { SecretKeys } from '../config/secret-key.ts';
import { createRootKeys } from '../platform/root-keys.ts';
import { ACCESS_TOKEN_MS, AccessTokens, jwtOptions } from './access-tokens.ts';

describe('access tokens, when the root key is rotated', () => {
  const clock = { now: Date.UTC(2026, 5, 1), nowMs: (): number => clock.now };
  const tokensOf = (...secrets: SecretKeys): AccessTokens =>
    new AccessTokens(new JwtService(jwtOptions(createRootKeys(secrets))), clock);
  const claims = {
    userId: tryParseId('user', 'usr_1')!,
    workspaceId: tryParseId('workspace', 'ws_1')!,
    familyId: 'rf_1',
  };
  const [before, after] = [randomBytes(32), randomBytes(32)];
  const invalid = expect.objectContaining({ kind: 'unauthenticated', code: 'TOKEN_INVALID' }) as Error;

  it('verify until they end, while their key is known', () => {
    const token = tokensOf(before).issue(claims);
    const rotated = tokensOf(after, before);
    expect(rotated.verify(token)).toEqual(claims);
    clock.now += ACCESS_TOKEN_MS;
    expect(() => rotated.verify(token)).toThrow(expect.objectContaining({ code: 'TOKEN_EXPIRED' }) as Error);
  });

  it('are of the new key from then on', () => {
    const token = tokensOf(after, before).issue(claims);
    expect(tokensOf(after).verify(token)).toEqual(claims);
    expect(() => tokensOf(before).verify(token)).toThrow(invalid);
  });

  it('open nothing when their key is known no more', () => {
    expect(() => tokensOf(after).verify(tokensOf(before).issue(claims))).toThrow(invalid);
  });

  it.each(['', '.', '..', 'e30.e30.', 'bnVsbA.e30.e30', 'not.json.at-all'])(
    'that are none open nothing: %j',
    (token) => {
      expect(() => tokensOf(after).verify(token)).toThrow(invalid);
    },
  );
});

import { isJsonObject, toInstant, type JsonObject } from '#libs/kernel';
import { z } from 'zod';
import type { ProviderAnswer } from './ask-provider.ts';
import { OAuthError } from './errors.ts';
import type { OAuthProvider, OAuthTokens } from './types.ts';

/** RFC 6749, A.12; longer ones fit into no header. */
const tokenText = z
  .string()
  .max(16_384)
  .regex(/^[\x20-\x7e]+$/);

const LONGEST_LIFE_SECONDS = 10 * 365 * 86_400;

const tokenAnswer = z.object({
  access_token: tokenText,
  token_type: z.string().default('bearer'),
  refresh_token: tokenText.optional(),
  expires_in: z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
    .transform((seconds) => Math.min(Math.max(seconds, 0), LONGEST_LIFE_SECONDS))
    .optional()
    .catch(undefined),
  scope: z.string().max(8_192).optional().catch(undefined),
});

/** The fields of RFC 6749, 5.1, and no other. An id_token is none: who the person is, is not asked. */
export type TokenAnswer = z.infer<typeof tokenAnswer>;

/** How an answer is brought to the form of the RFC, by name of the provider. */
const READERS: Readonly<Record<string, (fields: JsonObject) => JsonObject>> = { slack: slackTokens };

/** Throws OAuthError for what are no tokens; which field it is that is wrong is said, what is in it is not. */
export function readTokenAnswer({ name }: OAuthProvider, { status, fields }: ProviderAnswer): TokenAnswer {
  if (status >= 400) throw new OAuthError('PROVIDER_REFUSED', `the provider refused: status ${status}`);
  if (status >= 300) throw new OAuthError('INVALID_ANSWER', `the provider sent elsewhere: status ${status}`);
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  const answer = tokenAnswer.safeParse(withoutEmpty(read ? read(fields) : fields));
  if (!answer.success) {
    const wrong = answer.error.issues.map(({ path }) => path.join('.')).join(', ');
    throw new OAuthError('INVALID_ANSWER', `the provider sent no tokens that can be used: see ${wrong}`);
  }
  if (answer.data.token_type.toLowerCase() !== 'bearer')
    throw new OAuthError('INVALID_ANSWER', 'the provider sent a token of a type that is not bearer');
  return answer.data;
}

/** Some send null or an empty text for what there is none of. */
function withoutEmpty(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== ''));
}

/** `token_type` says whose it is; a token of a person alone, without one of the bot, is in `authed_user`. */
function slackTokens(fields: JsonObject): JsonObject {
  const { access_token: bot, authed_user: person } = fields;
  const tokens = bot === undefined && isJsonObject(person) ? person : fields;
  const isSlackType = tokens.token_type === 'bot' || tokens.token_type === 'user';
  return isSlackType ? { ...tokens, token_type: 'bearer' } : tokens;
}

/** `askedAtMs` is before the provider counted, so that our end of a token is never after its own. */
export function tokensOf(answer: TokenAnswer, askedAtMs: number): OAuthTokens {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds, scope } = answer;
  return {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(seconds === undefined ? {} : { expiresAt: toInstant(askedAtMs + Math.floor(seconds * 1_000)) }),
    ...(scope === undefined ? {} : { scope }),
    tokenType: 'bearer',
  };
}

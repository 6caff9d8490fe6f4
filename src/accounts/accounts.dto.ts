import { z } from 'zod';
import type { UserId, WorkspaceId } from '#libs/kernel';
import type { MemberRole } from '../platform/access/permissions.ts';
import { line } from '../platform/http/request-schema.ts';
import { tryParseEmail } from './email.ts';

/** Counted as people count them, not as UTF-16 does. */
const newPassword = z
  .string()
  .refine((text) => [...text].length >= 12 && [...text].length <= 200, 'must have 12 to 200 characters');

export const registerBody = z.strictObject({
  email: z.string().transform((text, context): string => {
    const email = tryParseEmail(text);
    if (email !== undefined) return email;
    context.issues.push({ code: 'custom', message: 'must be an e-mail address', input: text });
    return z.NEVER;
  }),
  password: newPassword,
  name: line(1, 100).optional(),
});
export type RegisterBody = z.output<typeof registerBody>;

/** Takes whatever could once have been an account's: what is wrong with it is told as for a wrong password. */
export const loginBody = z.strictObject({ email: z.string().max(1000), password: z.string().max(1000) });
export type LoginBody = z.output<typeof loginBody>;

export const refreshBody = z.strictObject({ refreshToken: z.string().min(1).max(1000) });
export type RefreshBody = z.output<typeof refreshBody>;

export const logoutBody = refreshBody.partial().optional();
export type LogoutBody = z.output<typeof logoutBody>;

export interface UserView {
  readonly id: UserId;
  readonly email: string;
  readonly name: string | null;
}

export interface WorkspaceView {
  readonly id: WorkspaceId;
  readonly name: string;
}

export interface SessionTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Of the access token. */
  readonly expiresInMs: number;
}

export interface SessionView extends SessionTokens {
  readonly user: UserView;
  readonly workspace: WorkspaceView;
}

export interface MeView {
  readonly user: UserView;
  readonly workspace: WorkspaceView;
  readonly role: MemberRole;
}

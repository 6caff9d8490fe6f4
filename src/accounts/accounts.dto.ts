import { z } from 'zod';
import { MEMBER_ROLES } from '../platform/access/permissions.ts';
import { line } from '../platform/http/request-schema.ts';
import { tryParseEmail } from './email.ts';

/** As accounts keep it: see tryParseEmail. */
export const emailField = z
  .string()
  .transform((text, context): string => {
    const email = tryParseEmail(text);
    if (email !== undefined) return email;
    context.issues.push({ code: 'custom', message: 'must be an e-mail address', input: text });
    return z.NEVER;
  })
  .meta({ description: 'Compared without regard to case.', example: 'ada@example.com' });

export const roleField = z.enum(MEMBER_ROLES).meta({
  description: '`auditor` reads executions, their events and the audit, and nothing else.',
  example: 'editor',
});

/** Counted as people count them, not as UTF-16 does. */
const newPassword = z
  .string()
  .refine((text) => [...text].length >= 12 && [...text].length <= 200, 'must have 12 to 200 characters')
  .meta({ description: '12 to 200 characters.', example: 'correct horse battery' });

export const registerBody = z.strictObject({
  email: emailField,
  password: newPassword,
  name: line(1, 100).optional().meta({ description: '1 to 100 characters.', example: 'Ada Lovelace' }),
});
export type RegisterBody = z.output<typeof registerBody>;

/** Takes whatever could once have been an account's: what is wrong with it is told as for a wrong password. */
export const loginBody = z.strictObject({
  email: z.string().max(1000).meta({ example: 'ada@example.com' }),
  password: z.string().max(1000).meta({ example: 'correct horse battery' }),
  workspaceId: z.string().max(100).optional().meta({
    description: 'Which of the workspaces in `GET /v1/me`; default: the one that was joined first.',
    example: 'ws_01m85jgbmk',
  }),
});
export type LoginBody = z.output<typeof loginBody>;

const refreshToken = z.string().min(1).max(1000).meta({ example: 'g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s' });
export const refreshBody = z.strictObject({ refreshToken });
export type RefreshBody = z.output<typeof refreshBody>;

export const logoutBody = refreshBody.partial().optional();
export type LogoutBody = z.output<typeof logoutBody>;

const user = { id: 'usr_01m85jgbmk', email: 'ada@example.com', name: 'Ada Lovelace' };
const workspace = { id: 'ws_01m85jgbmk', name: "Ada Lovelace's workspace" };
const tokens = {
  accessToken: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMDFtODVqZ2JtayJ9.tYAsDkBgPPMQ0Xfxyd9u2VX1',
  refreshToken: 'g3Zr4aY8Zb1cM0v0bQwq3mE1mJm1yq0oO9p2wXkTn4s',
  expiresInMs: 900_000,
};

export const userView = z
  .object({ id: z.string(), email: z.string(), name: z.string().nullable() })
  .meta({ id: 'User', description: 'Somebody who logs in.', examples: [user] });
export type UserView = z.output<typeof userView>;

export const workspaceView = z
  .object({ id: z.string(), name: z.string() })
  .meta({ id: 'Workspace', description: 'What every object belongs to.', examples: [workspace] });

export const sessionTokens = z
  .object({
    accessToken: z.string().meta({ description: 'Goes into `Authorization: Bearer`.' }),
    refreshToken: z.string().meta({ description: 'Works once; a second use ends the login. Lasts 30 days.' }),
    expiresInMs: z.int().meta({ description: 'Of the access token.' }),
  })
  .meta({ id: 'SessionTokens', description: 'What a login goes on with.', examples: [tokens] });
export type SessionTokens = z.output<typeof sessionTokens>;

export const sessionView = z
  .object({ user: userView, workspace: workspaceView, ...sessionTokens.shape })
  .meta({ id: 'Session', description: 'A login.', examples: [{ user, workspace, ...tokens }] });
export type SessionView = z.output<typeof sessionView>;

const workspaceSeat = z.object({ ...workspaceView.shape, role: roleField });

export const meView = z
  .object({
    user: userView.nullable().meta({ description: 'Null for an API key.' }),
    apiKey: z
      .object({ id: z.string(), name: z.string() })
      .nullable()
      .meta({ description: 'The key that was sent; null for an access token.' }),
    workspace: workspaceView,
    role: roleField,
    workspaces: z.array(workspaceSeat).meta({
      description: 'Of the user, the one that was joined first in front, at most 100; empty for an API key.',
    }),
  })
  .meta({
    id: 'Me',
    description: 'Who calls, in which workspace, as what.',
    examples: [{ user, apiKey: null, workspace, role: 'owner', workspaces: [{ ...workspace, role: 'owner' }] }],
  });
export type MeView = z.output<typeof meView>;

import { z } from 'zod';
import { pageQuery } from '../platform/http/page.ts';
import { emailField, roleField } from './accounts.dto.ts';

export const addMemberBody = z.strictObject({ email: emailField, role: roleField });
export type AddMemberBody = z.output<typeof addMemberBody>;

export const changeMemberBody = z.strictObject({ role: roleField });
export type ChangeMemberBody = z.output<typeof changeMemberBody>;

export const listMembersQuery = z.strictObject(pageQuery);
export type ListMembersQuery = z.output<typeof listMembersQuery>;

export const memberView = z
  .object({
    userId: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    role: roleField,
    joinedAt: z.iso.datetime(),
  })
  .meta({
    id: 'Member',
    description: 'A user in a workspace.',
    examples: [
      {
        userId: 'usr_01m85jgbmk',
        email: 'ada@example.com',
        name: 'Ada Lovelace',
        role: 'editor',
        joinedAt: '2026-06-01T12:00:00.000Z',
      },
    ],
  });
export type MemberView = z.output<typeof memberView>;

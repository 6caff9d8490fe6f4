import type { Actor } from '#libs/event-sourcing';
import type { WorkspaceId } from '#libs/kernel';
import type { MemberRole } from './permissions.ts';

/** Who calls, in which workspace, as what. */
export interface Access {
  readonly actor: Actor;
  readonly workspaceId: WorkspaceId;
  readonly role: MemberRole;
}

/** Knows the caller by what stands behind `Bearer`; accounts implements it. */
export abstract class Authenticator {
  /**
   * Throws an `unauthenticated` MillraceError when the token opens nothing.
   *
   * @param beforeReading called before a read that anybody can cause, with a token that is made up; what it throws is
   *   thrown instead
   */
  abstract authenticate(token: string, beforeReading: () => void): Promise<Access>;
}

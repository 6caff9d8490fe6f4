import { EntityManager } from '@mikro-orm/postgresql';
import type { MemberRole } from '../../platform/access/permissions.ts';
import type { Answer, TestApp } from '../../platform/testing/test-app.ts';
import { meView, sessionView, type MeView, type SessionView } from '../accounts.dto.ts';
import { memberView, type MemberView } from '../members.dto.ts';

export const PASSWORD = 'correct horse battery';

/** What a refusal is matched against. */
export const problem = (status: number, code: string) => ({ status, body: { status, code } });

/** People of a test, each with an address that nobody else has. */
export class People {
  #count = 0;

  constructor(private readonly app: TestApp) {}

  newEmail(): string {
    return `person${++this.#count}@example.com`;
  }

  async register(email = this.newEmail()): Promise<SessionView> {
    const answer = await this.app.call('POST', '/v1/auth/register', { body: { email, password: PASSWORD } });
    return sessionView.parse(answer.body);
  }

  logIn(body: { email: string; password?: string; workspaceId?: string }, ip?: string): Promise<Answer> {
    const call = { body: { password: PASSWORD, ...body }, ...(ip !== undefined && { ip }) };
    return this.app.call('POST', '/v1/auth/login', call);
  }

  /** Somebody new in the workspace of `owner`, logged in there. */
  async join(owner: SessionView, role: MemberRole): Promise<SessionView> {
    const { user } = await this.register();
    await this.add(owner, user.email, role);
    const answer = await this.logIn({ email: user.email, workspaceId: owner.workspace.id });
    return sessionView.parse(answer.body);
  }

  async add(owner: SessionView, email: string, role: MemberRole): Promise<MemberView> {
    const answer = await this.app.call('POST', '/v1/members', { token: owner.accessToken, body: { email, role } });
    return memberView.parse(answer.body);
  }

  me(token: string): Promise<Answer> {
    return this.app.call('GET', '/v1/me', { token });
  }

  async whoIs(token: string): Promise<MeView> {
    return meView.parse((await this.me(token)).body);
  }

  sql(statement: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
    return this.app.nest.get(EntityManager).fork().execute(statement, values);
  }
}

import { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { createMigratedDatabase } from '../../test/support/migrated-database.ts';
import type { TestDatabase } from '../../test/support/servers.ts';
import type { EmailTemplateId, WorkspaceId } from '#libs/kernel';
import {
  emailTemplatesEntities,
  StoredTemplate,
  StoredTemplateVersion,
} from '../email-templates/email-templates.entities.ts';
import { StoredMailTemplates } from './stored-mail-templates.ts';

const workspaceId = 'ws_1' as WorkspaceId;
const id = 'tpl_1' as EmailTemplateId;
const latest = { workspaceId, id, version: undefined };

describe('mail templates in Postgres', () => {
  let database: TestDatabase;
  let orm: MikroORM;
  let em: EntityManager;
  let templates: StoredMailTemplates;
  let now: number;
  let queries: string[];

  beforeAll(async () => {
    database = await createMigratedDatabase();
    orm = await MikroORM.init({
      clientUrl: database.url,
      entities: emailTemplatesEntities,
      colors: false,
      debug: ['query'],
      logger: (message) => queries.push(message),
    });
    em = orm.em.fork();
  });
  afterAll(async () => {
    await orm.close();
    await database[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    [now, queries] = [1_000, []];
    templates = new StoredMailTemplates(orm.em, () => now);
    await em.execute(`truncate email_templates, email_template_versions, workspaces cascade`);
    await em.execute(
      `insert into workspaces (id, name, created_at) values ('ws_1', 'One', now()), ('ws_2', 'Two', now())`,
    );
    const createdAt = new Date();
    await em.insert(StoredTemplate, { id, workspaceId, name: 'x', latestVersion: 1, createdAt, updatedAt: createdAt });
    await publish(1);
    queries = [];
  });

  async function publish(version: number): Promise<void> {
    const written = { subject: `No. ${version}`, format: 'html' as const, source: 'x' };
    const compiled = { subject: written.subject, html: 'x', variables: [] };
    const row = { templateId: id, version, name: 'x', written, compiled, createdAt: new Date() };
    await em.insert(StoredTemplateVersion, row);
    await em.nativeUpdate(StoredTemplate, { id }, { latestVersion: version });
  }

  it('are read once a version, and asked for the latest once a second, however many ask at once', async () => {
    const [first, ...others] = await Promise.all(Array.from({ length: 50 }, () => templates.find(latest)));
    expect(first).toEqual({ version: 1, compiled: { subject: 'No. 1', html: 'x', variables: [] } });
    expect(others.every((other) => other === first)).toBe(true);
    expect(queries).toHaveLength(3);
    await publish(2);
    queries = [];
    now += 1_000;
    expect(await templates.find(latest)).toBe(first);
    expect(queries).toEqual([]);
    now += 1;
    expect(await templates.find(latest)).toMatchObject({ version: 2 });
    queries = [];
    now += 1_001;
    await templates.find(latest);
    expect(queries).toHaveLength(1);
  });

  it('are found at the version that is named, which is asked for once', async () => {
    await publish(2);
    expect(await templates.find({ ...latest, version: 1 })).toMatchObject({ version: 1 });
    queries = [];
    expect(await templates.find({ ...latest, version: 1 })).toMatchObject({ compiled: { subject: 'No. 1' } });
    expect(queries).toEqual([]);
  });

  it.each([
    { ...latest, version: 2 },
    { ...latest, workspaceId: 'ws_2' },
    { ...latest, workspaceId: 'ws_2', version: 1 },
    { ...latest, id: 'tpl_2' },
    { ...latest, id: 'nul\u0000' },
  ])('are not there: %j', async (named) => {
    await templates.find(latest);
    expect(await templates.find(named)).toBeUndefined();
  });

  it('come to be there after they were not', async () => {
    const second = { ...latest, version: 2 };
    expect(await templates.find(second)).toBeUndefined();
    await publish(2);
    expect(await templates.find(second)).toMatchObject({ version: 2 });
  });

  it('are unavailable while Postgres is', async () => {
    const clientUrl = 'postgres://nobody@127.0.0.1:1/none';
    const away = await MikroORM.init({ clientUrl, entities: emailTemplatesEntities, colors: false });
    const unreachable = new StoredMailTemplates(away.em);
    for (const named of [latest, { ...latest, version: 1 }])
      await expect(unreachable.find(named)).rejects.toMatchObject({
        kind: 'unavailable',
        code: 'DATABASE_UNAVAILABLE',
      });
    await away.close();
  });
});

import { MillraceError, type JsonObject, type WorkspaceId } from '#libs/kernel';
import { anyJsonObject, defineNodeType, type NodeType, type NodeTypes } from '#libs/node-kit';
import { BELL_TRIGGER } from '#libs/node-kit/testing';
import type { VerifyConfig } from '#libs/webhook-signatures';
import type { Config } from '../config/config.ts';
import { CheckDefinition } from './check-definition.ts';
import { CredentialDirectory } from './credential-directory.ts';
import { OperationDirectory, type KnownOperation } from './operation-directory.ts';
import { TemplateDirectory } from './template-directory.ts';

const nodeTypes: NodeTypes = new Map<string, NodeType>([
  [BELL_TRIGGER.type, BELL_TRIGGER],
  [
    'start',
    defineNodeType({
      type: 'start',
      kind: 'trigger',
      title: 'Start',
      description: 'Starts, and takes any config.',
      runs: 'trigger',
      configSchema: anyJsonObject(),
      outputsOf: () => ['main'],
    }),
  ],
]);

/** Every workspace has the credentials named. */
class FixedDirectory extends CredentialDirectory {
  readonly asked: string[][] = [];
  constructor(private readonly present: readonly string[]) {
    super();
  }

  override async missing(_workspaceId: WorkspaceId, ids: readonly string[]): Promise<readonly string[]> {
    this.asked.push([...ids]);
    return ids.filter((id) => !this.present.includes(id));
  }

  override async whyUnfit(_workspaceId: WorkspaceId, { scheme, credentialId }: VerifyConfig) {
    return credentialId === 'cr_unfit' ? `not for ${scheme}` : undefined;
  }
}

/** Every workspace has `tpl_1` with two versions. */
class FixedTemplates extends TemplateDirectory {
  override async latestVersions(_workspaceId: WorkspaceId, ids: readonly string[]): Promise<Map<string, number>> {
    return new Map(ids.filter((id) => id === 'tpl_1').map((id) => [id, 2]));
  }
}

class NoDocuments extends OperationDirectory {
  override find = async (): Promise<KnownOperation> => ({ kind: 'noDocument' });
}

const workspaceId = 'ws_1' as WorkspaceId;
const naming = (...credentialIds: string[]): object => ({
  name: 'x',
  nodes: credentialIds.map((credentialId, index) => ({
    id: `n${index}`,
    type: 'start',
    config: { verify: { credentialId } },
  })),
});
const checking = (directory: FixedDirectory, config: Pick<Config, 'mail'> = {}): CheckDefinition =>
  new CheckDefinition(nodeTypes, directory, new FixedTemplates(), new NoDocuments(), config);
const pathOf = (index: number): string => `nodes[${index}].config.verify.credentialId`;

describe('credentials that a definition names', () => {
  it('must be there, and each one that is not is told with its path', async () => {
    const directory = new FixedDirectory(['cr_1']);
    const checked = await checking(directory).check(workspaceId, {
      definition: naming('cr_2', 'cr_1', 'cr_2'),
    });
    const message = 'there is no credential "cr_2"';
    expect(checked).toEqual({
      kind: 'refused',
      problems: [
        { path: pathOf(0), message },
        { path: pathOf(2), message },
      ],
    });
    expect(directory.asked).toEqual([['cr_2', 'cr_1']]);
  });

  it('are looked for as they are after others took their places', async () => {
    const check = checking(new FixedDirectory(['cr_here']));
    const source = { definition: naming('cr_there'), path: 'workflow' };
    const accepted = await check.accept(workspaceId, { ...source, credentials: new Map([['cr_there', 'cr_here']]) });
    expect(accepted.definition.nodes[0]?.config).toEqual({ verify: { credentialId: 'cr_here' } });
    const refused = check.accept(workspaceId, source);
    await expect(refused).rejects.toMatchObject<Partial<MillraceError>>({
      kind: 'refused',
      code: 'INVALID_WORKFLOW',
      problems: [{ path: `workflow.${pathOf(0)}`, message: 'there is no credential "cr_there"' }],
    });
  });

  it('are not asked for when there are none', async () => {
    const directory = new FixedDirectory([]);
    const check = checking(directory);
    const definition = { name: 'x', nodes: [{ id: 'n', type: 'start' }] };
    expect(await check.check(workspaceId, { definition })).toMatchObject({ kind: 'accepted' });
    expect(directory.asked).toEqual([]);
  });

  it('may be gone when a version that was accepted becomes active', async () => {
    const check = checking(new FixedDirectory([]));
    const { definition } = await checking(new FixedDirectory(['cr_1'])).accept(workspaceId, {
      definition: naming('cr_1'),
    });
    await expect(check.ensureActivatable(workspaceId, definition)).rejects.toMatchObject({ code: 'INVALID_WORKFLOW' });
  });
});

describe('a trigger that a service calls', () => {
  const definitionWith = (config: JsonObject) => ({
    name: 'x',
    nodes: [
      { id: 'n', type: 'start', config: {} },
      { id: 'bell', type: 'trigger.bell', config },
    ],
    connections: [],
    settings: { priority: 'normal' as const },
  });
  const check = checking(new FixedDirectory(['cr_1', 'cr_unfit']));
  const problemsOf = async (config: JsonObject) => {
    const checked = await check.check(workspaceId, { definition: definitionWith(config) });
    return checked.kind === 'refused' ? checked.problems : [];
  };

  it('is good with a credential that verifies its calls, or where its URL is registered', async () => {
    expect(await problemsOf({ credentialId: 'cr_1' })).toEqual([]);
    expect(await problemsOf({ door: 'front' })).toEqual([]);
  });

  it('is refused where nobody could sign', async () => {
    const message =
      'nobody could sign its calls: name the credential that has the secret with which the service signs, or say where ' +
      'Millrace is to register the URL';
    expect(await problemsOf({})).toEqual([{ path: 'nodes[1].config', message }]);
  });

  it('is refused with a credential that is missing or does not fit', async () => {
    const path = 'nodes[1].config.credentialId';
    expect(await problemsOf({ credentialId: 'cr_2' })).toEqual([{ path, message: 'there is no credential "cr_2"' }]);
    expect(await problemsOf({ credentialId: 'cr_unfit' })).toEqual([{ path, message: 'not for github' }]);
  });

  it('becomes active only as this version of its type reads it', async () => {
    const unreadable: JsonObject[] = [{}, { door: 'front', rings: 7 }];
    await expect(check.ensureActivatable(workspaceId, definitionWith({ door: 'front' }))).resolves.toBeUndefined();
    for (const config of unreadable)
      await expect(check.ensureActivatable(workspaceId, definitionWith(config))).rejects.toMatchObject({
        problems: [{ path: 'nodes[1].config' }],
      });
  });
});

describe('email templates that a definition names', () => {
  const checked = (...templates: JsonObject[]) =>
    checking(new FixedDirectory([])).check(workspaceId, {
      definition: {
        name: 'x',
        nodes: templates.map((template, index) => ({ id: `n${index}`, type: 'start', config: { template } })),
      },
    });

  it('must be there, with the version', async () => {
    expect(await checked({ id: 'tpl_1', version: 3 }, { id: 'tpl_1', version: 2 }, { id: 'tpl_2' })).toEqual({
      kind: 'refused',
      problems: [
        { path: 'nodes[0].config.template.version', message: 'the email template has versions 1 to 2' },
        { path: 'nodes[2].config.template.id', message: 'there is no email template "tpl_2"' },
      ],
    });
  });

  it('are not looked for where an expression names them', async () => {
    expect(await checked({ id: '{{ vars.which }}', version: 9 })).toMatchObject({ kind: 'accepted' });
  });

  it('may be gone when a version that was accepted becomes active', async () => {
    const definition = {
      name: 'x',
      nodes: [{ id: 'n', type: 'start', config: { template: { id: 'tpl_2' } } }],
      connections: [],
      settings: { priority: 'normal' as const },
    };
    const activated = checking(new FixedDirectory([])).ensureActivatable(workspaceId, definition);
    await expect(activated).rejects.toMatchObject({ code: 'INVALID_WORKFLOW' });
  });
});

describe('a mail trigger', () => {
  const definition = {
    name: 'x',
    nodes: [{ id: 'in', type: 'trigger.email', config: {} }],
    connections: [],
    settings: { priority: 'normal' as const },
  };

  it('becomes active only where mail comes in', async () => {
    const mail = { domain: 'in.example.com', host: '127.0.0.1', port: 2525, relays: [] };
    const directory = new FixedDirectory([]);
    await expect(checking(directory).ensureActivatable(workspaceId, definition)).rejects.toMatchObject({
      kind: 'refused',
      code: 'MAIL_NOT_CONFIGURED',
      message: expect.stringContaining('MILLRACE_MAIL_DOMAIN') as unknown,
    });
    await expect(checking(directory, { mail }).ensureActivatable(workspaceId, definition)).resolves.toBeUndefined();
  });
});

describe('a problem of the whole', () => {
  it.each([
    [undefined, ''],
    ['workflow', 'workflow'],
  ])('of a definition at %j has the path %j', async (path, told) => {
    const source = { definition: { name: 'x'.repeat(1_048_577) }, ...(path === undefined ? {} : { path }) };
    const refused = checking(new FixedDirectory([])).accept(workspaceId, source);
    await expect(refused).rejects.toMatchObject({ problems: [{ path: told }] });
  });
});

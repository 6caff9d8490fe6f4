import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listed } from './listed.mjs';
import { filled, namesOf } from './names.mjs';

const HOME = join(import.meta.dirname, '../..');
const LIST = 'libs/connectors/src/index.ts';

describe('npm run new:connector', () => {
  let checkout: string;
  beforeEach(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'millrace-new-connector-'));
    for (const path of ['package.json', '.prettierrc.json', LIST]) await cp(join(HOME, path), join(checkout, path));
    await writeFile(
      join(checkout, LIST),
      "import type { Connector } from '#libs/connector-kit';\n\nexport const CONNECTORS: readonly Connector[] = [];\n",
    );
  });
  afterEach(() => rm(checkout, { recursive: true, force: true }));

  function run(...argv: readonly string[]) {
    return new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resolve) => {
      const program = join(HOME, 'scripts/new-connector.mjs');
      execFile(process.execPath, [program, ...argv], { cwd: checkout }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }

  async function filesIn(folder: string): Promise<readonly string[]> {
    const entries = await readdir(join(checkout, folder), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  }

  it('makes a folder with all that it says, and lists it', async () => {
    const { code, stdout } = await run('acme-crm', '--title', 'Acme CRM', '--host', 'api.acme.example');
    expect(code).toBe(0);
    const written = await filesIn('libs/connectors/acme-crm');
    expect(written.length).toBeGreaterThan(10);
    const told = stdout.split('\n').flatMap((line) => (line.startsWith('  ') ? [join(checkout, line.trim())] : []));
    expect(told.toSorted()).toEqual([...written, join(checkout, LIST)].toSorted());
    const texts = await Promise.all(written.map((path) => readFile(path, 'utf8')));
    expect(texts.filter((text) => /%\w+%/.test(text))).toEqual([]);
    expect(texts.join('')).toContain("type: 'acme-crm.item.get'");
    expect(texts.join('')).toContain("title: 'Acme CRM: get an item'");
    expect(texts.join('')).toContain("'https://api.acme.example'");
    expect(await readFile(join(checkout, LIST), 'utf8')).toBe(
      "import { acmeCrm } from '#libs/connectors/acme-crm';\nimport type { Connector } from '#libs/connector-kit';\n\n" +
        'export const CONNECTORS: readonly Connector[] = [acmeCrm];\n',
    );
  });

  it.each([
    [[], 'a name is missing'],
    [['Acme'], '"Acme" is no name'],
    [['a'], '"a" is no name'],
    [['../acme'], '"../acme" is no name'],
    [['acme-'], '"acme-" is no name'],
    [['acme', 'crm'], 'one name, and not also "crm"'],
    [['acme', '--title', "Ada's"], 'the title has'],
    [['acme', '--host', 'https://api.acme.example'], 'is no host'],
    [['acme', '--colour', 'red'], "Unknown option '--colour'"],
    [['src'], '"src" means something else already'],
    [['delete'], '"delete" means something else already'],
    [['http'], '"http" means something else already'],
  ])('refuses %j', async (argv, message) => {
    const { code, stderr } = await run(...argv);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) as string });
    expect(await filesIn('libs/connectors')).toEqual([join(checkout, LIST)]);
  });

  it('leaves a connector alone that is there', async () => {
    await run('acme');
    const path = join(checkout, 'libs/connectors/acme/README.md');
    await writeFile(path, 'mine');
    const { code, stderr } = await run('acme');
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain('libs/connectors/acme is there already');
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  it('refuses to write where Millrace is not', async () => {
    await writeFile(join(checkout, 'package.json'), '{"name":"other"}');
    expect((await run('acme')).stderr).toContain('is no checkout of Millrace');
    await rm(join(checkout, 'package.json'));
    expect((await run('acme')).code).toBe(2);
    expect(await filesIn('libs/connectors')).toEqual([join(checkout, LIST)]);
  });

  it('refuses a list that it does not know, before it writes anything', async () => {
    await writeFile(join(checkout, LIST), 'export const CONNECTORS = load();\n');
    expect((await run('acme')).stderr).toContain('has no list');
    expect(await filesIn('libs/connectors')).toEqual([join(checkout, LIST)]);
  });
});

describe('what the templates are filled with', () => {
  it('follows from the name', () => {
    expect(namesOf({ name: 'acme-crm2' })).toEqual({
      name: 'acme-crm2',
      title: 'Acme Crm2',
      host: 'api.acme-crm2.example',
      camel: 'acmeCrm2',
      CODE: 'ACME_CRM2',
    });
  });

  it('takes the place of its name, and nothing else', () => {
    expect(filled('%name% %other% 100%', { name: 'acme' })).toBe('acme %other% 100%');
  });

  it('joins a list in its order', () => {
    const source = 'export const CONNECTORS: readonly Connector[] = [\n  github,\n  slack,\n];\n';
    expect(listed(source, { name: 'jira', camel: 'jira' })).toContain('= [github, jira, slack];');
  });
});

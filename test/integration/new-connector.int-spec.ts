import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const HOME = join(import.meta.dirname, '../..');
const COPIED = [
  'libs',
  '.config',
  'package.json',
  'tsconfig.json',
  'test/tsconfig.json',
  'test/support',
  '.prettierrc.json',
];
const MADE = ['libs/connectors/acme-crm', 'libs/connectors/src'];
const MOST_OUTPUT_BYTES = 64 * 1_048_576;

const jestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** What a connector may get wrong, by the change to a new one and the test that must see it. */
const MISTAKES: readonly (readonly [name: string, file: string, from: string, to: string, test: string])[] = [
  ['mute', 'src/actions/get-item.ts', "title: 'Item', description: 'Its id.',", '', 'says what each field is for'],
  ['sentence', 'src/actions/get-item.ts', 'as Sentence has it.', 'as Sentence has it', 'says what each field is for'],
  ['example', 'src/actions/get-item.ts', "itemId: '{{ trigger.body.itemId }}'", 'item: 1', 'has examples'],
  [
    'junk',
    'src/define-action.ts',
    "outputsOf: () => ['main']",
    'outputsOf: (config) => [String(config.credentialId.length)]',
    'makes something of any config',
  ],
  ['readme', 'README.md', '`readme.item.get`', 'item', 'names each of its types'],
  [
    'repeats',
    'src/credentials.ts',
    ".regex(/^[\\x21-\\x7e]*$/, 'must hold visible ASCII characters only, and no spaces')",
    '.refine((text) => !text.includes(" "), { error: (issue) => `not ${String(issue.input)}` })',
    'refuses data without repeating it',
  ],
  [
    'shown',
    'src/credentials.ts',
    'secretsOf: ({ token }) => [token]',
    'secretsOf: () => []',
    'has an example with a secret',
  ],
  [
    'strict',
    'src/define-action.ts',
    'const drift = driftOf(answer, data);',
    'answer.parse(data);\n const drift = driftOf(answer, data);',
    'goes on when id',
  ],
  ['blind', 'src/actions/item-answer.ts', 'id: z.string(), ', '', 'goes on when id'],
  ['codes', 'src/failures.ts', "404: 'CODES_NOT_FOUND',", '', 'notFound has its code'],
  [
    'leaks',
    'src/client.ts',
    'url: `${apiUrl}${path}`',
    'url: `${apiUrl}${path}?token=${token}`',
    'gives what was recorded',
  ],
  [
    'tells',
    'src/failures.ts',
    "messageIn: (data) => textIn(data, 'message')",
    "messageIn: (data) => textIn(data, 'message')?.concat(' token-of-the-spec')",
    'tells no secret',
  ],
  [
    'deaf',
    'src/client.ts',
    'signal: attempt.signal',
    'signal: new AbortController().signal',
    'sends nothing for an attempt that is over',
  ],
  [
    'anywhere',
    'src/client.ts',
    'mayBeSentTo: isOfHost([new URL(apiUrl).hostname], allowedHosts)',
    'mayBeSentTo: () => isOfHost([new URL(apiUrl).hostname], allowedHosts) !== undefined',
    'to no host that it is not for',
  ],
  [
    'uncounted',
    'src/define-action.ts',
    'quotasOf: (config) => [{ key: `${config.credentialId}@uncounted`, ...LIMIT }],',
    'quotasOf: () => [{ key: "uncounted", ...LIMIT }],',
    'is counted and held back',
  ],
  [
    'throws',
    'src/trigger/receive.ts',
    "!isJsonObject(body) || typeof body.type !== 'string'",
    '(body as { type: string }).type.trim() === ""',
    'makes something of any call',
  ],
  [
    'unsigned',
    'src/trigger/trigger.ts',
    "{ scheme: 'standard-webhooks', credentialId: secretCredentialId }",
    "{ scheme: 'standard-webhooks', ...(secretCredentialId ? {} : {}) }",
    'takes signed calls alone',
  ],
  ['keyless', 'src/trigger/receive.ts', '{ key: id }', '{}', 'means what was recorded: an event'],
];

describe('a new connector, and what its contract suite sees', () => {
  let checkout: string;
  beforeAll(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'millrace-connectors-'));
    for (const path of COPIED) await cp(join(HOME, path), join(checkout, path), { recursive: true });
    await symlink(join(HOME, 'node_modules'), join(checkout, 'node_modules'));
    await make('acme-crm', '--title', 'Acme CRM');
  }, 60_000);
  afterAll(() => rm(checkout, { recursive: true, force: true }));

  function run(...argv: readonly string[]) {
    return new Promise<{ readonly code: number; readonly output: string }>((resolve) => {
      const options = { cwd: checkout, maxBuffer: MOST_OUTPUT_BYTES };
      execFile(process.execPath, argv, options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
      });
    });
  }

  async function make(...argv: readonly string[]): Promise<void> {
    const { code, output } = await run(join(HOME, 'scripts/new-connector.mjs'), ...argv);
    if (code !== 0) throw new Error(output);
  }

  const good = { code: 0, output: expect.any(String) as string };

  it('has types', async () => {
    const project = { extends: './test/tsconfig.json', compilerOptions: { rootDir: '.' } };
    await writeFile(join(checkout, 'tsconfig.new.json'), JSON.stringify({ ...project, include: MADE }));
    const tsc = 'node_modules/typescript/bin/tsc';
    expect(await run(tsc, '--noEmit', '-p', 'tsconfig.new.json')).toEqual({ code: 0, output: '' });
  }, 120_000);

  it('is written and formatted as the house is', async () => {
    const eslint = ['node_modules/eslint/bin/eslint.js', '-c', '.config/eslint.mjs', '--max-warnings', '0'];
    expect(await run(...eslint, ...MADE)).toEqual({ code: 0, output: '' });
    expect(await run('node_modules/prettier/bin/prettier.cjs', '--check', ...MADE)).toEqual(good);
  }, 120_000);

  it('keeps to its boundaries', async () => {
    // The packages are a link here, and their places as they are written there are what the rules name.
    const config = [
      "import rules from './.config/dependency-cruiser.mjs';",
      'export default { ...rules, options: { ...rules.options, preserveSymlinks: true } };',
    ];
    await writeFile(join(checkout, 'rules.mjs'), config.join('\n'));
    const cruise = 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs';
    expect(await run(cruise, '--config', 'rules.mjs', ...MADE)).toEqual(good);
  }, 120_000);

  it('passes the contract suite, which sees each mistake', async () => {
    for (const [name, file, from, to] of MISTAKES) {
      await make(name);
      const path = join(checkout, 'libs/connectors', name, file);
      const text = await readFile(path, 'utf8');
      if (!text.includes(from)) throw new Error(`${file} of a new connector has no ${from}`);
      await writeFile(path, text.replace(from, to));
    }
    const report = join(checkout, 'report.json');
    const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
    const of = ['--config', '.config/jest.mjs', '--selectProjects', 'unit', '--json', `--outputFile=${report}`];
    // One of the mistakes is a request that nothing ends.
    const ends = ['--forceExit', '--testTimeout=10000', '--reporters=default'];
    await run(...jest, ...of, ...ends, '--testPathPatterns', 'connectors/.*/contract.spec');
    const { testResults } = jestReport.parse(JSON.parse(await readFile(report, 'utf8')));
    const failedOf = (name: string): readonly string[] => {
      const [suite] = testResults.filter((one) => one.name.includes(`/connectors/${name}/`));
      if (!suite || suite.assertionResults.length === 0) throw new Error(`${name}: ${suite?.message ?? 'no result'}`);
      return suite.assertionResults.flatMap(({ status, fullName }) => (status === 'passed' ? [] : [fullName]));
    };
    expect(failedOf('acme-crm')).toEqual([]);
    const unseen = MISTAKES.filter(([name, , , , test]) => !failedOf(name).some((failed) => failed.includes(test)));
    expect(unseen.map(([name, , , , test]) => `${name}: ${test}`)).toEqual([]);
  }, 240_000);
});

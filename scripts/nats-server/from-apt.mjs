// Debian and Ubuntu carry nats-server, but their stable releases an old one. A newer suite's package is asked from the
// mirror that the system itself uses, verified with the system's own keys, and unpacked; nothing is installed, and
// apt's own state is not touched.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chooseSource, parseListFile, parseOsRelease, parseSourcesFile } from './apt-sources.mjs';

const run = promisify(execFile);

/** Newest first is wrong here: the suite that becomes the next stable release is the steadier one. */
const SUITES = { debian: ['forky', 'sid'], ubuntu: ['stonking', 'devel'] };
const COMPONENT = { debian: 'main', ubuntu: 'universe' };
const MOVING_NAMES = ['stable', 'oldstable', 'testing', 'unstable', 'sid'];

/**
 * Hands each nats-server it can get to `accept`, until that takes one.
 * @param {(binary: string) => Promise<boolean>} accept
 * @returns {Promise<string | undefined>} why not; undefined when one was accepted
 */
export async function fetchFromApt(accept) {
  if (!(await succeeds('apt-get', ['--version']))) return 'there is no apt-get here';
  const os = parseOsRelease(await readFile('/etc/os-release', 'utf8').catch(() => ''));
  const family = [os.ID, ...(os.ID_LIKE ?? '').split(' ')].find((name) => name in SUITES);
  if (!family) return `the system is neither Debian nor Ubuntu (${os.ID ?? 'it does not say what it is'})`;
  const releases = [os.VERSION_CODENAME, os.UBUNTU_CODENAME, os.DEBIAN_CODENAME, ...MOVING_NAMES].filter(Boolean);
  const source = chooseSource(await readSystemSources(), releases);
  if (!source) return 'no apt source of the system itself was found';

  const reasons = [];
  for (const suite of SUITES[family]) {
    const reason = await trySuite({ family, suite, source }, accept);
    if (reason === undefined) return undefined;
    reasons.push(`suite ${suite}: ${reason}`);
  }
  return reasons.join('; ');
}

async function readSystemSources() {
  const folder = '/etc/apt/sources.list.d';
  const names = (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
  const files = ['/etc/apt/sources.list', ...names].filter(
    (name) => /\.(list|sources)$/.test(name) && existsSync(name),
  );
  const parsed = files.map(async (name) => {
    const text = await readFile(name, 'utf8');
    return name.endsWith('.sources') ? parseSourcesFile(text) : parseListFile(text);
  });
  return (await Promise.all(parsed)).flat();
}

async function trySuite(wanted, accept) {
  const home = await mkdtemp(join(tmpdir(), 'millrace-apt-'));
  try {
    const options = await preparePrivateApt(home, wanted);
    await run('apt-get', [...options, 'update'], { cwd: home, timeout: 120_000 });
    await run('apt-get', [...options, 'download', 'nats-server'], { cwd: home, timeout: 120_000 });
    const unpacked = join(home, 'unpacked');
    await run('dpkg-deb', ['-x', await findPackage(home), unpacked]);
    const binary = ['usr/sbin', 'usr/bin'].map((place) => join(unpacked, place, 'nats-server')).find(existsSync);
    if (!binary) return 'the package holds no nats-server';
    return (await accept(binary)) ? undefined : 'its nats-server is too old, or does not run here';
  } catch (error) {
    return reasonOf(error);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function findPackage(home) {
  const name = (await readdir(home)).find((file) => file.endsWith('.deb'));
  if (!name) throw new Error('no package was downloaded');
  return join(home, name);
}

/** An apt with one source and a state of its own, which takes nothing unsigned and does not pass over errors. */
async function preparePrivateApt(home, { family, suite, source }) {
  for (const folder of ['lists/partial', 'cache/archives/partial'])
    await mkdir(join(home, folder), { recursive: true });
  await writeFile(join(home, 'status'), '');
  const keyring = [source.signedBy, `/usr/share/keyrings/${family}-archive-keyring.gpg`].find(
    (path) => path && existsSync(path),
  );
  const stanza = [
    'Types: deb',
    `URIs: ${source.uri}`,
    `Suites: ${suite}`,
    `Components: ${COMPONENT[family]}`,
    // Without a keyring of its own, apt verifies with the keys that the system trusts for everything.
    ...(keyring ? [`Signed-By: ${keyring}`] : []),
  ];
  await writeFile(join(home, 'suite.sources'), `${stanza.join('\n')}\n`);
  const settings = [
    `Dir::State=${home}`,
    `Dir::State::Lists=${join(home, 'lists')}`,
    `Dir::State::status=${join(home, 'status')}`,
    `Dir::Cache=${join(home, 'cache')}`,
    `Dir::Etc::SourceList=${join(home, 'suite.sources')}`,
    'Dir::Etc::SourceParts=-',
    'Acquire::Languages=none',
    'Acquire::AllowInsecureRepositories=false',
    'APT::Get::AllowUnauthenticated=false',
    'APT::Update::Error-Mode=any',
    'APT::Sandbox::User=root', // the folder is readable by its owner alone
  ];
  return ['-qq', ...settings.flatMap((setting) => ['-o', setting])];
}

async function succeeds(command, args) {
  try {
    await run(command, args);
    return true;
  } catch {
    return false;
  }
}

/** Of all that apt says, the first error; the ones after it are consequences. */
function reasonOf(error) {
  const lines = (error.stderr?.trim() || error.message).split('\n');
  return lines.find((line) => line.startsWith('E: ')) ?? lines.at(-1);
}

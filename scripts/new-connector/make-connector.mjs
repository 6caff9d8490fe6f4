import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listed } from './listed.mjs';
import { filled, namesOf, Refused } from './names.mjs';

const TEMPLATES = fileURLToPath(new URL('templates/', import.meta.url));
const SUFFIX = '.tmpl';
const LIST = 'libs/connectors/src/index.ts';

/**
 * Makes a connector in a checkout, and adds it to the list; writes nothing when it refuses. Gives the paths of what was written.
 * @param {string} root
 * @param {{name?: string, title?: string, host?: string}} asked
 */
export async function makeConnector(root, asked) {
  const names = namesOf(asked);
  await ensureCheckout(root);
  const folder = join('libs/connectors', names.name);
  if (existsSync(join(root, folder))) throw new Refused(`${folder} is there already`);
  const prettier = await import('prettier');
  const format = async (path, text) => {
    const options = await prettier.resolveConfig(join(root, 'package.json'));
    return prettier.format(text, { ...options, filepath: path });
  };
  const files = await Promise.all(
    (await templates()).map(async (template) => {
      const path = join(folder, filled(relative(TEMPLATES, template), names).slice(0, -SUFFIX.length));
      return { path, text: await format(path, filled(await readFile(template, 'utf8'), names)) };
    }),
  );
  const list = await format(LIST, listed(await readFile(join(root, LIST), 'utf8'), names));
  await writeAll(root, folder, files);
  await writeFile(join(root, LIST), list);
  return [...files.map(({ path }) => path).toSorted(), LIST];
}

async function ensureCheckout(root) {
  const manifest = await readFile(join(root, 'package.json'), 'utf8').then(JSON.parse, () => undefined);
  if (manifest?.name !== 'millrace' || !existsSync(join(root, LIST)))
    throw new Refused(`${root} is no checkout of Millrace`);
}

async function templates() {
  const entries = await readdir(TEMPLATES, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The folder is new, so nothing that was there is lost when it is taken away again. */
async function writeAll(root, folder, files) {
  await mkdir(join(root, folder));
  try {
    for (const { path, text } of files) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text, { flag: 'wx' });
    }
  } catch (error) {
    await rm(join(root, folder), { recursive: true, force: true });
    throw error;
  }
}

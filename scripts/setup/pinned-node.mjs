import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { isAtLeast, parseVersion } from '../nats-server/version.mjs';

const LINK = 'node_modules/.bin/node';
/** MikroORM and jest need what came with it. */
const FLOOR = [24, 15, 0];

/**
 * Puts the pinned Node, which comes as a package for each platform, first on the PATH of npm's scripts. npm 10 drops that
 * link, as the packages of all platforms share the name `node`; so it is made here. Where the pinned one does not run,
 * the caller's own must be new enough.
 */
export function linkPinnedNode() {
  const packaged = ['node', 'node-bin']
    .map((prefix) => `${prefix}-${process.platform}-${process.arch}`)
    .find((name) => existsSync(`node_modules/${name}/bin/node`));
  if (packaged && !existsSync(LINK)) {
    mkdirSync('node_modules/.bin', { recursive: true });
    rmSync(LINK, { force: true }); // a dangling one
    symlinkSync(`../${packaged}/bin/node`, LINK);
  }
  if (isNewEnough(versionOfNode(LINK))) return;
  rmSync(LINK, { force: true });
  const own = versionOfNode('node');
  if (isNewEnough(own)) return;
  throw new Error(
    `Node ${FLOOR.join('.')} or newer is needed. The one that comes with this project ` +
      `${packaged ? 'does not run on this machine' : `does not exist for ${process.platform} on ${process.arch}`}, ` +
      `and the one on PATH is ${own?.join('.') ?? 'not there'}. Install a newer Node, and try again.`,
  );
}

function isNewEnough(version) {
  return version !== undefined && isAtLeast(version, FLOOR);
}

function versionOfNode(command) {
  return parseVersion(spawnSync(command, ['-v'], { encoding: 'utf8' }).stdout ?? '');
}

// Runs before `npm start`, `npm test` and the like, on any Node from 20 on and with nothing installed: brings what is
// missing or out of date, and is quick when nothing is. Everything it says goes to stderr.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureNatsServer } from './nats-server.mjs';
import { build, buildIsFresh } from './setup/build.mjs';
import { installPackages, packagesAreInstalled } from './setup/packages.mjs';
import { linkPinnedNode } from './setup/pinned-node.mjs';
import { withProgress } from './setup/progress.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

/** The demo and the doctor talk to a server that runs already, a replay to none. */
const WITHOUT_NATS_SERVER = new Set(['predemo', 'predoctor', 'prereplay']);

/** `npm start` against servers of one's own needs none of ours. */
function needsNatsServer({ npm_lifecycle_event: event, NATS_URL: natsUrl }) {
  return !WITHOUT_NATS_SERVER.has(event) && !(event === 'prestart' && natsUrl);
}

function needsBuild({ npm_lifecycle_event: event }) {
  return event !== 'predemo';
}

async function setUp(env) {
  if (!packagesAreInstalled()) await withProgress('Installing packages', installPackages);
  linkPinnedNode();
  if (needsNatsServer(env)) await withProgress('Getting a nats-server', () => ensureNatsServer(env));
  if (needsBuild(env) && !buildIsFresh()) await withProgress('Building', build);
}

try {
  await setUp(process.env);
} catch (error) {
  process.stderr.write(`\nThe setup stopped: ${error.message}\n`);
  process.exitCode = 1;
}

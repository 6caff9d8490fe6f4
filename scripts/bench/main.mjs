// `npm run bench`: measures a Millrace that it starts itself, with servers and data of its own, and ends all of it.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppProcess } from './app-process.mjs';
import { LoadProcess } from './load-process.mjs';
import { describeMachine, describeVersions } from './machine.mjs';
import { NODE_FLAGS } from '../node-flags.mjs';
import { parseOptions, USAGE, UsageError } from './options.mjs';
import { runConnectors, runConnectorsScaled } from './connectors.mjs';
import { runCron } from './cron.mjs';
import { runEngine } from './engine.mjs';
import { runFair } from './fair.mjs';
import { runHistory } from './history.mjs';
import { runHooks } from './hooks.mjs';
import { runApi } from './api.mjs';
import { runLag } from './lag.mjs';
import { runMail, runMailIn } from './mail.mjs';
import { runRebuild } from './rebuild.mjs';
import { runW1, runW1Total } from './w1.mjs';
import { runW1Overload } from './w1-overload.mjs';
import { runW2 } from './w2.mjs';

const BENCHES = {
  w1: ({ total }) => (total === undefined ? runW1 : runW1Total),
  'w1-overload': () => runW1Overload,
  w2: () => runW2,
  idle50: () => runW1,
  api: () => runApi,
  fair: () => runFair,
  engine: () => runEngine,
  history: () => runHistory,
  hooks: () => runHooks,
  rebuild: () => runRebuild,
  lag: () => runLag,
  cron: () => runCron,
  mail: () => runMail,
  'mail-in': () => runMailIn,
  connectors: () => runConnectors,
  'connectors-scaled': () => runConnectorsScaled,
};

/** Where not all of them: nobody works off what is accepted, or others do. */
const ROLES = {
  hooks: 'api,projector',
  rebuild: 'api,projector',
  'mail-in': 'api,projector,mail',
  'connectors-scaled': 'api,projector,scheduler',
};

process.chdir(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Runs one bench on a system of its own; false when a result shows something wrong. */
async function runOn(sync, options, signal) {
  const profileDir = options.cpuProf ? mkdtempSync(join(tmpdir(), 'millrace-profile-')) : undefined;
  const tell = (text) => process.stderr.write(`${options.bench} (sync ${sync}): ${text}\n`);
  const started = [];
  let isRight = true;
  try {
    tell('starting the servers');
    const load = await LoadProcess.start((process) => started.push(process));
    const app = await AppProcess.start({ sync, profileDir, roles: ROLES[options.bench] }, (process) =>
      started.push(process),
    );
    const machine = describeMachine(app.dir);
    const versions = describeVersions(app.pid);
    signal.throwIfAborted();
    const system = { app, load, options, signal, tell };
    for await (const { settings, figures, isWrong } of BENCHES[options.bench](options)(system)) {
      isRight &&= !isWrong;
      if (isWrong) tell('WRONG: see `counts` or `isComplete` in the figures');
      const common = { bench: options.bench, at: new Date().toISOString(), machine, versions };
      print({
        ...common,
        settings: { sync, ...settings, warmupSeconds: options.warmupSeconds, nodeFlags: describeNodeFlags() },
        figures,
      });
    }
    const complaints = app.complaints();
    if (complaints) tell(`the app complained:\n${complaints}`);
  } finally {
    tell('stopping');
    for (const process of started.reverse()) await process.stop(options);
    if (profileDir) tell(`CPU profile in ${profileDir}`);
  }
  return isRight;
}

/** They decide how much memory Node takes before it collects. */
function describeNodeFlags() {
  return [...NODE_FLAGS, process.env.NODE_OPTIONS ?? ''].join(' ').trim();
}

function print(result) {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function main() {
  if (process.platform !== 'linux') throw new UsageError('the bench reads /proc, so it needs Linux');
  if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
    process.stderr.write(`${USAGE}\n`);
    return 0;
  }
  const options = parseOptions(process.argv.slice(2));
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => interruption.abort());
  // Nobody reads the results any more; what was started must end all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interruption.abort());
  try {
    return await runAll(options, interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    process.stderr.write('interrupted\n');
    return 130;
  }
}

async function runAll(options, signal) {
  let isRight = true;
  for (const sync of options.sync) isRight = (await runOn(sync, options, signal)) && isRight;
  return isRight ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    const isUsage = error instanceof UsageError;
    process.stderr.write(isUsage ? `${error.message}\n\n${USAGE}\n` : `${error.stack ?? error}\n`);
    process.exitCode = isUsage ? 2 : 1;
  },
);

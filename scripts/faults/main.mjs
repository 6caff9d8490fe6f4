// `npm run test:faults`: what a Millrace of several processes makes of faults while calls come in; see options.mjs.
import { setTimeout as delay } from 'node:timers/promises';
import { createActiveWorkflow, registerAccount } from '../account.mjs';
import { ACTS } from './acts.mjs';
import { check, linesOf } from './check.mjs';
import { parseOptions, USAGE, UsageError } from './options.mjs';
import { readDeadLetters, readHistories, readListed } from './read-all.mjs';
import { watchRecovery } from './recovery.mjs';
import { Sender } from './sender.mjs';
import { Sink } from './sink.mjs';
import { System } from './system.mjs';
import { nodesFor, ordersPostingTo } from './workflow.mjs';

/** Nothing goes on for longer than this, nor is an act begun that might. */
const WHOLE_RUN_MS = 570_000;
const LAST_ACT_ENDS_BY_MS = 450_000;
const CALM_MS = 5_000;
const DRAINS_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 200;
const CHECKS = 6;
const BETWEEN_CHECKS_MS = 5_000;

const startedAt = performance.now();
const elapsedMs = () => performance.now() - startedAt;
const say = (text = '') => process.stdout.write(`${text}\n`);
const tell = (text) => say(`${clock(elapsedMs())}  ${text}`);

/** Ends with the exit code. */
async function run(options, signal) {
  await using ends = new AsyncDisposableStack();
  const sink = await Sink.start();
  ends.defer(() => sink.stop());
  const system = new System(options);
  ends.defer(async () => {
    await system.stop();
    tell(`all processes ended${options.keep ? `; kept, with its disk mounted: ${system.dir}` : ''}`);
  });
  await system.start();
  signal.throwIfAborted();
  tell(`started: ${system.parts.map(({ name, pid }) => `${name} (${pid})`).join(', ')}`);

  const { client } = await registerAccount(system.url);
  const { hookUrl } = await createActiveWorkflow(client, ordersPostingTo(sink.url));
  await untilAnswers(hookUrl, signal);
  const sender = new Sender({ hookUrl, rate: options.rate, sink });
  ends.defer(() => sender.stop());
  const stage = { system, sender, sink, client, signal };
  sender.start();
  tell(`calling the webhook ${options.rate} times/s`);

  const failures = [];
  for (const name of options.acts) failures.push(...(await perform(name, stage)));
  await delay(CALM_MS, undefined, { signal });
  await drain(stage, failures);
  const wrong = await checkAll(stage);
  return conclude([...failures, ...wrong]);
}

/** One act and what came of it; gives what is wrong. */
async function perform(name, stage) {
  const { system, sender, signal } = stage;
  const act = ACTS[name];
  const leftOut = act.leftOut?.(system) ?? (isTooLate(act) ? 'there is no time left for it' : undefined);
  if (leftOut) {
    tell(`left out: ${name}: ${leftOut}`);
    return [];
  }
  await delay(CALM_MS, undefined, { signal });
  const before = countsOf(sender);
  const hold = (seconds) => delay(seconds * 1000, undefined, { signal });
  const done = await act.run({ system, hold, accepted: () => sender.accepted.length });
  const endedAt = performance.now();
  const meanwhile = countsOf(sender);
  const recovery = await watchRecovery(stage, endedAt);
  const during = Object.entries(meanwhile).map(([what, count]) => `${count - before[what]} ${what}`);
  const after = Object.entries(recovery).map(([what, ms]) => `${what} ${secondsOf(ms)}`);
  tell(`${name}: ${done}; meanwhile ${during.join(', ')}; after it ${after.join(', ')}`);
  return Object.entries(recovery).flatMap(([what, ms]) =>
    ms === undefined ? [`${name}: not ${what} within a minute`] : [],
  );
}

/** No new orders; waits until all were accepted and have come to the sink. */
async function drain({ sender, signal }, failures) {
  sender.pause();
  tell(`no new orders; ${sender.orders - sender.accepted.length} of ${sender.orders} are still to be accepted`);
  const deadline = performance.now() + DRAINS_WITHIN_MS;
  const isDrained = () => sender.isAllAccepted && sender.owedSince() === 0;
  while (!isDrained() && performance.now() < deadline) await delay(LOOK_EVERY_MS, undefined, { signal });
  if (!sender.isAllAccepted) failures.push('not all orders were accepted in the end');
  sender.stop();
}

/** Reads everything, again when something is not there yet. */
async function checkAll({ system, sender, sink, client, signal }) {
  for (let look = 1; ; look += 1) {
    await delay(BETWEEN_CHECKS_MS, undefined, { signal });
    const rows = check(
      {
        accepted: sender.accepted,
        histories: await readHistories(system.natsUrl),
        listed: await readListed(client),
        keysOf: sink.keysOf,
        deadLetters: await readDeadLetters(client),
      },
      nodesFor,
    );
    const wrong = rows.flatMap((row) => row.wrong);
    if (wrong.length > 0 && look < CHECKS) continue;
    const { refused, broken, accepted } = sender;
    tell(`${accepted.length} calls accepted, ${refused} refused, ${broken} broken; ${sink.calls} calls of the sink`);
    for (const line of linesOf(rows)) say(line);
    return wrong;
  }
}

function conclude(wrong) {
  say(wrong.length === 0 ? 'nothing lost, nothing twice' : `WRONG:\n  ${wrong.slice(0, 50).join('\n  ')}`);
  return wrong.length === 0 ? 0 : 1;
}

/** Routes reach the api's memory a moment after the activation; a wrong method asks without starting anything. */
async function untilAnswers(hookUrl, signal) {
  for (;;) {
    const response = await fetch(hookUrl, { method: 'DELETE', signal });
    await response.arrayBuffer();
    if (response.status === 405) return;
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}

function listOfActs() {
  return Object.entries(ACTS)
    .map(([name, { summary }]) => `${name.padEnd(18)} ${summary}`)
    .join('\n');
}

function isTooLate({ seconds }) {
  return elapsedMs() + CALM_MS + seconds * 1000 > LAST_ACT_ENDS_BY_MS;
}

function countsOf({ accepted, refused, broken }) {
  return { accepted: accepted.length, refused, broken };
}

function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function secondsOf(ms) {
  return ms === undefined ? 'never' : `${(ms / 1000).toFixed(1)} s`;
}

async function main() {
  const options = parseOptions(process.argv.slice(2));
  if (options.help || options.list) {
    say(options.help ? USAGE : listOfActs());
    return 0;
  }
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => interruption.abort());
  const late = AbortSignal.timeout(WHOLE_RUN_MS);
  try {
    return await run(options, AbortSignal.any([interruption.signal, late]));
  } catch (error) {
    if (!interruption.signal.aborted && !late.aborted) throw error;
    say(interruption.signal.aborted ? 'interrupted' : 'WRONG: not done within ten minutes');
    return interruption.signal.aborted ? 130 : 1;
  }
}

main().then(
  (code) => process.exit(code),
  (error) => {
    const isUsage = error instanceof UsageError;
    process.stderr.write(isUsage ? `${error.message}\n\n${USAGE}\n` : `${error.stack ?? error}\n`);
    process.exit(isUsage ? 2 : 1);
  },
);

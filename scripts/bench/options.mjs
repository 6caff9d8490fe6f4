import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- w1 | w1-overload | w2 | idle50 | api | fair | engine | history | hooks | rebuild | lag | cron | mail | mail-in | connectors | connectors-scaled [options]

  w1            closed loop: each slot calls the webhook of examples/big-orders.json again when its last order reached the sink
  w1-overload   slots wait for the acknowledgement alone, then the backlog drains and is counted
  w2            executions of ten sequential nodes, \`set\` then \`noop\`, without and with retries and time-outs
  idle50        w1 --rate 50
  api           creating and reading workflows of twenty nodes, then lists of executions with every filter, with a million stored
  engine        large executions: a loop over ten thousand items, a thousand branches that join
  history       histories of 10,000 and 20,000 events: states in the past, exports, replays
  hooks         calls that are accepted, with no worker there; then with 10 and with 100,000 webhooks in the table
  rebuild       a million commits in the log, applied again beside the live read models, which are compared and replaced
  lag           how far read models are behind the log at 500 executions/s
  cron          very many schedules, ten thousand of them due in the same second; then a hundred each second
  mail          mails out over five connections, by the library and to a list of ten thousand; messages of 50 KiB in
  mail-in       messages of 50 KiB that start executions, with no worker there
  connectors    200 calls/s of a GitHub that allows 5,000 an hour through one credential, beside it 10 calls/s through another
  connectors-scaled  the same with two worker processes
  fair          20 calls/s of a small workspace, alone and while another one has very many executions queued

  --sync always|1s   sync_interval of NATS (default: w1, hooks and cron both in turn, w2, fair, history, rebuild, lag and connectors 1s, the others always)
  --seconds N        measured time (default: connectors 40, w1 and idle50 30, api 10 and for each list 3, the others 20)
  --warmup N         seconds before it (default 10; w1-overload 5; api 3 and for each list 1)
  --slots N          concurrent calls (default 64)
  --rate N           w1: open loop of N calls/s; lag: calls/s (default 500); connectors: calls/s of the busy one (default 200)
  --total N          w1: until N executions reached the sink, with the rate and the app's memory after each tenth
                     api: executions stored (default 1000000); fair: executions queued (default 50000)
                     rebuild: commits (default 1000000); cron: schedules (default 100000)
  --cpu-prof         the app writes a CPU profile when it ends; its directory is printed on stderr
  --keep             keep the servers' data and logs

One JSON line per result on stdout, progress on stderr.`;

const DEFAULTS = {
  w1: { sync: ['always', '1s'], seconds: 30, warmup: 10 },
  'w1-overload': { sync: ['always'], seconds: 20, warmup: 5 },
  w2: { sync: ['1s'], seconds: 20, warmup: 10 },
  idle50: { sync: ['always'], seconds: 30, warmup: 10 },
  api: { sync: ['always'], seconds: 10, warmup: 3, total: 1_000_000 },
  engine: { sync: ['always'], seconds: 1, warmup: 0 },
  rebuild: { sync: ['1s'], seconds: 1, warmup: 0, total: 1_000_000 },
  lag: { sync: ['1s'], seconds: 30, warmup: 10, rate: 500 },
  history: { sync: ['1s'], seconds: 1, warmup: 0 },
  hooks: { sync: ['always', '1s'], seconds: 20, warmup: 5 },
  cron: { sync: ['always', '1s'], seconds: 30, warmup: 5, total: 100_000 },
  mail: { sync: ['always'], seconds: 15, warmup: 5 },
  'mail-in': { sync: ['always'], seconds: 15, warmup: 5 },
  connectors: { sync: ['1s'], seconds: 40, warmup: 10, rate: 200 },
  'connectors-scaled': { sync: ['1s'], seconds: 40, warmup: 10, rate: 200 },
  fair: { sync: ['1s'], seconds: 15, warmup: 10, total: 50_000 },
};

const RATED = ['w1', 'lag', 'connectors', 'connectors-scaled'];

/** A wrong argument, in words for its author. */
export class UsageError extends Error {
  name = 'UsageError';
}

/** Throws UsageError. */
export function parseOptions(args) {
  const { values, positionals } = parse(args);
  const [asked, ...more] = positionals;
  const defaults = DEFAULTS[asked];
  if (!defaults || more.length > 0) throw new UsageError(`say what to run: one of ${Object.keys(DEFAULTS).join(', ')}`);
  const rate = asked === 'idle50' ? 50 : numberIn(values, 'rate', defaults.rate);
  const total = numberIn(values, 'total', defaults.total);
  if (!RATED.includes(asked) && values.rate !== undefined) throw new UsageError(`--rate is for ${RATED.join(', ')}`);
  if (!['w1', 'api', 'fair', 'rebuild', 'cron'].includes(asked) && total !== undefined)
    throw new UsageError('--total is for w1, api, fair, rebuild and cron');
  if (rate !== undefined && total !== undefined) throw new UsageError('--rate or --total, not both');
  const isOneOff =
    !['rebuild', 'cron', ...RATED.slice(1)].includes(asked) && (rate !== undefined || total !== undefined);
  return {
    bench: asked,
    sync: syncIn(values) ?? (isOneOff ? ['always'] : defaults.sync),
    seconds: numberIn(values, 'seconds', defaults.seconds),
    warmupSeconds: numberIn(values, 'warmup', defaults.warmup),
    slots: numberIn(values, 'slots', 64),
    rate,
    total,
    cpuProf: values['cpu-prof'],
    keep: values.keep,
  };
}

function parse(args) {
  const text = { type: 'string' };
  const flag = { type: 'boolean', default: false };
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        sync: text,
        seconds: text,
        warmup: text,
        slots: text,
        rate: text,
        total: text,
        'cpu-prof': flag,
        keep: flag,
      },
    });
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function numberIn(values, name, fallback) {
  if (values[name] === undefined) return fallback;
  const number = Number(values[name]);
  const least = name === 'warmup' ? 0 : 1;
  if (!Number.isInteger(number) || number < least || number > 10_000_000)
    throw new UsageError(`--${name} must be a whole number from ${least}`);
  return number;
}

function syncIn({ sync }) {
  if (sync === undefined) return undefined;
  if (!/^(always|[1-9]\d{0,5}(ms|s|m))$/.test(sync))
    throw new UsageError('--sync must be always or an interval such as 1s');
  return [sync];
}

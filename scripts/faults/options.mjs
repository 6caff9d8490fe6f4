import { parseArgs } from 'node:util';
import { ACTS } from './acts.mjs';

export const USAGE = `npm run test:faults -- [options]

Starts NATS, Postgres, an api, two workers and two projectors, each a process of its own, calls a webhook at a steady
rate, and does to them what machines do. A call that is not accepted is sent again, as senders do. At the end all
histories are read from the log: nothing that was accepted may be missing, and no result may be recorded twice.
Exit code: 0 when that holds, 1 when it does not, 130 after Ctrl-C.

  --acts a,b   only these, in this order (default: all)
  --rate N     calls/s (default 100)
  --list       says which acts there are
  --keep       keeps the data and the logs of all processes
  --help`;

/** A wrong argument, in words for its author. */
export class UsageError extends Error {
  name = 'UsageError';
}

/** Throws UsageError. */
export function parseOptions(args) {
  const values = parse(args);
  const acts = values.acts?.split(',') ?? Object.keys(ACTS);
  const unknown = acts.filter((act) => !Object.hasOwn(ACTS, act));
  if (unknown.length > 0) throw new UsageError(`there is no act ${unknown.join(', ')}: see --list`);
  const rate = Number(values.rate);
  if (!Number.isInteger(rate) || rate < 1 || rate > 1000) throw new UsageError('--rate must be from 1 to 1000');
  return { acts, rate, list: values.list, keep: values.keep, help: values.help };
}

function parse(args) {
  const flag = { type: 'boolean', default: false };
  try {
    const options = {
      acts: { type: 'string' },
      rate: { type: 'string', default: '100' },
      list: flag,
      keep: flag,
      help: { ...flag, short: 'h' },
    };
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

const SILENT_FOR_MS = 1000;
const TERMINAL_EVERY_MS = 200;
const PLAIN_EVERY_MS = 15_000;

const terminal = process.stderr.isTTY;
const REWRITE_LINE = terminal ? '\r\x1b[K' : '';

/**
 * Does a step, and says so on stderr when it takes longer than a second: a line that counts on a terminal, plain lines
 * now and then elsewhere.
 * @template Result
 * @param {string} label
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withProgress(label, work) {
  const startedAt = performance.now();
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(terminal ? 0 : 1);
  let shown = false;
  let ticker;
  const show = () => {
    shown = true;
    process.stderr.write(`${REWRITE_LINE}${label} … ${seconds()} s${terminal ? '' : '\n'}`);
  };
  const first = setTimeout(() => {
    show();
    ticker = setInterval(show, terminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS);
  }, SILENT_FOR_MS);
  const finish = (outcome) => {
    clearTimeout(first);
    clearInterval(ticker);
    if (shown) process.stderr.write(`${REWRITE_LINE}${label}: ${outcome} after ${seconds()} s\n`);
  };
  try {
    const result = await work();
    finish('done');
    return result;
  } catch (error) {
    shown = true;
    finish('failed');
    throw error;
  }
}

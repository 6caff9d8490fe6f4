import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

const ANSWER_WITHIN_MS = 30_000;

/** The load generator and the sink, in a process apart. Emits `milestone` with `{milestone, at}`. */
export class LoadProcess extends EventEmitter {
  #child = fork(new URL('load/generator.mjs', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  #lastId = 0;
  /** @type {Map<number, (answer: {result?: unknown, error?: string}) => void>} */
  #waiting = new Map();

  constructor() {
    super();
    this.#child.on('message', (message) => {
      if (message.milestone !== undefined) this.emit('milestone', message);
      else this.#waiting.get(message.id)?.(message);
    });
    this.#child.once('exit', () => this.#failAll());
  }

  static async start(started) {
    const load = new LoadProcess();
    started(load);
    const [{ sinkUrl }] = await once(load.#child, 'message', { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return Object.assign(load, { sinkUrl });
  }

  get pid() {
    return this.#child.pid;
  }

  /** Has the generator do something: `start`, `mark`, `snapshot`, `pause` or `stop`; see load/generator.mjs. */
  async tell(action, options) {
    const id = ++this.#lastId;
    const answered = new Promise((resolve) => this.#waiting.set(id, resolve));
    const timer = setTimeout(() => this.#waiting.get(id)?.({ error: 'it does not answer' }), ANSWER_WITHIN_MS);
    if (this.#child.connected) this.#child.send({ id, action, options });
    else this.#failAll();
    const { result, error } = await answered;
    clearTimeout(timer);
    this.#waiting.delete(id);
    if (error !== undefined) throw new Error(`the load generator failed to ${action}: ${error}`);
    return result;
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL'); // it holds nothing
    await exited;
  }

  #failAll() {
    for (const settle of this.#waiting.values()) settle({ error: 'its process ended' });
  }
}

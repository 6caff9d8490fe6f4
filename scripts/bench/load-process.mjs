import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

const ANSWER_WITHIN_MS = 30_000;

const GENERATOR = { script: new URL('load/generator.mjs', import.meta.url), flags: [] };

/** The load generator and the sink, in a process apart. Emits `milestone` with `{milestone, at}`. */
export class LoadProcess extends EventEmitter {
  #child;
  #lastId = 0;
  /** @type {Map<number, (answer: {result?: unknown, error?: string}) => void>} */
  #waiting = new Map();

  constructor({ script, flags }) {
    super();
    this.#child = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: flags });
    this.#child.on('message', (message) => {
      if (message.milestone !== undefined) this.emit('milestone', message);
      else this.#waiting.get(message.id)?.(message);
    });
    this.#child.once('exit', () => this.#failAll());
  }

  /** Gets the properties that its first message has: `sinkUrl`. `program`: another one that speaks as the generator does. */
  static async start(started, program = GENERATOR) {
    const load = new LoadProcess(program);
    started(load);
    const [said] = await once(load.#child, 'message', { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return Object.assign(load, said);
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

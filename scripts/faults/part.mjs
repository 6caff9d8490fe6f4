/** One process of the system. `start` starts it, where it was before if it was, and gives `{pid, kill, stop}`. */
export class Part {
  #running;
  #start;
  #isFrozen = false;

  constructor(name, start) {
    this.name = name;
    this.#start = start;
  }

  get pid() {
    return this.#running.pid;
  }

  async start() {
    this.#running = await this.#start();
  }

  /** kill -9, and waits until it is dead. */
  async kill() {
    await this.#running.kill();
  }

  freeze() {
    process.kill(this.pid, 'SIGSTOP');
    this.#isFrozen = true;
  }

  thaw() {
    process.kill(this.pid, 'SIGCONT');
    this.#isFrozen = false;
  }

  /** In good order, whatever was done to it. */
  async stop() {
    if (this.#isFrozen) this.thaw();
    await this.#running.stop();
  }
}

/** A server of our own, as a child process on a loopback port. Stop it, or it outlives the wish for it, not this process. */
export interface EmbeddedServer extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Settles when the process has ended, asked to or not. Never rejects. */
  readonly exited: Promise<ServerExit>;
  /** Ends the process in good order and comes back when it is gone; again: no effect. */
  stop(): Promise<void>;
}

export interface ServerExit {
  /** True after `stop()`; false says that it crashed or was killed. */
  readonly expected: boolean;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of its log. */
  readonly tail: string;
}

import { setTimeout as delay } from 'node:timers/promises';
import { BACKOFF, pauseMs } from './pauses.ts';
import {
  beginningOf,
  fingerprintOf,
  finished,
  isDelivered,
  isFromBefore,
  isRenumbered,
  passed,
  renumbered,
} from './position.ts';
import { InboxSession, type Fetched, type Listed, type SessionOptions } from './session.ts';
import { StuckMessage } from './stuck-message.ts';
import { InboxTrouble, troubleOf } from './trouble.ts';
import type {
  Checkpoint,
  InboxMessage,
  InboxState,
  InboxWatch,
  Outcome,
  WatchInboxOptions,
  WholeMessage,
} from './types.ts';

const MESSAGE_BYTES = 25 * 1024 * 1024;
const TIMES = { renewMs: 540_000, pollMs: 120_000, connectMs: 15_000, silenceMs: 60_000 };

/**
 * One loop does all of it: it connects, hands on what is new, one message after the other, and rests until there is more.
 * Whatever goes wrong ends the connection, and after a pause it begins again where it was; `#checkpoint` is where that is,
 * also while it could not be saved.
 */
export class Watcher implements InboxWatch {
  readonly #options: WatchInboxOptions;
  readonly #sessionOptions: SessionOptions;
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;
  readonly #stuck: StuckMessage;
  #session: InboxSession | undefined;
  #checkpoint: Checkpoint | undefined;
  #isSaved = true;
  #failures = 0;

  constructor(options: WatchInboxOptions) {
    const { server, mailbox, wall, resolveAll, afterwards = 'nothing', messageBytes = MESSAGE_BYTES, clock } = options;
    this.#options = options;
    this.#stuck = new StuckMessage(options.isTemporary ?? (() => true));
    this.#sessionOptions = {
      ...{ server, mailbox, wall, resolveAll, afterwards, messageBytes, clock },
      ...{ ...TIMES, ...options.times },
    };
    options.signal?.addEventListener('abort', this.#end, { once: true });
    if (options.signal?.aborted) this.#end();
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#running;
  }

  get #isOver(): boolean {
    return this.#ended.signal.aborted;
  }

  readonly #end = (): void => {
    this.#ended.abort();
    this.#session?.interrupt();
  };

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const trouble = await this.#attend();
      if (trouble && !this.#isOver) await this.#pause(trouble);
    }
    this.#options.signal?.removeEventListener('abort', this.#end);
    this.#tell({ kind: 'stopped' });
  }

  /** As long as one connection lasts; why it ended. */
  async #attend(): Promise<InboxTrouble | undefined> {
    this.#tell({ kind: 'connecting' });
    try {
      await using session = await InboxSession.open(this.#sessionOptions, this.#ended.signal);
      this.#session = session;
      await this.#begin(session);
      await this.#follow(session);
      return undefined;
    } catch (error) {
      return troubleOf(error, (text) => text);
    } finally {
      this.#session = undefined;
    }
  }

  async #pause(trouble: InboxTrouble): Promise<void> {
    const backoff = { ...BACKOFF, ...this.#options.backoff };
    this.#failures += 1;
    const retryInMs = trouble.isRefusal ? backoff.refusedMs : pauseMs(backoff, this.#failures, this.#options.chance());
    this.#tell({ kind: trouble.isRefusal ? 'refused' : 'waiting', trouble, retryInMs });
    await delay(retryInMs, undefined, { signal: this.#ended.signal }).catch(() => undefined);
  }

  async #begin(session: InboxSession): Promise<void> {
    const { checkpoint: store, from = 'newest' } = this.#options;
    const known = this.#checkpoint ?? (await kept(() => store.load()));
    if (!known) return this.#goTo(beginningOf(session.mailbox, from));
    if (isRenumbered(known, session.mailbox)) return this.#beginAnew(known, session);
    this.#checkpoint = known;
    await this.#save();
    if (known.isUnfinished) await this.#tidy(session, known.lastUid);
  }

  async #beginAnew(known: Checkpoint, { mailbox }: InboxSession): Promise<void> {
    await this.#goTo(renumbered(known, mailbox));
    this.#options.onEvent?.({ kind: 'renumbered', uidValidity: mailbox.uidValidity });
  }

  async #follow(session: InboxSession): Promise<void> {
    let told: 'idle' | 'polling' | undefined;
    while (!this.#isOver) {
      if (await this.#handOn(session)) continue;
      const by = session.idles ? 'idle' : 'polling';
      if (told !== by) this.#tell({ kind: 'watching', by });
      told = by;
      await session.rest();
      this.#failures = 0;
    }
  }

  /** What is new; whether there was anything. */
  async #handOn(session: InboxSession): Promise<boolean> {
    const listed = await session.list(this.#position.lastUid);
    for (const message of listed) {
      if (this.#isOver) break;
      await this.#pass(session, message);
      this.#failures = 0;
    }
    await this.#save();
    return listed.length > 0;
  }

  async #pass(session: InboxSession, listed: Listed): Promise<void> {
    if (isFromBefore(this.#position, listed)) return this.#skip(listed.uid);
    const taken = await this.#take(session, listed);
    if (taken) await this.#tidy(session, listed.uid);
  }

  /** Whether there is something to be done to it afterwards. */
  async #take(session: InboxSession, listed: Listed): Promise<boolean> {
    let taken: Checkpoint | undefined;
    try {
      taken = await this.#afterFetching(session, listed);
    } catch (error) {
      const trouble = this.#stuck.failed(listed.uid, error);
      if (!trouble) throw error;
      this.#options.onEvent?.({ kind: 'setAside', uid: listed.uid, trouble });
      taken = passed(this.#position, listed.uid);
    }
    if (taken) await this.#goTo(taken);
    else this.#skip(listed.uid);
    return taken?.isUnfinished === true;
  }

  /** Where the watch is once the message was handed on; undefined when there was none to hand on. */
  async #afterFetching(session: InboxSession, { uid, bytes }: Listed): Promise<Checkpoint | undefined> {
    const place = { uid, uidValidity: this.#position.uidValidity };
    const isLarge = bytes > this.#sessionOptions.messageBytes;
    using _room = isLarge ? undefined : await this.#options.room?.(bytes, this.#ended.signal);
    const fetched: Fetched = isLarge ? { kind: 'tooLarge', bytes } : await session.fetch(uid);
    if (fetched.kind === 'message') return await this.#afterDelivering({ ...fetched, ...place });
    if (fetched.kind === 'gone') return undefined;
    await this.#deliver({ ...fetched, ...place });
    return passed(this.#position, uid);
  }

  async #afterDelivering(message: WholeMessage): Promise<Checkpoint | undefined> {
    const { uid } = message;
    const fingerprint = fingerprintOf(message.raw);
    if (isDelivered(this.#position, { uid, fingerprint })) return undefined;
    const outcome = await this.#deliver(message);
    // Of those that nobody wants there may be many, and they would push out what must not be delivered twice.
    if (outcome === 'passedOver') return passed(this.#position, uid);
    const isUnfinished = this.#sessionOptions.afterwards !== 'nothing';
    return passed(this.#position, uid, { fingerprint, isUnfinished });
  }

  async #deliver(message: InboxMessage): Promise<Outcome> {
    try {
      return await this.#options.deliver(message);
    } catch (cause) {
      throw new InboxTrouble('DELIVERY_FAILED', `message ${message.uid} was not taken`, { cause });
    }
  }

  /** Saved like a skip, so that whoever is next does not do it again: somebody may have undone it. */
  async #tidy(session: InboxSession, uid: number): Promise<void> {
    if (!(await session.tidy(uid))) this.#options.onEvent?.({ kind: 'leftBehind', uid });
    this.#checkpoint = finished(this.#position);
    this.#isSaved = false;
  }

  /** Saved with what is delivered next, or before resting: nothing is lost when it is not. */
  #skip(uid: number): void {
    this.#checkpoint = passed(this.#position, uid);
    this.#isSaved = false;
  }

  /** What was handed on stays so though it could not be saved; it is saved before anything else is handed on. */
  async #goTo(next: Checkpoint): Promise<void> {
    this.#checkpoint = next;
    this.#isSaved = false;
    await this.#save();
  }

  async #save(): Promise<void> {
    const next = this.#checkpoint;
    if (this.#isSaved || !next) return;
    await kept(() => this.#options.checkpoint.save(next));
    this.#isSaved = true;
  }

  get #position(): Checkpoint {
    return this.#checkpoint ?? { uidValidity: '', lastUid: 0 };
  }

  #tell(state: InboxState): void {
    this.#options.onState?.(state);
  }
}

async function kept<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    throw new InboxTrouble('CHECKPOINT_FAILED', 'the checkpoint could not be loaded or saved', { cause });
  }
}

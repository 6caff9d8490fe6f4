import { createWall } from '#libs/outbound-wall';
import type { Checkpoint, InboxEvent, InboxMessage, InboxState, Outcome, WatchInboxOptions } from '../types.ts';
import { watchInbox } from '../watch-inbox.ts';

export interface RecordingWatch extends AsyncDisposable {
  readonly messages: readonly InboxMessage[];
  /** Of `messages`, in order: the subject, or that it was too large. */
  readonly subjects: () => readonly string[];
  readonly states: readonly InboxState[];
  readonly events: readonly InboxEvent[];
  readonly saved: readonly Checkpoint[];
  /** Resolves once it holds; asked after each thing that is recorded. */
  until(holds: () => boolean): Promise<void>;
  /** Resolves once it watches, for the so-manieth time. */
  watching(times?: number): Promise<void>;
}

export type WatchSettings = Partial<Omit<WatchInboxOptions, 'checkpoint' | 'deliver' | 'server'>> & {
  readonly port: number;
  readonly server?: Partial<WatchInboxOptions['server']>;
  readonly known?: Checkpoint;
  /** Called before a message is recorded; may reject. By default all are handled. */
  readonly deliver?: (message: InboxMessage) => Promise<Outcome | void>;
  /** Called before each `save`; may reject. */
  readonly onSave?: (next: Checkpoint) => Promise<void>;
};

export const BRIEF = { firstMs: 1, maxMs: 4, refusedMs: 5 };

/** A watch of ann's INBOX on loopback, that is quick to try again. */
export function recordWatch(settings: WatchSettings): RecordingWatch {
  const { port, server, known, onSave, deliver, ...others } = settings;
  const messages: InboxMessage[] = [];
  const states: InboxState[] = [];
  const events: InboxEvent[] = [];
  const saved: Checkpoint[] = [];
  const waiting = new Set<() => void>();
  const tell = () => {
    for (const check of waiting) check();
  };
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!holds()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  const watch = watchInbox({
    mailbox: 'INBOX',
    wall: createWall({ allowPrivateNetwork: true }),
    clock: { nowMs: () => Date.parse('2026-11-29T10:00:00.000Z') },
    chance: () => 0,
    backoff: BRIEF,
    onState: (state) => {
      states.push(state);
      tell();
    },
    onEvent: (event) => {
      events.push(event);
      tell();
    },
    ...others,
    server: {
      host: '127.0.0.1',
      port,
      secure: false,
      requireTls: false,
      username: 'ann',
      ...(server?.accessToken ? {} : { password: 'secret' }),
      ...server,
    },
    checkpoint: {
      load: async () => known,
      save: async (next) => {
        await onSave?.(next);
        saved.push(next);
        tell();
      },
    },
    deliver: async (message) => {
      const outcome = await deliver?.(message);
      messages.push(message);
      tell();
      return outcome ?? 'handled';
    },
  });
  return {
    messages,
    subjects: () => messages.map((one) => (one.kind === 'message' ? subjectOf(one.raw) : `too large: ${one.bytes}`)),
    states,
    events,
    saved,
    until,
    watching: (times = 1) => until(() => states.filter(({ kind }) => kind === 'watching').length >= times),
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  };
}

export function mailAbout(subject: string, text = 'text'): string {
  return `From: bob@example.com\r\nSubject: ${subject}\r\n\r\n${text}\r\n`;
}

function subjectOf(raw: Buffer): string {
  return /^Subject: (.*)$/m.exec(raw.toString())?.[1]?.trim() ?? '';
}

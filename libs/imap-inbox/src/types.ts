import type { Clock, Instant } from '#libs/kernel';
import type { ResolveAll, Wall } from '#libs/outbound-wall';
import type { InboxTrouble } from './trouble.ts';

/** A server that keeps mailboxes, and who we are to it. */
export interface InboxServer {
  readonly host: string;
  /** Usually 993 with `secure`, 143 without. */
  readonly port: number;
  /** TLS from the first byte. */
  readonly secure: boolean;
  /** Without `secure`: whether nobody signs in before STARTTLS. Default true. */
  readonly requireTls?: boolean;
  /** Default true. False takes any certificate, from anybody in between too. */
  readonly rejectUnauthorized?: boolean;
  /** PEM of the authority that signed the server's certificate, in place of the well-known ones. */
  readonly ca?: string;
  readonly username: string;
  /** This or `accessToken`. */
  readonly password?: string;
  /** Asked for anew with each connection (OAUTHBEARER or XOAUTH2). */
  readonly accessToken?: () => Promise<string>;
}

/**
 * How far a mailbox was handed on; JSON. Whoever stores it stores all of it.
 */
export interface Checkpoint {
  readonly uidValidity: string;
  /** Everything up to here was handed on, or was there before. */
  readonly lastUid: number;
  /** Of the last 500 messages that were delivered, the newest last: SHA-256 of `raw`, base64url. */
  readonly fingerprints?: readonly string[];
  /** When the newest message came that was there before; what is older is not new, whatever its number becomes. */
  readonly since?: Instant;
  /** Messages below were given their numbers anew: those that are known are not delivered again. */
  readonly renumberedBelow?: number;
  /** What comes after delivery may not have been done to `lastUid` yet. */
  readonly isUnfinished?: true;
}

export interface CheckpointStore {
  /** Undefined before the first `save`. Called once for each watch. */
  load(): Promise<Checkpoint | undefined>;
  save(next: Checkpoint): Promise<void>;
}

export interface WholeMessage {
  readonly kind: 'message';
  /** As the server keeps it. */
  readonly raw: Buffer;
  readonly uid: number;
  readonly uidValidity: string;
  /** When the server got it; now, where it does not say. */
  readonly internalDate: Instant;
  /** e.g. `\Seen`, as they were before `afterwards`. */
  readonly flags: readonly string[];
}

/** A message that is not fetched, and is passed over. `afterwards` is not done to it. */
export interface TooLargeMessage {
  readonly kind: 'tooLarge';
  readonly uid: number;
  readonly uidValidity: string;
  /** As the server says. */
  readonly bytes: number;
}

/** Whether somebody wanted a message: `afterwards` is done to one that was handled and to no other. */
export type Outcome = 'handled' | 'passedOver';

export type InboxMessage = WholeMessage | TooLargeMessage;

/**
 * What becomes of a message in its mailbox once it is delivered. Where the server has not UIDPLUS, what is deleted is flagged
 * so, and expunged by whoever does that there: an expunge would take the messages of others too.
 */
export type Afterwards = 'nothing' | 'seen' | 'delete' | { readonly moveTo: string };

export type InboxState =
  | { readonly kind: 'connecting' }
  /** All that is there was handed on; what comes is heard of at once, or each `pollMs`. */
  | { readonly kind: 'watching'; readonly by: 'idle' | 'polling' }
  /** It is tried again by itself. */
  | { readonly kind: 'waiting'; readonly trouble: InboxTrouble; readonly retryInMs: number }
  /** It is tried again too, but rarely: somebody has to do something. */
  | { readonly kind: 'refused'; readonly trouble: InboxTrouble; readonly retryInMs: number }
  | { readonly kind: 'stopped' };

export type InboxEvent =
  /** The server numbered its messages anew; those of the last 500 that are found again are not delivered again. */
  | { readonly kind: 'renumbered'; readonly uidValidity: string }
  /** `afterwards` could not be done to a message that was delivered. It is left as it is. */
  | { readonly kind: 'leftBehind'; readonly uid: number }
  /** It was not delivered however often it was tried, and is left as it is. */
  | { readonly kind: 'setAside'; readonly uid: number; readonly trouble: InboxTrouble };

export interface Backoff {
  /** The first pause; each further one is twice as long. Default 1,000. */
  readonly firstMs: number;
  /** Default 300,000. */
  readonly maxMs: number;
  /** After a refusal. Default 300,000. */
  readonly refusedMs: number;
}

export interface InboxTimes {
  /** IDLE is begun anew so often, and the mailbox looked at; below the 29 minutes of RFC 2177. Default 540,000. */
  readonly renewMs: number;
  /** Between looks where the server has no IDLE. Default 120,000. */
  readonly pollMs: number;
  /** For a name to be resolved, for a token, for a connection, for a greeting, each. Default 15,000. */
  readonly connectMs: number;
  /** A command during which nothing comes for so long is given up, with its connection; up to twice as long. Default 60,000. */
  readonly silenceMs: number;
}

export interface WatchInboxOptions {
  readonly server: InboxServer;
  /** Its path, e.g. `INBOX`. */
  readonly mailbox: string;
  /** Where connections may lead. */
  readonly wall: Wall;
  /** How names become addresses; default the system's resolver. */
  readonly resolveAll?: ResolveAll;
  readonly checkpoint: CheckpointStore;
  /**
   * Called for one message at a time, in the order of the mailbox. When it rejects, the same message is handed on again after
   * a pause, and nothing before it. A process that ends between this and `save` hands on one message twice.
   */
  readonly deliver: (message: InboxMessage) => Promise<Outcome>;
  /**
   * Whether what `deliver` rejected with may be over by itself. A message that is not delivered for other reasons 10 times,
   * or that the server lists and does not give, is set aside. Default: it always may.
   */
  readonly isTemporary?: (error: unknown) => boolean;
  /**
   * Asked for room for the bytes of a message before it is fetched; disposed when it was delivered. Rejects when the signal
   * aborts. Default: there always is.
   */
  readonly room?: (bytes: number, signal: AbortSignal) => Promise<Disposable>;
  /** What there is before the first checkpoint: nothing of it is delivered, or all. Default `newest`. */
  readonly from?: 'newest' | 'beginning';
  /** Default `nothing`: then the mailbox is opened read-only. */
  readonly afterwards?: Afterwards;
  /** Of a message that is fetched. Default 25 MiB. */
  readonly messageBytes?: number;
  readonly clock: Clock;
  /** A number from 0 to below 1, for pauses not to be equally long everywhere. */
  readonly chance: () => number;
  readonly backoff?: Partial<Backoff>;
  readonly times?: Partial<InboxTimes>;
  /** Ends it like disposing does. */
  readonly signal?: AbortSignal;
  /** Must not throw. */
  readonly onState?: (state: InboxState) => void;
  /** Must not throw. */
  readonly onEvent?: (event: InboxEvent) => void;
}

/** Disposed, it waits for a delivery under way and its `save`, and leaves the server. */
export type InboxWatch = AsyncDisposable;

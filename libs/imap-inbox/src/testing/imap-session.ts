import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import type { StoredMessage, TestMailbox } from './test-mailbox.ts';

/** What goes wrong instead of the answer. `cutAfter`: so many bytes of the answer, then the end of the connection. */
export type ImapFault =
  | 'stall'
  | 'drop'
  | { readonly no: string }
  | { readonly bad: string }
  | { readonly bye: string }
  | { readonly cutAfter: number };

export interface ImapMoment {
  /** e.g. `LOGIN`, `UID FETCH`. */
  readonly command: string;
  /** What follows the command. */
  readonly rest: string;
  /** Ordinal of the connection, from 1. */
  readonly connection: number;
}

export interface ImapSessionParts {
  readonly connection: number;
  readonly capabilities: readonly string[];
  readonly mailboxes: ReadonlyMap<string, TestMailbox>;
  readonly startTls: SecureContext | undefined;
  /** Whether the answer to SELECT has it. */
  readonly tellsUidNext: boolean;
  readonly letsIn: (username: string, secret: string) => boolean;
  /** Called with each command, before it is answered. */
  readonly onCommand: (moment: ImapMoment) => ImapFault | undefined;
}

interface Request extends ImapMoment {
  readonly tag: string;
}

const OPEN_ONLY = new Set([
  'UID FETCH',
  'FETCH',
  'UID STORE',
  'UID MOVE',
  'UID COPY',
  'UID EXPUNGE',
  'EXPUNGE',
  'IDLE',
]);

/** One connection to the test server. Knows of messages only those that it told of, like servers do. */
export class ImapSession {
  #socket: Socket;
  #input = '';
  #open: { readonly mailbox: TestMailbox; readonly readOnly: boolean; readonly unwatch: () => void } | undefined;
  /** The numbers of the messages that the client knows of, in order. */
  #view: number[] = [];
  #idleTag: string | undefined;
  #cutAfter: number | undefined;
  readonly #parts: ImapSessionParts;

  constructor(socket: Socket, parts: ImapSessionParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#listen();
    this.#write('* OK ready');
  }

  say(line: string): void {
    this.#write(line);
  }

  end(): void {
    this.#open?.unwatch();
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.on('error', () => undefined);
    this.#socket.on('data', (piece: Buffer) => {
      this.#input += piece.toString('latin1');
      for (let end = this.#input.indexOf('\r\n'); end >= 0; end = this.#input.indexOf('\r\n')) {
        const line = this.#input.slice(0, end);
        this.#input = this.#input.slice(end + 2);
        this.#onLine(line);
      }
    });
    this.#socket.once('close', () => this.#open?.unwatch());
  }

  #onLine(line: string): void {
    if (this.#idleTag !== undefined) {
      const tag = this.#idleTag;
      this.#idleTag = undefined;
      this.#write(line.toUpperCase() === 'DONE' ? `${tag} OK idled` : `${tag} BAD DONE was expected`);
      return;
    }
    const [, tag = '', command = '', rest = ''] = /^(\S+) ((?:UID )?\S+) ?(.*)$/i.exec(line) ?? [];
    const request = { tag, command: command.toUpperCase(), rest, connection: this.#parts.connection };
    const fault = this.#parts.onCommand(request);
    if (fault === undefined) this.#answer(request);
    else this.#fail(fault, request);
  }

  #fail(fault: ImapFault, request: Request): void {
    if (fault === 'stall') return;
    if (fault === 'drop') return this.end();
    if ('no' in fault) return this.#write(`${request.tag} NO ${fault.no}`);
    if ('bad' in fault) return this.#write(`${request.tag} BAD ${fault.bad}`);
    if ('bye' in fault) {
      this.#socket.end(`* BYE ${fault.bye}\r\n`);
      return;
    }
    this.#cutAfter = fault.cutAfter;
    this.#answer(request);
  }

  #answer(request: Request): void {
    const { tag, command } = request;
    if (OPEN_ONLY.has(command) && !this.#open) return this.#write(`${tag} BAD no mailbox is open`);
    const handler = this.#handlers[command];
    if (handler) handler(request);
    else this.#write(`${tag} BAD ${command} is not known`);
  }

  readonly #handlers: Readonly<Record<string, (request: Request) => void>> = {
    CAPABILITY: ({ tag }) => {
      this.#write(`* CAPABILITY ${this.#capabilities().join(' ')}`);
      this.#write(`${tag} OK done`);
    },
    STARTTLS: ({ tag }) => this.#startTls(tag),
    LOGIN: ({ tag, rest }) => {
      const [username = '', password = ''] = stringsIn(rest);
      this.#letIn(tag, username, password);
    },
    AUTHENTICATE: ({ tag, rest }) => {
      const token = Buffer.from(rest.split(' ')[1] ?? '', 'base64').toString();
      const [, username = '', secret = ''] = /user=(.*)\x01auth=Bearer (.*)\x01\x01/.exec(token) ?? [];
      this.#letIn(tag, username, secret);
    },
    NAMESPACE: ({ tag }) => {
      this.#write('* NAMESPACE (("" "/")) NIL NIL');
      this.#write(`${tag} OK done`);
    },
    LIST: ({ tag, rest }) => {
      const [, path = ''] = stringsIn(rest);
      if (this.#parts.mailboxes.has(path)) this.#write(`* LIST () "/" "${path}"`);
      this.#write(`${tag} OK done`);
    },
    LSUB: ({ tag }) => this.#write(`${tag} OK done`),
    SELECT: (request) => this.#select(request, false),
    EXAMINE: (request) => this.#select(request, true),
    NOOP: ({ tag }) => {
      this.#sync();
      this.#write(`${tag} OK done`);
    },
    IDLE: ({ tag }) => {
      this.#idleTag = tag;
      this.#write('+ idling');
      this.#sync();
    },
    'UID FETCH': (request) => this.#fetch(request, this.#uidsIn(request.rest)),
    FETCH: (request) => this.#fetch(request, this.#uidsAt(request.rest)),
    'UID STORE': (request) => this.#store(request),
    'UID COPY': (request) => this.#copy(request),
    'UID MOVE': (request) => {
      if (this.#copy(request)) this.#expunge(this.#uidsIn(request.rest));
    },
    'UID EXPUNGE': (request) => {
      this.#expunge(this.#uidsIn(request.rest).filter((uid) => this.#message(uid)?.flags.has('\\Deleted')));
      this.#write(`${request.tag} OK done`);
    },
    EXPUNGE: ({ tag }) => {
      this.#expunge(this.#view.filter((uid) => this.#message(uid)?.flags.has('\\Deleted')));
      this.#write(`${tag} OK done`);
    },
    LOGOUT: ({ tag }) => {
      this.#write('* BYE bye');
      this.#socket.end(`${tag} OK done\r\n`);
    },
  };

  #capabilities(): readonly string[] {
    const isPlain = !(this.#socket instanceof TLSSocket);
    return [...this.#parts.capabilities, ...(this.#parts.startTls && isPlain ? ['STARTTLS'] : [])];
  }

  #startTls(tag: string): void {
    const secureContext = this.#parts.startTls;
    if (!secureContext) return this.#write(`${tag} BAD not here`);
    this.#write(`${tag} OK begin`);
    this.#socket.removeAllListeners('data');
    this.#socket = new TLSSocket(this.#socket, { isServer: true, secureContext });
    this.#listen();
  }

  #letIn(tag: string, username: string, secret: string): void {
    if (this.#parts.letsIn(username, secret)) this.#write(`${tag} OK in`);
    else this.#write(`${tag} NO [AUTHENTICATIONFAILED] ${username} and ${secret} are not right`);
  }

  #select({ tag, rest }: Request, readOnly: boolean): void {
    const mailbox = this.#parts.mailboxes.get(stringsIn(rest)[0] ?? '');
    this.#open?.unwatch();
    this.#open = undefined;
    if (!mailbox) return this.#write(`${tag} NO [NONEXISTENT] no such mailbox`);
    const onChange = () => {
      if (this.#idleTag !== undefined) this.#sync();
    };
    this.#open = { mailbox, readOnly, unwatch: mailbox.watch(onChange) };
    this.#view = mailbox.uids;
    this.#write('* FLAGS (\\Seen \\Deleted \\Flagged)');
    this.#write(`* ${this.#view.length} EXISTS`);
    this.#write(`* OK [UIDVALIDITY ${mailbox.uidValidity}] valid`);
    if (this.#parts.tellsUidNext) this.#write(`* OK [UIDNEXT ${mailbox.uidNext}] next`);
    this.#write(`${tag} OK [${readOnly ? 'READ-ONLY' : 'READ-WRITE'}] open`);
  }

  /** Tells of what was removed and of what came. */
  #sync(): void {
    const { mailbox } = this.#opened;
    for (let index = this.#view.length - 1; index >= 0; index--) {
      if (mailbox.uids.includes(this.#view[index] ?? 0)) continue;
      this.#view.splice(index, 1);
      this.#write(`* ${index + 1} EXPUNGE`);
    }
    if (mailbox.uids.length === this.#view.length) return;
    this.#view = mailbox.uids;
    this.#write(`* ${this.#view.length} EXISTS`);
  }

  #fetch({ tag, rest }: Request, uids: readonly number[]): void {
    for (const uid of uids) {
      const message = this.#message(uid);
      if (!message) continue;
      const items = [`UID ${uid}`];
      if (/\bFLAGS/.test(rest)) items.push(`FLAGS (${[...message.flags].join(' ')})`);
      if (/INTERNALDATE/.test(rest)) items.push(`INTERNALDATE "${dateTimeOf(message.internalDate)}"`);
      if (/RFC822\.SIZE/.test(rest)) items.push(`RFC822.SIZE ${message.size}`);
      const head = `* ${this.#view.indexOf(uid) + 1} FETCH (${items.join(' ')}`;
      if (/BODY\.PEEK\[\]/.test(rest)) {
        this.#writeBytes(Buffer.concat([Buffer.from(`${head} BODY[] {${message.raw.length}}\r\n`), message.raw]));
        this.#write(')');
      } else this.#write(`${head})`);
    }
    this.#write(`${tag} OK done`);
  }

  #store({ tag, rest }: Request): void {
    const { mailbox, readOnly } = this.#opened;
    if (readOnly) return this.#write(`${tag} NO it is open for reading`);
    const flags = (/\((.*)\)/.exec(rest)?.[1] ?? '').split(' ');
    for (const uid of this.#uidsIn(rest)) for (const flag of flags) this.#message(uid)?.flags.add(flag);
    mailbox.changed();
    this.#write(`${tag} OK done`);
  }

  #copy({ tag, rest, command }: Request): boolean {
    const target = this.#parts.mailboxes.get(stringsIn(rest)[1] ?? '');
    if (!target) this.#write(`${tag} NO [TRYCREATE] no such mailbox`);
    if (!target) return false;
    for (const uid of this.#uidsIn(rest)) {
      const message = this.#message(uid);
      if (message) target.append(message.raw, { flags: [...message.flags], internalDate: message.internalDate });
    }
    if (command === 'UID MOVE') queueMicrotask(() => this.#write(`${tag} OK done`));
    else this.#write(`${tag} OK done`);
    return true;
  }

  #expunge(uids: readonly number[]): void {
    for (const uid of uids) this.#opened.mailbox.remove(uid);
    this.#sync();
  }

  get #opened(): { readonly mailbox: TestMailbox; readonly readOnly: boolean } {
    if (!this.#open) throw new Error('no mailbox is open');
    return this.#open;
  }

  #message(uid: number): StoredMessage | undefined {
    return this.#view.includes(uid) ? this.#opened.mailbox.messages.find((one) => one.uid === uid) : undefined;
  }

  #uidsIn(rest: string): number[] {
    const [from, to] = rangeIn(rest, this.#view.at(-1) ?? 0);
    return this.#view.filter((uid) => uid >= from && uid <= to);
  }

  #uidsAt(rest: string): number[] {
    const [from, to] = rangeIn(rest, this.#view.length);
    return this.#view.slice(from - 1, to);
  }

  #write(line: string): void {
    this.#writeBytes(Buffer.from(`${line}\r\n`));
  }

  #writeBytes(bytes: Buffer): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    if (this.#cutAfter === undefined) {
      this.#socket.write(bytes);
      return;
    }
    const part = bytes.subarray(0, this.#cutAfter);
    this.#cutAfter -= part.length;
    if (this.#cutAfter === 0) this.#socket.end(part);
    else this.#socket.write(part);
  }
}

/** The set of numbers before everything else; where it ends in `*`, either way round. */
function rangeIn(rest: string, newest: number): [number, number] {
  const ends = (rest.split(' ')[0] ?? '').split(':').map((end) => (end === '*' ? newest : Number(end)));
  return [Math.min(...ends), Math.max(...ends)];
}

function stringsIn(rest: string): string[] {
  return [...rest.matchAll(/"((?:[^"\\]|\\.)*)"|[^\s()]+/g)].map(([whole, quoted]) =>
    quoted === undefined ? whole : quoted.replaceAll(/\\(.)/g, '$1'),
  );
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

function dateTimeOf(date: Date): string {
  const day = String(date.getUTCDate()).padStart(2, ' ');
  return `${day}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} +0000`;
}

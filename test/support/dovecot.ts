import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '#libs/embedded-servers';
import { makeDataDir } from './data-dir.ts';
import { ForegroundServer, systemCommand } from './foreground-server.ts';

/** Who may read the mail: not root, which Dovecot refuses. */
const NOBODY = 65_534;
const USER = 'ann';

/** Dovecot on loopback and a free port with a configuration of its own, and one user whose mail is files (Maildir). */
export class Dovecot implements AsyncDisposable {
  readonly username = USER;
  readonly password = 'secret';
  #server: ForegroundServer | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
  ) {}

  /** `mailboxes` are made beside INBOX. */
  static async start({ mailboxes = [] }: { readonly mailboxes?: readonly string[] } = {}): Promise<Dovecot> {
    const { path } = await makeDataDir();
    const dovecot = new Dovecot(await findFreePort(), path);
    mkdirSync(dovecot.#maildir);
    chownSync(dovecot.#maildir, NOBODY, NOBODY);
    for (const name of ['cur', 'new', 'tmp']) {
      mkdirSync(join(dovecot.#maildir, name));
      chownSync(join(dovecot.#maildir, name), NOBODY, NOBODY);
    }
    chmodSync(path, 0o755);
    writeFileSync(dovecot.#config, dovecot.#configuration(mailboxes));
    await dovecot.#start();
    return dovecot;
  }

  /** As a server of mail does that delivers into a Maildir: what is new is there all at once. */
  deliver(message: string): void {
    const name = `${Date.now()}.${randomBytes(8).toString('hex')}.mx`;
    const written = join(this.#maildir, 'tmp', name);
    writeFileSync(written, message.replaceAll('\r\n', '\n'));
    chownSync(written, NOBODY, NOBODY);
    renameSync(written, join(this.#maildir, 'new', name));
  }

  /** How many messages a mailbox holds. */
  count(mailbox: string): number {
    const said = this.#doveadm('mailbox', 'status', '-u', USER, 'messages', mailbox);
    return Number(/messages=(\d+)$/.exec(said)?.[1]);
  }

  /** Ends the user's connections. */
  kick(): void {
    this.#doveadm('kick', USER);
  }

  /** How many connections the user has. */
  connections(): number {
    const lines = this.#doveadm('-f', 'tab', 'who', '-1').split('\n').slice(1);
    return lines.filter((line) => line.startsWith(`${USER}\t`)).length;
  }

  /** INBOX says from now on that its numbers mean other messages. */
  renumber(uidValidity: number): void {
    this.#doveadm('mailbox', 'update', '--uid-validity', String(uidValidity), '-u', USER, 'INBOX');
  }

  async restart(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await this.#start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  async #start(): Promise<void> {
    this.#server = await ForegroundServer.start({
      command: ['dovecot', '-F', '-c', this.#config],
      port: this.port,
      logFile: join(this.folder, 'start.log'),
    });
  }

  get #maildir(): string {
    return join(this.folder, 'mail');
  }

  get #config(): string {
    return join(this.folder, 'dovecot.conf');
  }

  #doveadm(...args: readonly string[]): string {
    return systemCommand('doveadm', '-c', this.#config, ...args);
  }

  #configuration(mailboxes: readonly string[]): string {
    return `
base_dir = ${this.folder}/run
state_dir = ${this.folder}/state
log_path = ${this.folder}/mail.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:${this.#maildir}
mailbox_idle_check_interval = 1s
passdb {
  driver = static
  args = user=${USER} password=${this.password}
}
userdb {
  driver = static
  args = uid=${NOBODY} gid=${NOBODY} home=${this.#maildir}
}
namespace inbox {
  inbox = yes
${mailboxes.map((name) => `  mailbox ${name} {\n    auto = create\n  }`).join('\n')}
}
service imap-login {
  inet_listener imap {
    address = 127.0.0.1
    port = ${this.port}
  }
  inet_listener imaps {
    port = 0
  }
}
`;
  }
}

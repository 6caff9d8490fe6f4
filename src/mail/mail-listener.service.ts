import { readFile } from 'node:fs/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Clock } from '#libs/kernel';
import { createSmtpDoor, type SmtpDoor, type SmtpDoorEvent } from '#libs/smtp-door';
import { ConfigError, type Config, type MailConfig } from '../config/config.ts';
import { EXAMPLES } from '../config/variables.ts';
import { addressesIn } from '../platform/addresses-in.ts';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { MailMetrics } from './mail-metrics.ts';
import { TakeMail } from './take-mail.ts';

/** Listens for mail to the addresses of workflows, where the installation has a domain for them. */
@Injectable()
export class MailListener implements OnApplicationBootstrap, OnModuleDestroy {
  #door: SmtpDoor | undefined;

  constructor(
    private readonly takeMail: TakeMail,
    private readonly metrics: MailMetrics,
    private readonly logger: Logger,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Of the socket that listens; undefined where none does. */
  get port(): number | undefined {
    return this.#door?.port;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { mail } = this.config;
    if (!mail) return;
    const door = await createSmtpDoor({
      host: mail.host,
      port: mail.port,
      hostname: mail.domain,
      ...(await tlsOf(mail)),
      isRelay: addressesIn(mail.relays),
      door: this.takeMail,
      clock: this.clock,
      onEvent: (event) => this.#tell(event),
    });
    this.#door = door;
    this.metrics.watch(() => door.held());
    this.logger.info({ host: mail.host, port: door.port, domain: mail.domain }, 'mail comes in');
  }

  #tell(event: SmtpDoorEvent): void {
    this.metrics.count(event);
    if (event.kind === 'fault') this.logger.warn({ error: event.error }, 'mail was put off: its sender tries again');
  }

  /** What is being sent has until then to end; what is not answered comes again. */
  async onModuleDestroy(): Promise<void> {
    await this.#door?.[Symbol.asyncDispose]();
  }
}

async function tlsOf({ tls }: MailConfig) {
  if (!tls) return {};
  const [cert, key] = await Promise.all([
    pemIn('MILLRACE_MAIL_TLS_CERT', tls.certFile),
    pemIn('MILLRACE_MAIL_TLS_KEY', tls.keyFile),
  ]);
  return { tls: { cert, key } };
}

async function pemIn(name: 'MILLRACE_MAIL_TLS_CERT' | 'MILLRACE_MAIL_TLS_KEY', file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = `names a file that can't be read (${code})`;
    throw new ConfigError([{ name, message, value: file, example: EXAMPLES[name] }]);
  }
}

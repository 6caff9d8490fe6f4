import { bringHooks, type BringHooksParts, type HookTable } from '#libs/hook-registrations';
import type { Logger } from '../platform/logging/logger.ts';
import type { WebhookSecrets } from '../webhooks/webhook-secrets.ts';

const EVERY_MS = 10 * 60_000;

export interface OutdatedHooksParts {
  readonly table: HookTable;
  readonly bringing: BringHooksParts;
  readonly secrets: WebhookSecrets;
  readonly logger: Logger;
}

/**
 * Hooks that call another URL than this installation has now, or sign with a secret of an older root key: looked for in the
 * background of a start and, while older keys are known, every ten minutes, as a process that has not got the new key yet
 * may still register with the old one.
 */
export class OutdatedHooks implements AsyncDisposable {
  readonly #timer: NodeJS.Timeout | undefined;
  #running: Promise<void>;
  #isEnding = false;

  constructor(private readonly parts: OutdatedHooksParts) {
    this.#running = this.#run();
    if (parts.secrets.hasEarlier)
      this.#timer = setInterval(() => {
        this.#running = this.#running.then(() => this.#run());
      }, EVERY_MS).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#isEnding = true;
    await this.#running;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { table, bringing, secrets, logger } = this.parts;
    if (secrets.hasEarlier && !this.#isEnding) this.#tellWhatIsLeft();
    for (const { workflowId } of table.outdated(bringing.publicUrl, secrets.keyId)) {
      if (this.#isEnding) return;
      await bringHooks(bringing, workflowId).catch((error: unknown) =>
        logger.warn({ error, workflowId }, 'hooks have another URL or secret than this installation has now'),
      );
    }
  }

  #tellWhatIsLeft(): void {
    const { table, secrets, logger } = this.parts;
    const left = table.signingWithAnother(secrets.keyId).length;
    if (left === 0) logger.info({}, 'no registered hook signs with an older root key: none needs to be kept for them');
    else logger.info({ left }, 'registered hooks still sign with older root keys');
  }
}

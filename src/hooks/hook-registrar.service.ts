import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { CredentialSource } from '#libs/execution-runtime';
import {
  askedAgain,
  HOOK_WORK_CONSUMER,
  HookStore,
  HookTable,
  HookWorker,
  type BringHooksParts,
} from '#libs/hook-registrations';
import { reconcileConsumer, type WorkConsumer } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import type { Config } from '../config/config.ts';
import { AnnouncedCredentialChanges } from '../credentials/announced-credential-changes.ts';
import { LiveCredentials } from '../credentials/live-credentials.ts';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { Logger } from '../platform/logging/logger.ts';
import { LOG_MANAGER, WORKFLOW_LOG, type WorkflowLog } from '../platform/nats/tokens.ts';
import { CLOCK, CONFIG } from '../platform/tokens.ts';
import { WebhookSecrets } from '../webhooks/webhook-secrets.ts';
import { HookMetrics } from './hook-metrics.ts';
import { createHookPlanner, hookHistories } from './hook-planner.ts';
import { HOOKS_CONSUMER } from './hooks-consumer.ts';
import { OutdatedHooks } from './outdated-hooks.ts';

/** Of the role `worker`: tells services which URLs to call. */
@Injectable()
export class HookRegistrar implements OnApplicationBootstrap, OnModuleDestroy {
  #running: AsyncDisposableStack | undefined;

  // eslint-disable-next-line max-params -- a composition root: each parameter is one part, handed on as it is
  constructor(
    private readonly store: HookStore,
    @Inject(LiveCredentials) private readonly credentials: CredentialSource,
    private readonly changes: AnnouncedCredentialChanges,
    private readonly secrets: WebhookSecrets,
    private readonly metrics: HookMetrics,
    private readonly logger: Logger,
    @Inject(NODE_TYPES) private readonly nodeTypes: NodeTypes,
    @Inject(WORKFLOW_LOG) private readonly log: WorkflowLog,
    @Inject(LOG_MANAGER) private readonly manager: JetStreamManager,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await using starting = new AsyncDisposableStack();
    const table = starting.use(
      await HookTable.open(this.store, (error) => this.logger.warn({ error }, 'the hooks can not be followed')),
    );
    this.metrics.watch(table);
    const bringing = this.#bringing();
    await this.#ensureWorkConsumer();
    const planner = starting.use(this.#planner(bringing));
    starting.defer(() => planner.drain());
    starting.use(this.#worker());
    starting.use(this.changes.hear((workspaceId, credentialId) => void this.#ask(table, workspaceId, credentialId)));
    const { secrets, logger } = this;
    starting.use(new OutdatedHooks({ table, bringing, secrets, logger }));
    this.#running = starting.move();
  }

  async onModuleDestroy(): Promise<void> {
    await this.#running?.disposeAsync();
  }

  #bringing(): BringHooksParts {
    const { store, nodeTypes, clock, log } = this;
    const { publicUrl } = this.config.http;
    return { store, nodeTypes, clock, publicUrl, keyId: this.secrets.keyId, histories: hookHistories(log) };
  }

  #planner(bringing: BringHooksParts): WorkConsumer {
    const { log, manager } = this;
    return createHookPlanner({
      ...{ bringing, log },
      onError: (error) => this.logger.warn({ error }, 'the hooks of a workflow could not be planned and will be again'),
      ensureConsumer: async () => void (await reconcileConsumer(manager, log.layout.streamOf(''), HOOKS_CONSUMER)),
    });
  }

  #worker(): HookWorker {
    const { store, nodeTypes, credentials, clock, secrets, logger } = this;
    return new HookWorker({
      ...{ store, clock, newName: () => randomUUID() },
      service: {
        ...{ nodeTypes, credentials },
        secrets: { keyId: secrets.keyId, secretOf: (webhookId) => secrets.of(webhookId)[0] },
        onFault: (error, { workflowId, webhookId }) =>
          logger.error({ error, workflowId, webhookId }, 'a node type threw what it should not'),
      },
      onError: (error) => logger.warn({ error }, 'a hook could not be worked on and will be again'),
      ensureConsumer: () => this.#ensureWorkConsumer(),
    });
  }

  async #ensureWorkConsumer(): Promise<void> {
    await reconcileConsumer(this.manager, this.store.bucket.stream, HOOK_WORK_CONSUMER);
  }

  async #ask(table: HookTable, workspaceId: string, credentialId: string): Promise<void> {
    for (const entry of table.unsettledOf(workspaceId, credentialId)) {
      const asked = this.store.change(entry, (now) => now && askedAgain(now, credentialId));
      await asked.catch((error: unknown) =>
        this.logger.warn({ error, credentialId }, 'a hook is not tried again, though its credential was changed'),
      );
    }
  }
}

import { Module } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AuditLog, auditLayout, createAuditCodec, createAuditSigner, type AuditSigner } from '#libs/audit-log';
import { JetStreamEventStore } from '#libs/event-store-jetstream';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { Clock } from '#libs/kernel';
import type { Config } from '../config/config.ts';
import type { RootKey, RootKeys } from '../platform/root-keys.ts';
import { CLOCK, CONFIG, ROOT_KEYS } from '../platform/tokens.ts';

const PURPOSE = 'audit-checkpoints';

const provider = {
  provide: AuditLog,
  inject: [JetStreamConnection, JetStreamPublisher, CONFIG, ROOT_KEYS, CLOCK],
  useFactory: (
    connection: JetStreamConnection,
    publisher: JetStreamPublisher,
    { natsReplicas }: Config,
    rootKeys: RootKeys,
    clock: Clock,
  ): AuditLog => {
    const layout = auditLayout(natsReplicas);
    const store = new JetStreamEventStore({ connection, publisher, layout, codec: createAuditCodec() });
    const signerOf = (root: RootKey): AuditSigner => createAuditSigner(root.derive(PURPOSE));
    const keys = rootKeys.all.map((root) => signerOf(root).key);
    return new AuditLog({ store, signer: signerOf(rootKeys.current), keys, clock, newCommitId: randomUUID });
  },
};

/** The audit log, for whoever writes it. */
@Module({ providers: [provider], exports: [provider] })
export class AuditStoreModule {}

import { Injectable } from '@nestjs/common';
import { JetStreamConnection } from '#libs/jetstream';
import { CredentialChanges } from './credential-changes.ts';

const SUBJECT = 'credentials.changed';

/** Tells all processes of changed and deleted credentials. Said, not stored: whoever keeps what it read must look again some time. */
@Injectable()
export class AnnouncedCredentialChanges extends CredentialChanges {
  constructor(private readonly connection: JetStreamConnection) {
    super();
  }

  override announce(workspaceId: string, credentialId: string): void {
    this.connection.send(`${SUBJECT}.${workspaceId}.${credentialId}`, '');
  }

  hear(listener: (workspaceId: string, credentialId: string) => void): Disposable {
    const subscription = this.connection.client.subscribe(`${SUBJECT}.*.*`, {
      callback: (error, message) => {
        // With an error (a missing permission) there is no message.
        if (error) return;
        const [workspaceId = '', credentialId = ''] = message.subject.split('.').slice(-2);
        listener(workspaceId, credentialId);
      },
    });
    return { [Symbol.dispose]: () => void (subscription.isClosed() || subscription.unsubscribe()) };
  }
}

import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';

/** Ends the connection last: until here, requests in flight and workers that drain still append. */
@Injectable()
export class NatsLifecycle implements OnApplicationShutdown {
  constructor(
    private readonly connection: JetStreamConnection,
    private readonly publisher: JetStreamPublisher,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.publisher[Symbol.asyncDispose]();
    await this.connection[Symbol.asyncDispose]();
  }
}

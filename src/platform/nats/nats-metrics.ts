import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';

/** What the log's client tells Prometheus; looked up when it asks. */
@Injectable()
export class NatsMetrics {
  constructor(registry: Registry, connection: JetStreamConnection, publisher: JetStreamPublisher) {
    new Gauge({
      name: 'millrace_log_unacknowledged_publishes',
      help: 'Messages published to the log whose acknowledgement is still to come',
      registers: [registry],
      collect() {
        this.set(publisher.unacknowledged);
      },
    });
    new Gauge({
      name: 'millrace_log_connected',
      help: '1 while this process is connected to NATS',
      registers: [registry],
      collect() {
        this.set(connection.connected ? 1 : 0);
      },
    });
  }
}

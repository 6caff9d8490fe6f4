import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { Controller, Get, Module, type Type } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { until } from '../../../test/support/until.ts';
import { Public } from '../access/access.decorators.ts';
import { TestApp } from '../testing/test-app.ts';

let arrived: PromiseWithResolvers<void>;
let allowed: PromiseWithResolvers<void>;

@Controller('slow')
class SlowController {
  @Get()
  @Public()
  async slow(): Promise<{ done: boolean }> {
    arrived.resolve();
    await allowed.promise;
    return { done: true };
  }
}

@Module({ controllers: [SlowController] })
class SlowModule {}

@Module({ imports: [SlowModule] })
class ReluctantModule {
  /** Nest runs it after it began to refuse: keeps the listener open until the test has seen that. */
  async beforeApplicationShutdown(): Promise<void> {
    await allowed.promise;
  }
}

interface Got {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly retryAfter: string | undefined;
  readonly body: unknown;
}

describe('an application that closes', () => {
  let app: TestApp;
  let agent: Agent;

  beforeEach(() => {
    arrived = Promise.withResolvers();
    allowed = Promise.withResolvers();
    agent = new Agent({ keepAlive: true });
  });
  afterEach(() => agent.destroy());

  const start = async (feature: Type): Promise<void> => {
    app = await TestApp.start({ features: [feature] });
    await app.nest.listen(0, '127.0.0.1');
  };
  const get = async (path: string): Promise<Got> => {
    const { port } = new URL(await app.nest.getUrl());
    return new Promise((resolve, reject) => {
      const call = request({ agent, host: '127.0.0.1', port, path }, (answer) => {
        const { connection, 'retry-after': retryAfter } = answer.headers;
        json(answer).then((body) => resolve({ status: answer.statusCode, connection, retryAfter, body }), reject);
      });
      call.on('error', reject).end();
    });
  };

  it('ends what it began, and turns away what comes late', async () => {
    await start(ReluctantModule);
    const slow = get('/slow');
    await arrived.promise;
    const closing = app[Symbol.asyncDispose]();
    expect(await get('/health/live')).toEqual({
      status: 503,
      connection: 'close',
      retryAfter: '1',
      body: expect.objectContaining({ code: 'SHUTTING_DOWN' }) as unknown,
    });
    allowed.resolve();
    expect(await slow).toMatchObject({ status: 200, body: { done: true } });
    await closing;
  });

  it('does not wait for callers who keep the connection that it answered them on last', async () => {
    await start(SlowModule);
    const slow = get('/slow');
    await arrived.promise;
    const { server }: FastifyInstance = app.nest.getHttpAdapter().getInstance();
    const closing = app[Symbol.asyncDispose]();
    await until('it listens no more', async () => (server.listening ? undefined : true));
    allowed.resolve();
    expect(await slow).toMatchObject({ status: 200, connection: 'close', body: { done: true } });
    await closing;
  });
});

import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { Controller, Get, Module } from '@nestjs/common';
import { Public } from '../access/access.decorators.ts';
import { TestApp } from '../testing/test-app.ts';

const arrived = Promise.withResolvers<void>();
const allowed = Promise.withResolvers<void>();

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
class SlowModule {
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
  it('ends what it began, and turns away what comes late', async () => {
    const app = await TestApp.start({ features: [SlowModule] });
    await app.nest.listen(0, '127.0.0.1');
    const { port } = new URL(await app.nest.getUrl());
    const agent = new Agent({ keepAlive: true });
    const get = (path: string): Promise<Got> =>
      new Promise((resolve, reject) => {
        const call = request({ agent, host: '127.0.0.1', port, path }, (answer) => {
          const { connection, 'retry-after': retryAfter } = answer.headers;
          json(answer).then((body) => resolve({ status: answer.statusCode, connection, retryAfter, body }), reject);
        });
        call.on('error', reject).end();
      });
    try {
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
    } finally {
      agent.destroy();
    }
  });
});

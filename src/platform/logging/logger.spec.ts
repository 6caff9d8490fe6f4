import { z } from 'zod';
import { createLogger } from './logger.ts';
import { NestLogger } from './nest-logger.ts';

function recorded(level: 'debug' | 'info' = 'debug') {
  const lines: Record<string, unknown>[] = [];
  const write = (text: string): void => void lines.push(z.record(z.string(), z.unknown()).parse(JSON.parse(text)));
  return { lines, logger: createLogger({ level, pretty: false, destination: { write } }) };
}

describe('the log', () => {
  it('is one JSON object a line, with its level by name and the time in UTC', () => {
    const { lines, logger } = recorded();
    logger.child({ executionId: 'ex_1' }).info({ attempt: 2 }, 'attempt failed\nagain');
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/) as string,
        pid: process.pid,
        executionId: 'ex_1',
        attempt: 2,
        msg: 'attempt failed\nagain',
      },
    ]);
  });

  it('holds its tongue below its level', () => {
    const { lines, logger } = recorded('info');
    logger.debug({}, 'quiet');
    logger.warn({}, 'loud');
    expect(lines.map(({ msg }) => msg)).toEqual(['loud']);
  });

  it('keeps secrets', () => {
    const { lines, logger } = recorded();
    const secrets = {
      password: 'hunter2',
      accessToken: 'hunter2',
      headers: { authorization: 'hunter2', cookie: 'hunter2' },
    };
    logger.info({ ...secrets, request: secrets }, 'called');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(JSON.stringify(lines)).toContain('[redacted]');
  });

  it('tells an error with its code, frames and causes, and nothing that hangs on it', () => {
    const { lines, logger } = recorded();
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', query: 'insert hunter2' });
    logger.error({ error: new TypeError('no luck', { cause }) }, 'failed');
    expect(lines[0]?.['error']).toMatchObject({
      type: 'TypeError',
      message: 'no luck',
      stack: expect.stringMatching(/^\s+at /) as string,
      cause: { type: 'Error', message: 'refused', code: 'ECONNREFUSED' },
    });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('survives what is no error, and causes without end', () => {
    const { lines, logger } = recorded();
    const circular = new Error('round');
    circular.cause = circular;
    logger.error({ error: circular }, 'failed');
    logger.error({ error: 'text' }, 'failed');
    expect(lines[1]?.['error']).toEqual({ type: 'string', message: 'text' });
  });

  it('takes the lines of Nest: what it tells of a start is for whoever debugs', () => {
    const { lines, logger } = recorded();
    const nest = new NestLogger(logger);
    nest.log('Mapped {/v1/me, GET} route', 'RouterExplorer');
    nest.error(new Error('broken'), 'stack', 'ExceptionsHandler');
    expect(lines).toMatchObject([
      { level: 'debug', context: 'RouterExplorer', msg: 'Mapped {/v1/me, GET} route' },
      { level: 'error', context: 'ExceptionsHandler', msg: 'broken', error: { type: 'Error', message: 'broken' } },
    ]);
  });
});

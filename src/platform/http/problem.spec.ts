import { ConnectionException, DriverException } from '@mikro-orm/core';
import { ForbiddenException, InternalServerErrorException, NotFoundException } from '@nestjs/common';
import { MillraceError, type ErrorKind } from '#libs/kernel';
import { problemOf } from './problem.ts';

describe('the problem that an error is', () => {
  it('has all that RFC 9457 names, a stable code, and its own media type', () => {
    const problems = [{ path: 'nodes[2].config.url', message: 'must be a URL' }];
    expect(problemOf(new MillraceError('refused', 'INVALID_WORKFLOW', 'one problem', { problems }))).toEqual({
      status: 422,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
      body: {
        type: 'urn:millrace:problem:INVALID_WORKFLOW',
        title: 'Unprocessable Entity',
        status: 422,
        detail: 'one problem',
        code: 'INVALID_WORKFLOW',
        errors: problems,
      },
    });
  });

  it.each<[ErrorKind, number]>([
    ['malformed', 400],
    ['unauthenticated', 401],
    ['forbidden', 403],
    ['notFound', 404],
    ['methodNotAllowed', 405],
    ['conflict', 409],
    ['stale', 412],
    ['tooLarge', 413],
    ['unsupportedMediaType', 415],
    ['refused', 422],
    ['preconditionRequired', 428],
    ['tooManyRequests', 429],
    ['badGateway', 502],
    ['unavailable', 503],
  ])('%s is %i', (kind, status) => {
    const { body, ...answer } = problemOf(new MillraceError(kind, 'CODE', 'text'));
    expect([answer.status, body.status, body.code, body.detail]).toEqual([status, status, 'CODE', 'text']);
    expect(body).not.toHaveProperty('errors');
  });

  it.each([
    [new MillraceError('tooManyRequests', 'X', 'x', { retryAfterMs: 1500 }), { 'retry-after': '2' }],
    [new MillraceError('unavailable', 'X', 'x', { retryAfterMs: 1 }), { 'retry-after': '1' }],
    [new MillraceError('unavailable', 'X', 'x'), { 'retry-after': '1' }],
    [new MillraceError('methodNotAllowed', 'X', 'x', { allow: ['GET', 'PUT'] }), { allow: 'GET, PUT' }],
    [new MillraceError('unauthenticated', 'X', 'x'), { 'www-authenticate': 'Bearer' }],
    [new MillraceError('unauthenticated', 'X', 'x', { challenge: 'Basic' }), { 'www-authenticate': 'Basic' }],
  ])('says in headers what programs look for there: %s', (error, headers) => {
    expect(problemOf(error).headers).toMatchObject(headers);
  });

  it.each([1_001, 1_002, 5_000])('lists 1,001 problems at most, and says how many more there are: %d', (count) => {
    const problems = Array.from({ length: count }, (_, n) => ({ path: `items[${n}]`, message: 'no' }));
    const { errors = [] } = problemOf(new MillraceError('malformed', 'X', 'x', { problems })).body;
    expect(errors.slice(0, 1_001)).toEqual(problems.slice(0, 1_001));
    const rest = count === 1_001 ? [] : [{ path: '', message: `there are ${count - 1_001} more problems, not listed` }];
    expect(errors.slice(1_001)).toEqual(rest);
  });

  it.each([
    [new NotFoundException(), 404, 'NOT_FOUND'],
    [new ForbiddenException(), 403, 'FORBIDDEN'],
    [new InternalServerErrorException('details'), 500, 'INTERNAL'],
    [{ code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }, 413, 'BODY_TOO_LARGE'],
    [{ code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [{ code: 'FST_ERR_SOMETHING_NEW', statusCode: 418 }, 500, 'INTERNAL'],
  ])('takes the errors of others for what they mean: %s', (error, status, code) => {
    expect(problemOf(error).body).toMatchObject({ status, code });
  });

  const serverSaid = (sqlState: string): DriverException =>
    new DriverException(Object.assign(new Error('text'), { code: sqlState, severity: 'FATAL' }));
  const systemSaid = (code: string): DriverException => new DriverException(Object.assign(new Error('text'), { code }));

  it.each([
    systemSaid('ECONNREFUSED'),
    systemSaid('EPIPE'),
    new ConnectionException(new Error('timeout exceeded when trying to connect')),
    serverSaid('57P01'),
    serverSaid('57P03'),
    serverSaid('53300'),
    serverSaid('08006'),
  ])('is 503 when Postgres is away: %s', (error) => {
    expect(problemOf(error)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'DATABASE_UNAVAILABLE' },
    });
  });

  it.each([serverSaid('22021'), serverSaid('22P05')])('is the caller’s when Postgres refuses its text: %s', (error) => {
    expect(problemOf(error).body).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
  });

  it.each([serverSaid('42601'), serverSaid('08P01'), serverSaid('23505'), new Error('password=hunter2'), 'text', null])(
    'is a bare 500 for what only we may know: %s',
    (error) => {
      expect(problemOf(error).body).toEqual({
        type: 'urn:millrace:problem:INTERNAL',
        title: 'Internal Server Error',
        status: 500,
        detail: 'Something went wrong on our side.',
        code: 'INTERNAL',
      });
    },
  );
});

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isDeeperThan, MAX_JSON_DEPTH, MillraceError } from '#libs/kernel';

/** Bodies are JSON or nothing, as sent, nested to a bounded depth. Scopes that take others replace the parsers. */
export function parseJsonOnly(instance: FastifyInstance): void {
  const parseJson = instance.getDefaultJsonParser('error', 'error');
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (isEncoded(request)) return done(encodedError());
    // Clients that put the type on every request send it with bodies that are not there.
    if (text.length === 0) return done(null, undefined);
    // Returns nothing: the default parser of Fastify is synchronous and answers by the callback.
    void parseJson(request, text, (error, value?: unknown) => {
      if (!error && isDeeperThan(value, MAX_JSON_DEPTH))
        done(new MillraceError('malformed', 'JSON_TOO_DEEP', `JSON may nest ${MAX_JSON_DEPTH} levels deep`));
      else done(error, value);
    });
  });
}

function isEncoded({ headers }: FastifyRequest): boolean {
  const encoding = headers['content-encoding'];
  return encoding !== undefined && encoding.toLowerCase() !== 'identity';
}

/** Not decoded on purpose: a few bytes can stand for gigabytes. */
function encodedError(): MillraceError {
  return new MillraceError('unsupportedMediaType', 'UNSUPPORTED_MEDIA_TYPE', 'send the body without Content-Encoding');
}

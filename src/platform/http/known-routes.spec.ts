import { KnownRoutes } from './known-routes.ts';

describe('known routes', () => {
  const routes = new KnownRoutes();
  routes.add(['GET', 'HEAD'], '/v1/workflows/:id');
  routes.add(['PUT'], '/v1/workflows/:id');
  routes.add(['POST'], '/v1/workflows');
  routes.add(['GET'], '/files/*');
  routes.add(['GET'], '/a.b');
  routes.add(['OPTIONS'], '*');

  it.each([
    ['/v1/workflows/wf_1', ['GET', 'HEAD', 'PUT']],
    ['/v1/workflows', ['POST']],
    ['/v1/workflows/', []],
    ['/v1/workflows/wf_1/versions', []],
    ['/files/deep/down', ['GET']],
    ['/axb', []],
    ['/nowhere', []],
  ])('%s answers to %j', (path, methods) => {
    expect(routes.methodsOf(path)).toEqual(methods);
  });
});

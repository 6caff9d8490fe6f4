import { destinationOf } from './destination.ts';

describe('the destination of a request', () => {
  it.each([
    ['https://api.example.com/v1/things?a=1#b', 'api.example.com:443'],
    ['http://api.example.com', 'api.example.com:80'],
    ['https://API.example.com:8443/', 'api.example.com:8443'],
    ['https://api.example.com:443/', 'api.example.com:443'],
    ['http://[::1]:9000/', '[::1]:9000'],
    ['http://127.0.0.1/', '127.0.0.1:80'],
    ['http://xn--bcher-kva.example/', 'xn--bcher-kva.example:80'],
    ['no URL', undefined],
    ['data:,x', undefined],
  ])('%s is at %s', (url, key) => {
    expect(destinationOf({ url })).toBe(key);
    expect(destinationOf({ url, credentialId: 'cr_1' })).toBe(key && `cr_1@${key}`);
  });
});

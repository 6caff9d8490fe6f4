import type { MailRoute } from '#libs/webhook-routes';
import type { AuthenticationResult } from '#libs/mail-reading';
import { isOnSameTerms, localPartOf, whyNotProven, whyNotTaken } from './mail-recipients.ts';

const routeWith = (mail: Partial<MailRoute['mail']> = {}): MailRoute => ({
  webhookId: 'wh_1',
  workspaceId: 'ws_1',
  workflowId: 'wf_1',
  version: 1,
  nodeId: 'mail',
  methods: [],
  maxBodyBytes: 1,
  variables: [],
  priority: 'normal',
  mail: { maxBytes: 1000, require: 'nothing', ...mail },
});

describe('who gets mail', () => {
  it.each([
    ['abc@in.example.com', 'abc'],
    ['abc@IN.Example.com', 'abc'],
    ['a@b@in.example.com', 'a@b'],
    ['abc@example.com', undefined],
    ['abc@sub.in.example.com', undefined],
    ['@in.example.com', undefined],
    ['postmaster', undefined],
  ])('%s: %s', (address, localPart) => {
    expect(localPartOf(address, 'in.example.com')).toBe(localPart);
  });

  it.each([
    ['ann@example.org', undefined],
    ['Ann@Example.org', undefined],
    ['ben@partner.example', undefined],
    ['ben@sub.partner.example', 550],
    ['eve@example.org', 550],
    ['', 550],
  ])('from %j, where two are let in: %s', (envelopeFrom, replyCode) => {
    const route = routeWith({ allowFrom: ['ann@example.org', '@partner.example'] });
    expect(whyNotTaken(route, { envelopeFrom })?.replyCode).toBe(replyCode);
    expect(whyNotTaken(routeWith(), { envelopeFrom })).toBeUndefined();
  });

  it('takes no more bytes than the trigger does', () => {
    const announced = (announcedBytes: number) => whyNotTaken(routeWith(), { envelopeFrom: '', announcedBytes });
    expect(announced(1000)).toBeUndefined();
    expect(announced(1001)).toMatchObject({ replyCode: 552, enhancedCode: '5.3.4' });
  });

  it('gets one message with others only on the same terms', () => {
    expect(isOnSameTerms(routeWith(), routeWith({ allowFrom: ['@b.test'] }))).toBe(true);
    expect(isOnSameTerms(routeWith(), routeWith({ maxBytes: 1 }))).toBe(false);
    expect(isOnSameTerms(routeWith(), routeWith({ require: 'dmarc' }))).toBe(false);
  });
});

describe('who a message is of', () => {
  it.each<[AuthenticationResult, AuthenticationResult, AuthenticationResult, number | undefined]>([
    ['pass', 'pass', 'pass', undefined],
    // Another part could not be asked, and one was enough.
    ['temperror', 'pass', 'pass', undefined],
    ['none', 'none', 'none', 550],
    ['fail', 'fail', 'fail', 550],
    ['temperror', 'none', 'fail', 451],
    ['fail', 'temperror', 'fail', 451],
    ['none', 'none', 'temperror', 451],
  ])('with SPF %s, DKIM %s and DMARC %s: %s', (spf, dkim, dmarc, replyCode) => {
    const signature = { result: dkim, domain: 'example.org', selector: 's' };
    const authentication = { spf: { result: spf }, dkim: [signature], dmarc: { result: dmarc } };
    expect(whyNotProven(authentication)?.replyCode).toBe(replyCode);
  });
});

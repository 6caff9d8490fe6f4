import type { MailRoute } from '#libs/webhook-routes';
import { isOnSameTerms, localPartOf, whyNotTaken } from './mail-recipients.ts';

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

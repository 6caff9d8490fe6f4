import type { JsonObject } from '#libs/kernel';
import { refusedBy } from '../testing/run-nodes.ts';
import { emailTriggerConfigSchema } from './config.ts';
import { emailTrigger } from './trigger-email.ts';

describe('trigger.email', () => {
  it('takes mail of anybody, up to 25 MiB, unless told otherwise', () => {
    expect(emailTriggerConfigSchema.parse({})).toEqual({ maxBytes: 26_214_400, require: 'nothing' });
  });

  it('watches the inbox and leaves it as it is, unless told otherwise', () => {
    expect(emailTriggerConfigSchema.parse({ imap: { credentialId: 'cr_1' } })).toMatchObject({
      imap: { credentialId: 'cr_1', mailbox: 'INBOX', afterwards: 'nothing' },
    });
  });

  it('compares senders in lower case', () => {
    const config = { allowFrom: ['Ada@Example.com', '@Partner.example'], require: 'dmarc', maxBytes: 1 };
    expect(refusedBy(emailTrigger, config)).toEqual([]);
    expect(emailTriggerConfigSchema.parse(config)).toMatchObject({
      allowFrom: ['ada@example.com', '@partner.example'],
    });
  });

  it.each<[JsonObject, string]>([
    [{ maxBytes: 0 }, 'maxBytes'],
    [{ maxBytes: 26_214_401 }, 'maxBytes'],
    [{ allowFrom: [] }, 'allowFrom'],
    [{ allowFrom: ['example.com'] }, 'allowFrom.0'],
    [{ allowFrom: ['@'] }, 'allowFrom.0'],
    [{ allowFrom: ['a@b.test, c@d.test'] }, 'allowFrom.0'],
    [{ require: 'spf' }, 'require'],
    [{ imap: { mailbox: 'INBOX' } }, 'imap.credentialId'],
    [{ imap: { credentialId: 'cr_1', mailbox: 'a\r\nb' } }, 'imap.mailbox'],
    [{ imap: { credentialId: 'cr_1', afterwards: 'archive' } }, 'imap.afterwards'],
    [{ imap: { credentialId: 'cr_1' }, require: 'dmarc' }, 'require'],
    [{ from: 'x' }, ''],
  ])('refuses %j', (config, path) => {
    expect(refusedBy(emailTrigger, config)).toEqual([path]);
  });
});

import { FAILURE_REASONS, type FailureReason } from './index.ts';
import { findReason, type Finding } from './reason.ts';
import { TELLING_RULES, VAGUE_RULES } from './rules/tables.ts';
import { codesIn } from './smtp-codes.ts';

function found(diagnostic: string, passage = ''): Finding {
  return findReason({ diagnostic, passage, codes: codesIn(diagnostic || passage) });
}

describe('what a reply says', () => {
  it.each<[string, string, FailureReason]>([
    ['550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown', 'hard', 'userUnknown'],
    ['550 No such user here', 'hard', 'userUnknown'],
    ['550 The email account that you tried to reach does not exist. Please check it', 'hard', 'userUnknown'],
    ['553 invalid recipient ada@example.com (#5.7.1)', 'hard', 'userUnknown'],
    ['550 ada@example.com is not a known user on this system', 'hard', 'userUnknown'],
    [
      '550-5.1.1 The mailbox you are looking\r\n550 5.1.1 for was not found, recipient not found',
      'hard',
      'userUnknown',
    ],
    ['Host or domain name not found. Name service error for name=x.example', 'hard', 'hostUnknown'],
    ['553 sorry, user mail-box not found', 'hard', 'userUnknown'],
    ['550 BAD_RECIPIENT', 'hard', 'userUnknown'],
    ['550 ada@example.com is not an active address at this host', 'hard', 'userUnknown'],
    ['550 no mail box available for this user', 'hard', 'userUnknown'],
    ['550 user has too many messages on the server', 'mailboxFull', 'mailboxFull'],
    ['550 5.1.6 recipient has moved', 'hard', 'hasMoved'],
    ['556 5.1.10 domain does not accept mail', 'hard', 'notAccepted'],
    ['550 account closed', 'hard', 'suspended'],
    ['550 5.2.1 this account is disabled', 'soft', 'suspended'],
    ['552 5.2.2 The recipient is over quota', 'mailboxFull', 'mailboxFull'],
    ['452 4.2.2 mailbox full', 'mailboxFull', 'mailboxFull'],
    ['552 message size exceeds the limit', 'policy', 'messageTooBig'],
    ['554 5.7.1 message content rejected', 'policy', 'contentRejected'],
    ['550 5.7.1 this looks like spam', 'policy', 'spamDetected'],
    ['554 virus found', 'policy', 'virusDetected'],
    ['554 5.7.1 client host [192.0.2.7] blocked, see a list of hosts', 'policy', 'blocked'],
    ['550 5.1.0 sender rejected', 'policy', 'senderRejected'],
    ['550 5.7.26 unauthenticated email is not accepted due to the DMARC policy', 'policy', 'authFailure'],
    ['550 you are not allowed to send to this group', 'policy', 'recipientFilter'],
    ['550 5.7.1 refused by policy', 'policy', 'policyRefused'],
    ['550 5.7.1 relaying denied', 'soft', 'relayDenied'],
    ['530 5.7.0 must issue a STARTTLS command first', 'policy', 'securityError'],
    ['421 4.7.0 too many connections from you', 'soft', 'rateLimited'],
    ['451 greylisted, come back', 'soft', 'rateLimited'],
    ['554 you have reached your daily relay quota', 'soft', 'rateLimited'],
    ['550 unroutable sender address', 'policy', 'senderRejected'],
    ['connect to mx.example.com[192.0.2.7]:25: Connection timed out', 'soft', 'networkError'],
    ['554 5.4.6 too many hops', 'soft', 'networkError'],
    ['message expired: it was in the queue too long', 'soft', 'expired'],
    ['451 local error in processing', 'soft', 'systemError'],
    ['550 no', 'soft', 'undetermined'],
  ])('%j is %s: %s', (reply, kind, reason) => {
    expect(found(reply)).toMatchObject({ kind, reason });
  });

  it('names the rule', () => {
    expect(found('550 user unknown').rule).toBe('userUnknown.unknown');
    expect(found('550 5.1.1').rule).toBe('status.1.1');
    expect(found('550 5.1.77').rule).toBe('status.1');
    expect(found('552 no').rule).toBe('reply.552');
    expect(found('550 no').rule).toBe('untold');
  });

  it('goes before what the notice says around it', () => {
    expect(found('552 mailbox full', 'There may be no such user.')).toMatchObject({ kind: 'mailboxFull' });
    expect(found('', 'There is no such user.')).toMatchObject({ kind: 'hard' });
  });

  it('is not hard where only the code says that it may pass', () => {
    expect(found('450 4.1.2 domain problem')).toMatchObject({ kind: 'soft', reason: 'hostUnknown' });
    expect(found('450 4.1.1 user unknown')).toMatchObject({ kind: 'hard' });
  });

  it('about the user after the content is what a filter says', () => {
    expect(found('550 user unknown (in reply to end of DATA command)')).toMatchObject({
      kind: 'soft',
      reason: 'recipientFilter',
      rule: 'recipientFilter.afterContent',
    });
    expect(found('550 user unknown (in reply to RCPT TO command)')).toMatchObject({ kind: 'hard' });
  });

  it('is not read out of the names of fields', () => {
    expect(found('', 'Original-Recipient: rfc822; ada@example.com').reason).toBe('undetermined');
    expect(found('', 'The message does not follow RFC 822.').reason).toBe('contentRejected');
  });

  it('is not read out of the address', () => {
    expect(found('550 <user.unknown-spam-virus@mailbox-full.example> no').reason).toBe('undetermined');
  });
});

describe('codes', () => {
  it.each([
    ['550 5.1.1 x', { replyCode: 550, status: '5.1.1' }],
    ['said: 452-4.2.2 x', { replyCode: 452, status: '4.2.2' }],
    ['192.5.1.1 and 5.1.1.9 and 15.1.1', {}],
    ['on port 550 of 5501', {}],
    ['error 554: x', { replyCode: 554 }],
  ])('of %j', (text, codes) => {
    expect(codesIn(text)).toEqual(codes);
  });
});

describe('the rules', () => {
  it('have names of their own and known reasons', () => {
    const rules = [...TELLING_RULES, ...VAGUE_RULES];
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    expect(rules.filter(({ reason }) => !FAILURE_REASONS.includes(reason))).toEqual([]);
  });
});

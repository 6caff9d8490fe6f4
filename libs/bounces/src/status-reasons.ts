import type { FailureReason } from './bounce-report.ts';

/**
 * Subject and detail of RFC 3463 and the registry after it (RFC 7372, 7504, 7505, 8616), where they say something by themselves.
 * Left out are those that servers use for anything: x.0.0, x.1.0, x.2.0, x.4.1, x.5.0, x.7.0, x.7.1.
 */
const TELLING: Readonly<Record<string, FailureReason>> = {
  '1.1': 'userUnknown',
  '1.2': 'hostUnknown',
  '1.3': 'userUnknown',
  '1.4': 'userUnknown',
  '1.6': 'hasMoved',
  '1.7': 'senderRejected',
  '1.8': 'senderRejected',
  '1.10': 'notAccepted',
  '2.1': 'suspended',
  '2.2': 'mailboxFull',
  '2.3': 'messageTooBig',
  '2.4': 'systemError',
  '3.1': 'systemError',
  '3.2': 'notAccepted',
  '3.4': 'messageTooBig',
  '3.5': 'systemError',
  '4.2': 'networkError',
  '4.3': 'systemError',
  '4.5': 'rateLimited',
  '4.6': 'networkError',
  '4.7': 'expired',
  '5.3': 'rateLimited',
  '6.1': 'contentRejected',
  '6.2': 'contentRejected',
  '6.3': 'contentRejected',
  '6.6': 'contentRejected',
  '7.2': 'recipientFilter',
  '7.4': 'securityError',
  '7.5': 'securityError',
  '7.6': 'securityError',
  '7.7': 'securityError',
  '7.8': 'securityError',
  '7.9': 'securityError',
  '7.10': 'securityError',
  '7.11': 'securityError',
  '7.13': 'suspended',
  '7.17': 'hasMoved',
  '7.18': 'hasMoved',
  '7.20': 'authFailure',
  '7.21': 'authFailure',
  '7.22': 'authFailure',
  '7.23': 'authFailure',
  '7.24': 'authFailure',
  '7.25': 'blocked',
  '7.26': 'authFailure',
  '7.27': 'senderRejected',
  '7.28': 'rateLimited',
  '7.29': 'authFailure',
};

/** By the subject alone, for details that say nothing or are unknown. */
const BY_SUBJECT: Readonly<Record<string, FailureReason>> = {
  '1': 'userUnknown',
  '2': 'suspended',
  '3': 'systemError',
  '4': 'networkError',
  '5': 'systemError',
  '6': 'contentRejected',
  '7': 'policyRefused',
};

/** RFC 5321, RFC 7504 and RFC 4954. */
const BY_REPLY: Readonly<Record<number, FailureReason>> = {
  421: 'systemError',
  450: 'undetermined',
  451: 'systemError',
  452: 'mailboxFull',
  454: 'securityError',
  500: 'systemError',
  501: 'systemError',
  502: 'systemError',
  503: 'systemError',
  504: 'systemError',
  521: 'notAccepted',
  530: 'securityError',
  535: 'securityError',
  538: 'securityError',
  551: 'hasMoved',
  552: 'mailboxFull',
  556: 'notAccepted',
  571: 'policyRefused',
};

export function tellingReason(status: string): FailureReason | undefined {
  return TELLING[status.slice(2)];
}

/** True when its subject is the system, the content or a policy: then what sounds like the address is not about it. */
export function aboutTheMail(status: string): boolean {
  return /^\d\.[367]\./.test(status);
}

export function subjectReason(status: string): FailureReason | undefined {
  return BY_SUBJECT[status.split('.')[1] ?? ''];
}

export function replyReason(replyCode: number): FailureReason | undefined {
  return BY_REPLY[replyCode];
}

import type { Clock, JsonValue } from '#libs/kernel';
import { defineNodeType, NodeError, type AttemptContext, type NodeType } from '#libs/node-kit';
import type { OutboundMail } from '#libs/outbound-mail';
import { checkEmailSend, emailSendConfigSchema, type EmailSendConfig } from './config.ts';
import { contentOf } from './content-of.ts';
import { mailOf } from './mail-of.ts';
import type { MailRecords, RecordedMail } from './mail-records.ts';
import type { MailTemplates } from './mail-templates.ts';
import { toldOrThrow } from './outcomes.ts';
import { sendMail } from './send-mail.ts';
import { serverOf } from './server-of.ts';

export interface EmailSendDependencies {
  readonly mail: OutboundMail;
  readonly mailRecords: MailRecords;
  readonly mailTemplates: MailTemplates;
  /** For the Date header. */
  readonly clock: Clock;
}

export function emailSendNode(dependencies: EmailSendDependencies): NodeType {
  return defineNodeType<EmailSendConfig>({
    type: 'email.send',
    kind: 'action',
    title: 'Send an email',
    description:
      'Sends a mail through an SMTP server, as written here or made of a template; its output says what became of each recipient. Who has it is not sent it again by a retry. When the server took the mail and never answered, a person is asked instead of sending it twice.',
    runs: 'executor',
    executor: 'email',
    configSchema: emailSendConfigSchema,
    outputsOf: () => ['main'],
    check: checkEmailSend,
    destinationOf: ({ credentialId }) => `smtp:${credentialId}`,
    run: (config, attempt) => run(config, attempt, dependencies),
  });
}

async function run(
  config: EmailSendConfig,
  attempt: AttemptContext,
  { mail: outbound, mailRecords, mailTemplates, clock }: EmailSendDependencies,
): Promise<JsonValue> {
  const credential = await attempt.credential(config.credentialId, ['smtp']);
  const nowMs = clock.nowMs();
  const { contentFor, template } = await contentOf(config, attempt, { mailTemplates, nowMs });
  const mail = await mailOf(config, attempt, nowMs);
  const records = mail.envelope.to.map((address) => recordOf(address, config, attempt));
  const own = {
    returnPath: credential.data.returnPath === 'millrace',
    unsubscribeLink: config.unsubscribe !== undefined,
  };
  if (own.returnPath) ensureReturnPath(records, mailRecords);
  const toSend = { server: serverOf(credential), mail, contentFor, records, own };
  const outcomes = await sendMail(toSend, { outbound, mailRecords, signal: attempt.signal });
  const { messageId } = mail;
  return { messageId, recipients: [...toldOrThrow(outcomes)], ...(template ? { template } : {}) };
}

function recordOf(
  address: string,
  { credentialId, unsubscribe }: EmailSendConfig,
  { workspaceId, executionId, nodeId, attempt, idempotencyKey }: AttemptContext,
): RecordedMail {
  const topic = unsubscribe?.topic ?? null;
  return { workspaceId, executionId, nodeId, attempt, idempotencyKey, credentialId, address, topic };
}

function ensureReturnPath([one]: readonly RecordedMail[], records: MailRecords): void {
  if (!one || records.returnPathOf(one) !== undefined) return;
  const message =
    'the credential wants returned mail to come back here, and no mail comes in at this installation: set MILLRACE_MAIL_DOMAIN, or returnPath of the credential to "sender"';
  throw new NodeError('EMAIL_RETURN_PATH_NOT_CONFIGURED', message, { retryable: false });
}

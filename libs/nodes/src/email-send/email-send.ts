import type { Clock, JsonValue } from '#libs/kernel';
import { defineNodeType, type AttemptContext, type NodeType } from '#libs/node-kit';
import type { OutboundMail } from '#libs/outbound-mail';
import { checkEmailSend, emailSendConfigSchema, type EmailSendConfig } from './config.ts';
import { nodeErrorOf, recipientOf } from './failures.ts';
import { mailOf } from './mail-of.ts';
import { serverOf } from './server-of.ts';

export interface EmailSendDependencies {
  readonly mail: OutboundMail;
  /** For the Date header. */
  readonly clock: Clock;
}

/** Above every time-out that a node may have: the attempt's signal is what ends a mail. */
const LONGEST_ATTEMPT_MS = 86_400_000;

export function emailSendNode(dependencies: EmailSendDependencies): NodeType {
  return defineNodeType<EmailSendConfig>({
    type: 'email.send',
    kind: 'action',
    title: 'Send an email',
    description:
      'Sends a mail through an SMTP server; its output says what became of each recipient. When the server took the mail and never answered, a person is asked instead of sending it twice.',
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
  { mail: outbound, clock }: EmailSendDependencies,
): Promise<JsonValue> {
  const server = serverOf(await attempt.credential(config.credentialId, ['smtp']));
  const mail = await mailOf(config, attempt, clock.nowMs());
  try {
    const options = { signal: attempt.signal, timeoutMs: LONGEST_ATTEMPT_MS };
    const { messageId, recipients, response } = await outbound.send(server, mail, options);
    return { messageId, recipients: recipients.map(recipientOf), response };
  } catch (error) {
    throw nodeErrorOf(error);
  }
}

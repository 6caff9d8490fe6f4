import { defineNodeType } from '#libs/node-kit';
import { emailTriggerConfigSchema, type EmailTriggerConfig } from './config.ts';

export const emailTrigger = defineNodeType<EmailTriggerConfig>({
  type: 'trigger.email',
  kind: 'trigger',
  title: 'Email trigger',
  description:
    'Starts an execution for each mail to an address of its own, or in a mailbox that is watched by IMAP; its output is the mail as body: from, to, subject, text, html, headers, attachments.',
  runs: 'trigger',
  configSchema: emailTriggerConfigSchema,
  outputsOf: () => ['main'],
});

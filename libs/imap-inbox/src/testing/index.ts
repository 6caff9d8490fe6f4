export { type ImapFault, type ImapMoment } from './imap-session.ts';
export { startImapServer, type ImapScript, type TestImapServer, type TestImapServerOptions } from './imap-server.ts';
export { type AppendOptions, type StoredMessage, type TestMailbox } from './test-mailbox.ts';

export { LOCALHOST_CERTIFICATE } from './localhost-certificate.ts';
export {
  startSmtpServer,
  type ReceivedMail,
  type SmtpFault,
  type SmtpMoment,
  type SmtpScript,
  type SmtpStep,
  type TestSmtpServer,
} from './smtp-server.ts';

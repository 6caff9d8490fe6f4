export { LOCALHOST_CERTIFICATE, LOCALHOST_KEY } from './localhost-certificate.ts';
export { sampleMail, serverOn } from './samples.ts';
export {
  startSmtpServer,
  type ReceivedMail,
  type SmtpFault,
  type SmtpMoment,
  type SmtpScript,
  type SmtpStep,
  type TestSmtpServer,
  type TestSmtpServerOptions,
} from './smtp-server.ts';

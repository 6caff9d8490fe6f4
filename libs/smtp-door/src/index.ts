export { SMTP_DOOR_LIMITS, type SmtpDoorLimits } from './limits.ts';
export { createSmtpDoor, type SmtpDoorOptions } from './smtp-door.ts';
export type {
  DeliveryAnswer,
  Held,
  MailDoor,
  ReceivedMail,
  Refusal,
  SmtpDoor,
  SmtpDoorEvent,
  TransactionSoFar,
} from './types.ts';

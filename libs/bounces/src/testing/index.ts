export {
  complaintReport,
  deliveryReport,
  multipartMail,
  ORIGINAL,
  originalHeaders,
  textMail,
  textNotice,
  type SamplePart,
  type SampleReport,
} from './sample-mails.ts';

/** Why a reader did not read: nothing that the message is to blame for. */
export type MailReaderErrorCode =
  /** As many messages wait as may; retryable. */
  | 'READER_BUSY'
  /** The reader was closed; terminal. */
  | 'READER_CLOSED';

export class MailReaderError extends Error {
  override readonly name = 'MailReaderError';
  readonly code: MailReaderErrorCode;
  readonly isRetryable: boolean;

  constructor(code: MailReaderErrorCode) {
    super(
      code === 'READER_BUSY' ? 'too many messages wait to be read: try again later' : 'the reader of mail is closed',
    );
    this.code = code;
    this.isRetryable = code === 'READER_BUSY';
  }
}

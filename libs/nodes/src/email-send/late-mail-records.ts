import { InvariantError } from '#libs/kernel';
import type { MailRecords } from './mail-records.ts';

/** Stands for records that are there only once the process has its connections; nodes are known before. */
export class LateMailRecords implements MailRecords {
  #records: MailRecords | undefined;

  /** Before the first attempt runs. */
  bind(records: MailRecords): void {
    this.#records = records;
  }

  look: MailRecords['look'] = (mail) => this.#bound.look(mail);
  begin: MailRecords['begin'] = (mail, signal) => this.#bound.begin(mail, signal);
  end: MailRecords['end'] = (mail, result, signal) => this.#bound.end(mail, result, signal);
  returnPathOf: MailRecords['returnPathOf'] = (mail) => this.#bound.returnPathOf(mail);
  unsubscribeUrlOf: MailRecords['unsubscribeUrlOf'] = (mail) => this.#bound.unsubscribeUrlOf(mail);

  get #bound(): MailRecords {
    if (!this.#records) throw new InvariantError('a mail was to be sent where no records of mails are kept');
    return this.#records;
  }
}

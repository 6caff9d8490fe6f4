import { createSmtpDoor, type SmtpDoorOptions } from '../smtp-door.ts';
import type { MailDoor, ReceivedMail, SmtpDoor, SmtpDoorEvent } from '../types.ts';

export interface RecordingDoor extends AsyncDisposable {
  readonly door: SmtpDoor;
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  readonly events: readonly SmtpDoorEvent[];
  /** Resolves once it holds; asked after each event and each turn of the loop. */
  until(holds: () => boolean): Promise<void>;
}

/** A door on loopback that takes everything for `in@example.org` and `in-….@example.org`. */
export async function openRecordingDoor(
  options: Partial<Omit<SmtpDoorOptions, 'door'>> & Partial<MailDoor> = {},
): Promise<RecordingDoor> {
  const mails: ReceivedMail[] = [];
  const events: SmtpDoorEvent[] = [];
  const { recipient, deliver, ...others } = options;
  const door = await createSmtpDoor({
    port: 0,
    host: '127.0.0.1',
    hostname: 'mx.example.org',
    clock: { nowMs: () => Date.parse('2026-11-29T10:00:00.000Z') },
    onEvent: (event) => events.push(event),
    ...others,
    door: {
      recipient:
        recipient ??
        (async (address) =>
          /^in(-\w+)?@example\.org$/i.test(address)
            ? 'ok'
            : { replyCode: 550, enhancedCode: '5.1.1', text: `nobody here is ${address}` }),
      deliver: async (mail) => {
        mails.push(mail);
        return deliver ? deliver(mail) : { kind: 'taken', id: `mail-${mails.length}` };
      },
    },
  });
  return {
    door,
    port: door.port,
    mails,
    events,
    until: async (holds) => {
      while (!holds()) await new Promise((resolve) => setImmediate(resolve));
    },
    [Symbol.asyncDispose]: () => door[Symbol.asyncDispose](),
  };
}

import type { KnownMail, MailRecords, MailResult, RecordedMail } from '../mail-records.ts';

/** Keeps what it is told; `known` says what was there before, by address. */
export class InMemoryMailRecords implements MailRecords {
  /** In the order they came, as `address kind`. */
  readonly told: string[] = [];
  readonly #last = new Map<string, { readonly kind: string; readonly attempt: number }>();

  constructor(
    readonly known = new Map<string, KnownMail>(),
    private readonly domain: string | null = 'in.example.com',
  ) {}

  async look({ address, attempt }: RecordedMail): Promise<KnownMail> {
    const last = this.#last.get(address);
    if (last?.kind === 'sent') return { kind: 'sent' };
    if (last && isOpen(last, attempt)) return { kind: 'interrupted' };
    return this.known.get(address) ?? { kind: 'unsent' };
  }

  async begin(mail: RecordedMail): Promise<void> {
    this.#tell(mail, 'sending');
  }

  async end(mail: RecordedMail, { kind }: MailResult): Promise<void> {
    this.#tell(mail, kind);
  }

  returnPathOf({ address }: RecordedMail): string | undefined {
    return this.domain === null ? undefined : `bounce+${address.split('@')[0]}@${this.domain}`;
  }

  unsubscribeUrlOf({ address }: RecordedMail): string {
    return `https://millrace.example.com/unsubscribe/${address.split('@')[0]}`;
  }

  #tell({ address, attempt }: RecordedMail, kind: string): void {
    this.told.push(`${address} ${kind}`);
    this.#last.set(address, { kind, attempt });
  }
}

function isOpen({ kind, attempt: of }: { readonly kind: string; readonly attempt: number }, attempt: number): boolean {
  return kind === 'sending' || (kind === 'unknown' && of === attempt);
}

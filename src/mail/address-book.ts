import { Inject, Injectable } from '@nestjs/common';
import { MailLinks } from '#libs/mail-ledger';
import { isInboxRoute, isMailRoute, RouteTable, type MailRoute } from '#libs/webhook-routes';
import type { Config } from '../config/config.ts';
import { CONFIG } from '../platform/tokens.ts';
import { localPartOf } from './mail-recipients.ts';

/** Who is behind an address: a mail trigger, or the return path of a mail of ours. */
export type Addressee =
  | { readonly kind: 'trigger'; readonly route: MailRoute }
  | { readonly kind: 'returnPath'; readonly mailKey: string }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'otherDomain' };

/** The addresses of the installation, as this process knows them now. */
@Injectable()
export class AddressBook {
  readonly #domain: string;

  constructor(
    private readonly routes: RouteTable,
    private readonly links: MailLinks,
    @Inject(CONFIG) { mail }: Config,
  ) {
    this.#domain = mail?.domain ?? '';
  }

  find(address: string): Addressee {
    const localPart = localPartOf(address, this.#domain);
    if (localPart === undefined) return { kind: 'otherDomain' };
    const mailKey = this.links.mailKeyOfReturnPath(localPart);
    if (mailKey !== undefined) return { kind: 'returnPath', mailKey };
    // In the case it came, or in lower case: servers on the way may change it.
    const route = this.routes.find(localPart) ?? this.routes.find(localPart.toLowerCase());
    return route && isMailRoute(route) && !isInboxRoute(route) ? { kind: 'trigger', route } : { kind: 'nobody' };
  }
}

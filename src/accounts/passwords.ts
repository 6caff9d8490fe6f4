import { Injectable } from '@nestjs/common';
import { BoundedWork } from '#libs/bounded-work';
import { tooBusy } from '../platform/too-busy.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';

/**
 * Hashing within bounds: each takes 19 MiB and one of node's few threads for 30 ms, and those threads also read files
 * and look up names. Two at a time leave the others something; beyond two seconds of waiting, callers are sent away.
 */
@Injectable()
export class Passwords {
  private readonly work = new BoundedWork({ atOnce: 2, waiting: 128, tooBusy: () => tooBusy('logins') });

  hash(password: string): Promise<string> {
    return this.work.run(() => hashPassword(password));
  }

  verify(password: string, phc: string): Promise<boolean> {
    return this.work.run(() => verifyPassword(password, phc));
  }
}

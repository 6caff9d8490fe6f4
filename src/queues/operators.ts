import { Inject, Injectable } from '@nestjs/common';
import { MillraceError } from '#libs/kernel';
import type { Config } from '../config/config.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { CONFIG } from '../platform/tokens.ts';

/** Who may look after what all workspaces share: the owners of the workspaces that the installation names, or of any. */
@Injectable()
export class Operators {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** The caller's role has been looked at before. Throws `NOT_AN_OPERATOR`. */
  ensure({ workspaceId }: Access): void {
    const { operators } = this.config;
    if (!operators || operators.has(workspaceId)) return;
    throw new MillraceError(
      'forbidden',
      'NOT_AN_OPERATOR',
      'this is of the whole installation: ask who operates it, or see MILLRACE_OPERATORS',
    );
  }
}

import { SetMetadata } from '@nestjs/common';

export const IDEMPOTENT = 'millrace:idempotent';

/** On every POST that creates: with `Idempotency-Key` it does so once, and repeats its first answer. */
export const Idempotent = (): MethodDecorator => SetMetadata(IDEMPOTENT, true);

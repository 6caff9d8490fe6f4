import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { IdempotencyInterceptor } from './idempotency.interceptor.ts';

export const IDEMPOTENT = 'millrace:idempotent';

/**
 * On every POST that creates: with `Idempotency-Key` it does so once, and repeats its first answer. The handler answers
 * JSON by what it returns, with `@Res({ passthrough: true })` for its status and headers.
 */
export const Idempotent = (): MethodDecorator =>
  applyDecorators(SetMetadata(IDEMPOTENT, true), UseInterceptors(IdempotencyInterceptor));

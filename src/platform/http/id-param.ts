import { Param, type PipeTransform } from '@nestjs/common';
import { MillraceError, tryParseId, type IdKind, type IdOf } from '#libs/kernel';

/** What is not shaped like an id names nothing, so it is not found rather than malformed. */
class IdPipe<Kind extends IdKind> implements PipeTransform<string, IdOf<Kind>> {
  constructor(private readonly kind: Kind) {}

  transform(text: string): IdOf<Kind> {
    const id = tryParseId(this.kind, text);
    if (id) return id;
    throw new MillraceError(
      'notFound',
      `${this.kind.toUpperCase()}_NOT_FOUND`,
      `there is no ${this.kind} with this id`,
    );
  }
}

/** The `:id` of the path, as an id of the kind. */
export const IdParam = (kind: IdKind, name = 'id'): ParameterDecorator => Param(name, new IdPipe(kind));

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InvariantError } from '#libs/kernel';
import { DeclaredRoutes } from '../routes/declared-routes.ts';
import { ACCESS_RULE } from './access.decorators.ts';

/** Refuses the start when a route does not say who may call it. */
@Injectable()
export class DeclaredPermissions implements OnModuleInit {
  constructor(private readonly routes: DeclaredRoutes) {}

  onModuleInit(): void {
    const undeclared = this.routes
      .all()
      .filter((route) => route.metadata(ACCESS_RULE) === undefined)
      .map(({ controller, handlerName }) => `${controller}.${handlerName}`);
    if (undeclared.length > 0)
      throw new InvariantError(`routes without @Public() or @RequirePermission(): ${undeclared.join(', ')}`);
  }
}

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { InvariantError } from '#libs/kernel';
import { ACCESS_RULE } from './access.decorators.ts';

/** Refuses the start when a route does not say who may call it. */
@Injectable()
export class DeclaredPermissions implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const undeclared = this.discovery.getControllers().flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const prototype = metatype.prototype as Record<string, () => unknown>;
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((method) => this.isUndeclaredRoute(prototype[method]))
        .map((method) => `${metatype.name}.${method}`);
    });
    if (undeclared.length > 0)
      throw new InvariantError(`routes without @Public() or @RequirePermission(): ${undeclared.join(', ')}`);
  }

  private isUndeclaredRoute(handler: (() => unknown) | undefined): boolean {
    if (!handler || !Reflect.hasMetadata(PATH_METADATA, handler)) return false;
    return this.reflector.get<unknown>(ACCESS_RULE, handler) === undefined;
  }
}

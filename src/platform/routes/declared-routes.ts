import { Injectable, RequestMethod, type Type } from '@nestjs/common';
import { HTTP_CODE_METADATA, METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';

/** What a handler takes of the request, as `@Body`, `@Query`, `@Param` and the like declare it. */
export interface DeclaredArgument {
  readonly kind: RouteParamtypes;
  /** The name given to the decorator, e.g. of a path parameter. */
  readonly name: string | undefined;
  readonly schema: unknown;
  readonly pipes: readonly unknown[];
}

/** A route as its controller declares it. */
export interface DeclaredRoute {
  readonly controller: string;
  readonly handlerName: string;
  /** `GET`, `POST` … */
  readonly method: string;
  /** As Fastify takes it: `/v1/workflows/:id`. */
  readonly path: string;
  /** Of an answer that nobody gave another status. */
  readonly status: number;
  readonly arguments: readonly DeclaredArgument[];
  /** What a decorator of ours says of it. */
  metadata<Value>(key: string): Value | undefined;
}

type Handler = (...values: unknown[]) => unknown;

/** All routes of Nest in this process, by what their decorators say. */
@Injectable()
export class DeclaredRoutes {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  all(): DeclaredRoute[] {
    return this.discovery.getControllers().flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const controller = metatype as Type;
      const prototype = controller.prototype as Record<string, Handler>;
      return this.scanner
        .getAllMethodNames(prototype)
        .flatMap((name) => routeOf(controller, name, prototype[name]) ?? []);
    });
  }
}

function routeOf(controller: Type, handlerName: string, handler: Handler | undefined): DeclaredRoute | undefined {
  if (!handler || !Reflect.hasMetadata(PATH_METADATA, handler)) return undefined;
  const method = RequestMethod[metadataOf<RequestMethod>(METHOD_METADATA, handler) ?? RequestMethod.GET];
  const path = [metadataOf<string>(PATH_METADATA, controller), metadataOf<string>(PATH_METADATA, handler)];
  return {
    controller: controller.name,
    handlerName,
    method,
    path: `/${path
      .flatMap((part) => part?.split('/') ?? [])
      .filter((part) => part !== '')
      .join('/')}`,
    status: metadataOf<number>(HTTP_CODE_METADATA, handler) ?? (method === 'POST' ? 201 : 200),
    arguments: argumentsOf(controller, handlerName),
    metadata: (key) => metadataOf(key, handler),
  };
}

interface StoredArgument {
  readonly data?: unknown;
  readonly schema?: unknown;
  readonly pipes?: readonly unknown[];
}

/** Nest keeps them under `<kind>:<place>`; those of decorators of our own begin with another text. */
function argumentsOf(controller: Type, handlerName: string): DeclaredArgument[] {
  const stored: Record<string, StoredArgument> =
    (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handlerName) as Record<string, StoredArgument> | undefined) ??
    {};
  return Object.entries(stored).flatMap(([key, { data, schema, pipes = [] }]) => {
    const kind = /^(\d+):\d+$/.exec(key)?.[1];
    if (kind === undefined) return [];
    return [{ kind: Number(kind), name: typeof data === 'string' ? data : undefined, schema, pipes }];
  });
}

function metadataOf<Value>(key: string, target: object): Value | undefined {
  return Reflect.getMetadata(key, target) as Value | undefined;
}

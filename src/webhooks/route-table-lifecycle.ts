import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { RouteTable } from '#libs/webhook-routes';

/** Ends the watch of the routes with the process. */
@Injectable()
export class RouteTableLifecycle implements OnApplicationShutdown {
  constructor(private readonly routes: RouteTable) {}

  async onApplicationShutdown(): Promise<void> {
    await this.routes[Symbol.asyncDispose]();
  }
}

import { Injectable, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { NodeTypes } from '#libs/node-kit';
import { LateMailRecords, LateMailTemplates, LateOpenApiOperations } from '#libs/nodes';
import type { OutboundHttp } from '#libs/outbound-http';
import type { OutboundMail } from '#libs/outbound-mail';
import { NodeTypesController } from './node-types.controller.ts';
import { NODE_TYPES, OUTBOUND_HTTP, OUTBOUND_MAIL } from './tokens.ts';

/** The node types, and what they share that must end with the process. */
export interface InstalledNodeTypes extends AsyncDisposable {
  readonly nodeTypes: NodeTypes;
  readonly http: OutboundHttp;
  readonly mail: OutboundMail;
  /** To be bound before the first mail is sent. */
  readonly mailRecords: LateMailRecords;
  readonly mailTemplates: LateMailTemplates;
  /** Likewise, before the first call. */
  readonly openApiOperations: LateOpenApiOperations;
}

@Module({})
export class NodeTypesModule {
  static forRoot(installed: InstalledNodeTypes, options: { readonly withApi: boolean }): DynamicModule {
    @Injectable()
    class NodeTypesLifecycle implements OnApplicationShutdown {
      async onApplicationShutdown(): Promise<void> {
        await installed[Symbol.asyncDispose]();
      }
    }
    return {
      module: NodeTypesModule,
      global: true,
      controllers: options.withApi ? [NodeTypesController] : [],
      providers: [
        { provide: NODE_TYPES, useValue: installed.nodeTypes },
        { provide: OUTBOUND_HTTP, useValue: installed.http },
        { provide: OUTBOUND_MAIL, useValue: installed.mail },
        { provide: LateMailRecords, useValue: installed.mailRecords },
        { provide: LateMailTemplates, useValue: installed.mailTemplates },
        { provide: LateOpenApiOperations, useValue: installed.openApiOperations },
        NodeTypesLifecycle,
      ],
      exports: [NODE_TYPES, OUTBOUND_HTTP, OUTBOUND_MAIL, LateMailRecords, LateMailTemplates, LateOpenApiOperations],
    };
  }
}

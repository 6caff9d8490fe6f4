import { Module } from '@nestjs/common';
import { KnownOperations } from './known-operations.ts';
import { ReadDocuments } from './read-documents.ts';

/** What others need that name documents. */
@Module({ providers: [ReadDocuments, KnownOperations], exports: [ReadDocuments, KnownOperations] })
export class OpenApiDocumentStoreModule {}

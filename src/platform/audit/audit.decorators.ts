import { SetMetadata } from '@nestjs/common';

/** A thing and what is done to it: `workflow.activate`. Filters of the audit take it, so it is API. */
export type AuditAction = `${string}.${string}`;

/** What the audit is told of a route. */
export type AuditRule =
  | { readonly kind: 'change'; readonly action: AuditAction }
  | { readonly kind: 'read'; readonly action: AuditAction }
  | { readonly kind: 'noted'; readonly action: AuditAction }
  | { readonly kind: 'nothing'; readonly why: string };

export const AUDIT_RULE = 'millrace:audit-rule';

const rule = (value: AuditRule): MethodDecorator => SetMetadata(AUDIT_RULE, value);

/**
 * The route changes something: an entry is written before its handler runs, and another with what came of it before it is
 * answered. Each route that is no GET carries this or `NotAudited`; without one the application does not start.
 */
export const AuditedChange = (action: AuditAction): MethodDecorator => rule({ kind: 'change', action });

/** The route shows payloads: an entry is written before an auditor sees them. Each GET that auditors may call says so, or not. */
export const AuditedRead = (action: AuditAction): MethodDecorator => rule({ kind: 'read', action });

/** The caller is known by the end alone, who is noted then (see noteActor): an entry is written before the answer. */
export const AuditedEnd = (action: AuditAction): MethodDecorator => rule({ kind: 'noted', action });

/** Nothing of it is written, for this reason. */
export const NotAudited = (why: string): MethodDecorator => rule({ kind: 'nothing', why });

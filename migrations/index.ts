import { Accounts } from './m0001-accounts.ts';
import { ReadModels } from './m0002-read-models.ts';
import { AccountsComplete } from './m0003-accounts-complete.ts';
import { WorkflowVersions } from './m0004-workflow-versions.ts';
import { Credentials } from './m0005-credentials.ts';
import { ExecutionFilters } from './m0006-execution-filters.ts';
import { Idempotency } from './m0007-idempotency.ts';
import { DeadLetters } from './m0008-dead-letters.ts';
import { AttemptsInDoubt } from './m0009-attempts-in-doubt.ts';
import { Deliveries } from './m0010-deliveries.ts';
import { Audit } from './m0011-audit.ts';
import { Projections } from './m0012-projections.ts';
import { ExecutionLineage } from './m0013-execution-lineage.ts';
import { Archive } from './m0014-archive.ts';
import { Mails } from './m0015-mails.ts';
import { EmailTemplates } from './m0016-email-templates.ts';
import { OpenApiDocuments } from './m0017-openapi-documents.ts';
import { Connections } from './m0018-connections.ts';
import { AnsweredDeliveries } from './m0019-answered-deliveries.ts';

/** In the order in which they run. A released one is never edited, renamed or moved. */
export const migrations = [
  { name: 'm0001-accounts', class: Accounts },
  { name: 'm0002-read-models', class: ReadModels },
  { name: 'm0003-accounts-complete', class: AccountsComplete },
  { name: 'm0004-workflow-versions', class: WorkflowVersions },
  { name: 'm0005-credentials', class: Credentials },
  { name: 'm0006-execution-filters', class: ExecutionFilters },
  { name: 'm0007-idempotency', class: Idempotency },
  { name: 'm0008-dead-letters', class: DeadLetters },
  { name: 'm0009-attempts-in-doubt', class: AttemptsInDoubt },
  { name: 'm0010-deliveries', class: Deliveries },
  { name: 'm0011-audit', class: Audit },
  { name: 'm0012-projections', class: Projections },
  { name: 'm0013-execution-lineage', class: ExecutionLineage },
  { name: 'm0014-archive', class: Archive },
  { name: 'm0015-mails', class: Mails },
  { name: 'm0016-email-templates', class: EmailTemplates },
  { name: 'm0017-openapi-documents', class: OpenApiDocuments },
  { name: 'm0018-connections', class: Connections },
  { name: 'm0019-answered-deliveries', class: AnsweredDeliveries },
];

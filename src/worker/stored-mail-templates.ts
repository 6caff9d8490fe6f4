import { EntityManager } from '@mikro-orm/postgresql';
import { LRUCache } from 'lru-cache';
import { MillraceError, tryParseId, type WorkspaceId } from '#libs/kernel';
import type { MailTemplate, MailTemplates, NamedTemplate } from '#libs/nodes';
import { StoredTemplate, StoredTemplateVersion } from '../email-templates/email-templates.entities.ts';
import { isAway } from '../platform/away.ts';
import { RecentReads } from '../platform/recent-reads.ts';

/** For so long mails are still made of the version of before. */
const LATEST_KEPT_MS = 1_000;
const MAX_VERSIONS = 200;
/** Bytes, as `sizeOf` guesses them. */
const MAX_SIZE = 64 * 1024 * 1024;

interface Latest {
  /** Null when there is no such template: that is kept for the same time, so that a loop over it asks no more. */
  readonly version: number | null;
}

/** Templates in Postgres. A version never changes, so it is read once and kept while there is room. */
export class StoredMailTemplates implements MailTemplates {
  readonly #latest: RecentReads<Latest>;
  readonly #versions = new LRUCache<string, Promise<MailTemplate | undefined>>({
    max: MAX_VERSIONS,
    maxSize: MAX_SIZE,
  });

  /** @param nowMs for tests: monotonic */
  constructor(
    private readonly em: EntityManager,
    nowMs?: () => number,
  ) {
    this.#latest = new RecentReads(LATEST_KEPT_MS, nowMs);
  }

  async find({ workspaceId, id, version }: NamedTemplate): Promise<MailTemplate | undefined> {
    // What is not shaped like an id (Postgres would refuse some of it) names nothing.
    const templateId = tryParseId('emailTemplate', id);
    if (!templateId) return undefined;
    const asked = { workspaceId: workspaceId as WorkspaceId, id: templateId };
    try {
      const wanted = version ?? (await this.#latestOf(asked));
      return wanted === null ? undefined : await this.#versionOf(asked, wanted);
    } catch (error) {
      throw isAway(error) ? templatesAway(error) : error;
    }
  }

  async #latestOf(asked: Asked): Promise<number | null> {
    const latest = await this.#latest.get(`${asked.workspaceId}/${asked.id}`, async () => {
      const row = await this.em.fork().findOne(StoredTemplate, { ...asked });
      return { version: row?.latestVersion ?? null };
    });
    return latest?.version ?? null;
  }

  /** Who ask at once share one read. What is not there, or could not be read, is asked for again. */
  #versionOf(asked: Asked, version: number): Promise<MailTemplate | undefined> {
    const key = `${asked.workspaceId}/${asked.id}/${version}`;
    const known = this.#versions.get(key);
    if (known) return known;
    const reading = this.#read(asked, version);
    this.#versions.set(key, reading, { size: 1 });
    const settle = (found?: MailTemplate): void => {
      if (this.#versions.peek(key) !== reading) return;
      if (found) this.#versions.set(key, reading, { size: sizeOf(found) });
      else this.#versions.delete(key);
    };
    reading.then(settle, () => settle());
    return reading;
  }

  async #read(asked: Asked, version: number): Promise<MailTemplate | undefined> {
    const em = this.em.fork();
    if (!(await em.findOne(StoredTemplate, { ...asked }))) return undefined;
    const where = { templateId: asked.id, version };
    const row = await em.findOne(StoredTemplateVersion, where, { exclude: ['written'] });
    return row ? { version, compiled: row.compiled } : undefined;
  }
}

interface Asked {
  readonly workspaceId: WorkspaceId;
  readonly id: StoredTemplate['id'];
}

/** Of a tag or an output, once it is parsed. */
const TOKEN_SIZE = 2_000;

function sizeOf({ compiled: { html, subject, text = '' } }: MailTemplate): number {
  const all = [html, subject, text];
  const tokens = all.reduce((sum, part) => sum + part.split(/\{[{%]/).length, 0);
  return all.reduce((sum, part) => sum + 2 * part.length, 0) + TOKEN_SIZE * tokens;
}

function templatesAway(cause: unknown): MillraceError {
  const message = 'the email template can not be read now; the database is away';
  return new MillraceError('unavailable', 'DATABASE_UNAVAILABLE', message, { cause });
}

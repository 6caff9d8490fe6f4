import { isJsonObject, type JsonObject } from '#libs/kernel';
import { z } from 'zod';

const storedLease = z.object({
  holder: z.string(),
  since: z.iso.datetime(),
  /** Revision of the acquisition; absent in the acquisition itself, whose own revision it is. */
  token: z.int().positive().optional(),
  about: z.custom<JsonObject>(isJsonObject),
});
export type StoredLease = z.infer<typeof storedLease>;

/** Undefined for the mark of an end, and for what this version can't read. */
export function storedLeaseIn(data: Uint8Array): StoredLease | undefined {
  try {
    return storedLease.parse(JSON.parse(Buffer.from(data).toString()));
  } catch {
    return undefined;
  }
}

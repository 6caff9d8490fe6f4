import { BucketMirror } from '#libs/jetstream';
import type { HookEntry, KnownHook } from './hook-entry.ts';
import { stateOf, type HookState } from './hook-state.ts';
import { parseHookEntry, type HookStore } from './hook-store.ts';

/** All entries in this process's memory, a moment behind. */
export class HookTable implements AsyncDisposable {
  private constructor(private readonly mirror: BucketMirror<HookEntry>) {}

  static async open(
    { connection, bucket }: Pick<HookStore, 'connection' | 'bucket'>,
    onFault: (error: unknown) => void,
  ): Promise<HookTable> {
    return new HookTable(await BucketMirror.open(connection, bucket, { parse: parseHookEntry, onFault }));
  }

  /** Those with a hook that is not settled yet, and needs the credential for that. */
  unsettledOf(workspaceId: string, credentialId: string): readonly HookEntry[] {
    return this.#entriesWith(
      (hook, entry) => entry.workspaceId === workspaceId && hook.credentialId === credentialId && !isSettled(hook),
    );
  }

  /**
   * Those with a wanted hook that does not call this installation as it is reached now, or is there and signs with another
   * key. What is not there gets the key of now with its next try, which is not to come sooner for that.
   */
  outdated(publicUrl: string, keyId: string): readonly HookEntry[] {
    return this.#entriesWith(
      ({ isWanted, url, stage, signedBy }) =>
        isWanted && (!url.startsWith(`${publicUrl}/`) || (stage === 'there' && signedBy !== keyId)),
    );
  }

  /** Those with a wanted hook whose service has a secret of another key, or may have. */
  signingWithAnother(keyId: string): readonly HookEntry[] {
    return this.#entriesWith(
      ({ isWanted, stage, signedBy }) =>
        isWanted && stage !== 'planned' && signedBy !== undefined && signedBy !== keyId,
    );
  }

  countByState(): Readonly<Record<HookState, number>> {
    const counts = { registered: 0, pending: 0, failing: 0, removing: 0, removed: 0 };
    for (const { hooks } of this.mirror.values.values()) for (const hook of hooks) counts[stateOf(hook)]++;
    return counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.mirror[Symbol.asyncDispose]();
  }

  #entriesWith(isMeant: (hook: KnownHook, entry: HookEntry) => boolean): readonly HookEntry[] {
    return [...this.mirror.values.values()].filter((entry) => entry.hooks.some((hook) => isMeant(hook, entry)));
  }
}

function isSettled(hook: KnownHook): boolean {
  const state = stateOf(hook);
  return state === 'registered' || state === 'removed';
}

import { Injectable } from '@nestjs/common';
import { Logger } from '../logging/logger.ts';

export type HealthDetails = Readonly<Record<string, string | number | boolean>>;

/** One thing the process cannot do its work without. `check` throws when it is away; details are shown to everybody. */
export interface Dependency {
  readonly name: string;
  check(): Promise<HealthDetails>;
}

export type DependencyHealth = HealthDetails & { readonly status: 'up' | 'down' };

export interface Readiness {
  readonly status: 'ready' | 'unavailable';
  readonly dependencies: Readonly<Record<string, DependencyHealth>>;
}

const CHECK_MS = 2_000;

@Injectable()
export class HealthRegistry {
  private readonly dependencies = new Map<string, Dependency>();
  private running: Promise<Readiness> | undefined;

  constructor(private readonly logger: Logger) {}

  register(dependency: Dependency): void {
    this.dependencies.set(dependency.name, dependency);
  }

  /** Asks all dependencies at once, each for 2 s at most. Callers at the same time share one answer. */
  readiness(): Promise<Readiness> {
    this.running ??= this.ask().finally(() => (this.running = undefined));
    return this.running;
  }

  private async ask(): Promise<Readiness> {
    const answers = await Promise.all(
      [...this.dependencies.values()].map(
        async (dependency) => [dependency.name, await this.stateOf(dependency)] as const,
      ),
    );
    const ready = answers.every(([, { status }]) => status === 'up');
    return { status: ready ? 'ready' : 'unavailable', dependencies: Object.fromEntries(answers) };
  }

  private async stateOf(dependency: Dependency): Promise<DependencyHealth> {
    try {
      return { status: 'up', ...(await within(CHECK_MS, dependency.check())) };
    } catch (error) {
      // The reason may name hosts and users: it is for the log, not for whoever asks.
      this.logger.warn({ dependency: dependency.name, error }, 'a dependency is away');
      return { status: 'down', reason: error instanceof CheckTimeout ? error.message : 'the check failed' };
    }
  }
}

class CheckTimeout extends Error {
  override readonly name = 'CheckTimeout';
}

async function within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new CheckTimeout(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

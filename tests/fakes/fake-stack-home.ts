// A home around a stack, for its steps: secrets and settings that outlive the core, and pools that are proven at once.
import type { PoolProof, StackGitlab, StackHome } from '../../main/apply/stack/context.ts';
import type { Secrets } from '../../main/ports.ts';
import { StackFaults } from './fake-stack-faults.ts';

/** Secrets whose every write may be the last thing a core does. */
export class FakeStackSecrets implements Secrets {
  readonly kept = new Map<string, string>();
  readonly #faults: StackFaults;

  constructor(faults: StackFaults = new StackFaults()) {
    this.#faults = faults;
  }

  get(name: string): string | null {
    return this.kept.get(name) ?? null;
  }

  set(name: string, value: string): Promise<void> {
    return this.#faults.around(`secrets.set ${name}`, () => void this.kept.set(name, value));
  }

  remove(name: string): Promise<void> {
    return this.#faults.around(`secrets.remove ${name}`, () => void this.kept.delete(name));
  }

  names(): readonly string[] {
    return [...this.kept.keys()];
  }

  values(): readonly string[] {
    return [...this.kept.values()];
  }

  sign(text: string): string {
    return `signed ${text.length} ${text}`;
  }
}

/** The settings and pools of a home. */
export class FakeStackHome implements StackHome {
  readonly faults: StackFaults;
  gitlab: StackGitlab | null = null;
  /** How often the settings were really written. */
  writes = 0;
  other: string | null = null;
  ring: { readonly url: string; readonly token: string } | null = {
    url: 'http://autogit-gateway:8080/hook',
    token: 'ring',
  };
  pools: readonly PoolProof[] = [{ pool: 'default', state: 'proven', sentence: 'Seen.', fix: null }];
  readonly proven: string[] = [];
  /** What a new proof shows. */
  nextProof: PoolProof['state'] = 'proven';

  constructor(faults: StackFaults = new StackFaults()) {
    this.faults = faults;
  }

  otherGitlab(): string | null {
    return this.other;
  }

  useGitlab(gitlab: StackGitlab): Promise<void> {
    return this.faults.around('home.useGitlab', () => {
      if (JSON.stringify(this.gitlab) === JSON.stringify(gitlab)) return;
      this.gitlab = gitlab;
      this.writes += 1;
    });
  }

  leaveGitlab(): Promise<void> {
    return this.faults.around('home.leaveGitlab', () => {
      this.gitlab = null;
    });
  }

  forgetGitlab(): void {
    this.faults.at('home.forgetGitlab', () => {
      this.pools = this.pools.map((one) => ({ ...one, state: 'waiting' }));
    });
  }

  hook(): { readonly url: string; readonly token: string } | null {
    return this.ring;
  }

  proofs(): readonly PoolProof[] {
    return this.pools;
  }

  prove(pool: string): void {
    this.proven.push(pool);
    this.pools = this.pools.map((one) => (one.pool === pool ? { ...one, state: this.nextProof } : one));
  }
}

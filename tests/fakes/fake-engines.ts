// The engines of a pretended machine: places that come and go, and fakes that stand there.
import { AutoGitError } from '../../main/errors.ts';
import type { EnginePlace, EngineSource, EngineSourceKind } from '../../main/model/engine.ts';
import type { Engine, Engines } from '../../main/ports.ts';

/** An engine that never was there. */
function nothingThere(host: string): AutoGitError {
  const message = `There is no container engine at ${host}.`;
  return new AutoGitError({ key: 'engine.unreachable', message, next: 'None: a fake.', retry: true });
}

function source(kind: EngineSourceKind): EngineSource {
  return { kind, name: kind.endsWith('context') ? 'lab' : null };
}

/** Engines by their addresses; `places` says where they are found, best first. */
export class FakeEngines implements Engines {
  /** Questions so far, by address. */
  readonly asked: string[] = [];
  readonly #engines = new Map<string, Engine>();
  readonly #identities = new Map<string, string>();
  #found: readonly { readonly host: string; readonly kind: EngineSourceKind }[] = [];

  /** An engine at its own address, found in this place. */
  add(engine: Engine, kind: EngineSourceKind = 'docker'): this {
    this.#engines.set(engine.host, engine);
    this.#found = [...this.#found, { host: engine.host, kind }];
    return this;
  }

  /** A second address of an engine, at which it is found by those who name it. */
  alias(host: string, engine: Engine): this {
    this.#engines.set(host, engine);
    this.#identities.set(host, engine.host);
    return this;
  }

  /** Nothing is at an address any more, though the engine goes on. */
  unlink(host: string): void {
    this.#engines.delete(host);
  }

  async identify(host: string): Promise<string> {
    return this.#identities.get(host) ?? host;
  }

  /** Finds all of them in other places, in the order given. */
  findAt(found: readonly { readonly host: string; readonly kind: EngineSourceKind }[]): void {
    this.#found = found;
  }

  async places(setting: string | null): Promise<readonly EnginePlace[]> {
    const named = setting === null ? [] : [{ host: setting, kind: 'setting' as const }];
    const places = new Map<string, EnginePlace>();
    for (const { host, kind } of [...named, ...this.#found]) {
      const identity = await this.identify(host);
      const known = places.get(identity) ?? { host, identity, machine: 'here', sources: [] };
      places.set(identity, { ...known, sources: [...known.sources, source(kind)] });
    }
    return [...places.values()];
  }

  async ask(host: string, signal?: AbortSignal): ReturnType<Engines['ask']> {
    this.asked.push(host);
    const engine = this.#engines.get(host);
    if (engine === undefined) throw nothingThere(host);
    const { promise, reject } = Promise.withResolvers<never>();
    if (signal?.aborted === true) throw nothingThere(host);
    signal?.addEventListener('abort', () => reject(nothingThere(host)), { once: true });
    return Promise.race([engine.info(), promise]);
  }

  connect(host: string): Engine {
    const engine = this.#engines.get(host);
    if (engine === undefined) throw new Error(`the test has put no engine at ${host}`);
    return engine;
  }
}

// Takes hold of a core: the one that runs with this home, or one of this process. Apart from the link, because reading
// what it needs of the contract takes longer than showing an icon.
import type { CoreDoor } from '../main/contract/contract.ts';
import { connectCore, isAlive } from '../main/serve/client.ts';
import { findOrCreate } from '../main/serve/find-core.ts';
import type { CoreAccess, Environment, OwnCore } from '../main/serve/find-core.ts';
import { startServe } from '../main/serve/serve.ts';

/** Whose core it is. `joined`: it belongs to another process, which goes on when this one ends. */
export type HeldState = { readonly kind: 'own' } | { readonly kind: 'joined'; readonly pid: number };

export interface Held {
  readonly door: CoreDoor;
  readonly state: HeldState;
  /** Whether a core of another process has ended since. */
  isGone(): Promise<boolean>;
  end(): Promise<void>;
}

/** A core of this process, with its doors open and announced to other programs. */
async function openOwn(core: OwnCore, access: CoreAccess, env: Environment): Promise<Held> {
  const paths = access.homePaths(env, { demo: false });
  let doors;
  try {
    doors = await startServe({ core, paths, log: core.log });
    await core.announce(doors);
  } catch (error) {
    await doors?.close();
    await core.stop();
    throw error;
  }
  const opened = doors;
  core.start().catch((error: unknown) => core.log.error('the core could not start', { error }));
  return {
    door: core.through('desktop'),
    state: { kind: 'own' },
    isGone: async () => false,
    end: async () => {
      await core.withdraw();
      await opened.close();
      await core.stop();
    },
  };
}

/** Rejects with the errors of `createCore`. */
export async function holdCore(access: CoreAccess, env: Environment): Promise<Held> {
  const found = await findOrCreate(access, { env, home: 'default', act: true, terminalLogLevel: 'warn' });
  if (found.kind === 'own') return openOwn(found.core, access, env);
  const { socket, pid } = found.record;
  return {
    door: connectCore(socket),
    state: { kind: 'joined', pid },
    // One that listens and does not answer is not gone, and holds the home.
    isGone: () =>
      isAlive(socket).then(
        (alive) => !alive,
        () => false,
      ),
    end: async () => undefined,
  };
}

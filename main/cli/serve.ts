// `autogit serve`: the core in the foreground, without a window.
import { findOrCreate } from '../serve/find-core.ts';
import type { CoreAccess, CoreRecord, OwnCore } from '../serve/find-core.ts';
import { startServe } from '../serve/serve.ts';
import { interruptCode } from './access.ts';
import type { CliWorld } from './access.ts';
import { sayNewHome } from './reach.ts';

export interface ServeInput {
  readonly port?: number | undefined;
}

interface Served {
  readonly pid: number;
  readonly address: string | null;
  readonly socket: string;
  readonly token: string;
  readonly home: string;
  /** True when another process serves this home. */
  readonly already: boolean;
}

function say(world: CliWorld, json: boolean, served: Served): void {
  if (json) {
    world.out.write(`${JSON.stringify(served, null, 2)}\n`);
    return;
  }
  const first = served.already
    ? `AutoGit runs already with this home, as process ${served.pid}.`
    : `AutoGit runs, as process ${served.pid}. Stop it with Ctrl-C; runners go on and are adopted by the next start.`;
  const address = served.address ?? 'none';
  const lines = [first, `  address  ${address}`, `  socket   ${served.socket}`, `  token    ${served.token}`];
  if (served.address !== null) lines.push('Open: autogit web');
  world.err.write(`${lines.join('\n')}\n`);
}

/** Resolves when somebody wants the core to end. */
function asked(world: CliWorld): Promise<void> {
  const signal = AbortSignal.any([world.interrupt, world.orphaned]);
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function runCore(core: OwnCore, access: CoreAccess, input: ServeInput, world: CliWorld, json: boolean) {
  const paths = access.homePaths(world.env, { demo: false });
  const port = input.port === undefined ? {} : { port: input.port };
  const doors = await startServe({ core, paths, log: core.log, ...port });
  try {
    await core.announce(doors);
    const stopping = asked(world);
    await Promise.race([core.start(), stopping]);
    if (!world.interrupt.aborted) {
      const { address, socket } = doors;
      const served = { pid: process.pid, address, socket, token: paths.httpToken, home: paths.root };
      say(world, json, { ...served, already: false });
    }
    await stopping;
  } finally {
    await core.withdraw();
    await doors.close();
  }
}

/** A second start finds the first and says so. Resolves with the exit code when the core has ended. */
export async function runServe(input: ServeInput, world: CliWorld, json: boolean): Promise<number> {
  const access = await world.loadCore();
  const terminalLogLevel = 'info';
  const held = await findOrCreate(access, {
    env: world.env,
    home: 'default',
    act: true,
    terminalLogLevel,
  });
  if (held.kind === 'running') return sayRunning(held.record, access, world, json);
  sayNewHome(world, held.core.isNewHome, access.homePaths(world.env, { demo: false }).root);
  try {
    await runCore(held.core, access, input, world, json);
  } finally {
    await held.core.stop();
  }
  world.err.write('AutoGit has ended; runners go on.\n');
  return world.interrupt.reason === 'SIGINT' ? interruptCode(world.interrupt) : 0;
}

function sayRunning(record: CoreRecord, access: CoreAccess, world: CliWorld, json: boolean): number {
  const paths = access.homePaths(world.env, { demo: false });
  const { pid, address, socket } = record;
  say(world, json, { pid, address, socket, token: paths.httpToken, home: paths.root, already: true });
  return 0;
}

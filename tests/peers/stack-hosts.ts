// Whose engine the stack of a test runs on, and who runs AutoGit there: root with the machine's Docker, or an ordinary
// user with an engine of its own.
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { EngineKind } from '../fixtures/engines/daemons.ts';
import { asEngineUser, openGround } from '../fixtures/engines/ground.ts';
import { freePort } from './stack-registry.ts';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The person of a lab, with an engine. */
export interface StackHost {
  /** Of the lab alone; the person may pass through it. */
  readonly folder: string;
  /** Where the stack's name server is published; the other ports are high ones everywhere. */
  readonly dnsPort: number;
  /** `DOCKER_HOST` for the test's own questions; `null`: docker's own. */
  readonly engine: string | null;
  /** Where the engine finds the registry: `127.0.0.1:40123`. */
  readonly registry: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Where the person sees this repository, and Node. */
  readonly repository: string;
  readonly node: string;
  /** Compose's program, where the person may run it. */
  readonly compose: string;
  /** The command with which the person runs `argv`. */
  command(argv: readonly string[]): readonly string[];
  /** Makes a file, or a folder with all that is in it, the person's own. */
  give(path: string): Promise<void>;
  close(): Promise<void>;
}

/** Makes the host once the test's registry stands at `registry`, `127.0.0.1:40123`. */
export type OpenStackHost = (registry: string, compose: string) => Promise<StackHost>;

/** Root and the machine's rootful Docker. Resolvers ask at port 53 only, which it may publish. */
export const onRootfulDocker: OpenStackHost = async (registry, compose) => {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-stack-'));
  return {
    ...{ folder, registry, dnsPort: 53, engine: null, environment: process.env, repository, compose },
    node: process.execPath,
    command: (argv) => argv,
    give: () => Promise.resolve(),
    close: () => rm(folder, { recursive: true, force: true }),
  };
};

/** An ordinary user of the machine with an engine that the test starts, which finds all by itself. Needs root. */
export function onOwnEngine(kind: Exclude<EngineKind, 'rootful Podman'>): OpenStackHost {
  return async (registry, program) => {
    const ground = await openGround();
    try {
      const { user } = ground;
      const own = `${user.uid}:${user.gid}`;
      const give = async (path: string): Promise<void> => {
        await run('chown', ['--recursive', '--no-dereference', own, path]);
      };
      const door = kind === 'rootless Docker' ? await openDoor(registry) : null;
      const seen = door?.address ?? registry;
      await trustRegistry(kind, user.home, seen);
      await give(join(user.home, '.config'));
      const { host, user: person } = await ground.open(kind);
      if (person === null) throw new Error(`${kind} has no user`);
      const folder = join(ground.folder, 'lab');
      await mkdir(folder);
      const compose = join(folder, 'docker-compose');
      await copyFile(program, compose);
      await chmod(compose, 0o755);
      return {
        ...{ folder, dnsPort: await freePort(), engine: host, environment: person.env, compose, give },
        registry: seen,
        repository: person.repository,
        node: join(person.node, 'node'),
        command: (argv) => asEngineUser(person, argv),
        close: async () => {
          await ground.close();
          await door?.close();
        },
      };
    } catch (error) {
      await ground.close();
      throw error;
    }
  };
}

/** Engines ask registries over TLS that their user does not name so; Podman those of the loopback, too. */
async function trustRegistry(kind: EngineKind, home: string, registry: string): Promise<void> {
  const name = JSON.stringify(registry);
  const [file, text] =
    kind === 'rootless Docker'
      ? ['docker/daemon.json', `{ "insecure-registries": [${name}] }\n`]
      : ['containers/registries.conf', `[[registry]]\nlocation = ${name}\ninsecure = true\n`];
  const path = join(home, '.config', file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** An address of this machine that is neither its own loopback nor Docker's, which rootless Docker has for itself. */
export function machineAddress(): string | null {
  const all = Object.entries(networkInterfaces()).filter(
    ([name]) => !/^(?:docker|br-|veth|virbr)/.test(name),
  );
  const found = all.flatMap(([, addresses]) => addresses ?? []);
  return found.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? null;
}

/** Rootless Docker lives in a network of its own, from which nothing of this machine's loopback is reached. */
async function openDoor(
  registry: string,
): Promise<{ readonly address: string; readonly close: () => Promise<void> }> {
  const own = machineAddress();
  if (own === null) throw new Error('this machine has no address but those of the loopback');
  const lines = new Set<Socket>();
  const door = createServer((line) => {
    const onward = connect(Number(registry.split(':')[1]), '127.0.0.1');
    for (const [from, to] of [[line, onward] as const, [onward, line] as const]) {
      lines.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => lines.delete(from));
    }
  });
  await new Promise<void>((resolve, reject) => {
    door.once('error', reject);
    door.listen(0, own, resolve);
  });
  const at = door.address();
  if (at === null || typeof at === 'string') throw new Error('the door has no port');
  return {
    address: `${own}:${at.port}`,
    close: async () => {
      for (const line of lines) line.destroy();
      await new Promise((resolve) => door.close(resolve));
    },
  };
}

// A home, a program and a data folder for one stack, with images out of the test's own registry.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { relayNames } from './name-relay.ts';
import { onRootfulDocker } from './stack-hosts.ts';
import type { OpenStackHost } from './stack-hosts.ts';
import { imageContents, importBase, importRoot } from './stack-images.ts';
import type { StackPrograms } from './stack-images.ts';
import { freePort, startRegistry } from './stack-registry.ts';
import type { TestRegistry } from './stack-registry.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly input?: string;
  /** Besides that of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** On a machine that asks the lab's own name server for every name. */
  readonly isNamed?: true;
}

export interface StackLab {
  readonly lab: string;
  /** Where its names lead and its name server is: one of the loopback that nobody else has. */
  readonly address: string;
  /** `AUTOGIT_HOME` */
  readonly home: string;
  readonly data: string;
  readonly ports: {
    readonly http: number;
    readonly https: number;
    readonly ssh: number;
    readonly dns: number;
  };
  /** Answers as a person would give them, with the ports of the test. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** Runs the command line to its end. */
  cli(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** The same without waiting for its end. */
  start(args: readonly string[], options?: Pick<CliOptions, 'env' | 'isNamed'>): ChildProcess;
  /**
   * Runs a program that asks the lab's own name server for every name, in a mount namespace with its own resolv.conf.
   * Rejects with what it printed.
   */
  named(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
  /** Containers of the stack: service to id and when it was started. */
  containers(): Promise<
    Readonly<Record<string, { readonly id: string; readonly startedAt: string; readonly state: string }>>
  >;
  docker(...args: readonly string[]): Promise<string>;
  /** Gives the engine the sandbox's image, in which its runner is, too; its name. */
  importRunnerImage(): Promise<string>;
  /** Where the images come from; it can stall. */
  readonly registry: TestRegistry;
  /** `template.json` of a template of the program that runs: it may be changed. */
  manifestOf(template: string): string;
  close(): Promise<void>;
}

export interface StackLabPrograms extends StackPrograms {
  /** Compose's. */
  readonly compose: string;
  readonly registry: string;
  /** Health is looked at as seldom as in a real lab, and what comes up waits for the first look. */
  readonly isUnhurried?: boolean;
}

/** `lab`: its name, which no other test uses. `openHost`: whose engine it is on. */
export async function openStackLab(
  lab: string,
  { compose, registry: registryProgram, isUnhurried = false, ...programs }: StackLabPrograms,
  openHost: OpenStackHost = onRootfulDocker,
): Promise<StackLab> {
  const registry = await startRegistry(registryProgram);
  const host = await openHost(registry.address, compose);
  const { folder } = host;
  const base = await importBase();
  const tree = join(folder, 'program');
  await copyProgram(tree, join(host.repository, 'node_modules'));
  await provideImages(join(tree, 'compose-templates'), async (repository, tag) =>
    (await registry.provide(repository, tag, await imageContents(repository, programs))).replace(
      registry.address,
      host.registry,
    ),
  );
  if (!isUnhurried) await lookOften(join(tree, 'compose-templates'));
  const home = join(folder, 'home');
  // Pools have a test of their own: their images would have to be made, too.
  await mkdir(home, { mode: 0o700 });
  await writeFile(join(home, 'settings.yaml'), 'version: 1\npools: []\n');
  await host.give(folder);
  const data = join(folder, 'data with blanks');
  const [http, https, ssh] = await Promise.all([freePort(), freePort(), freePort()]);
  const ports = { http, https, ssh, dns: host.dnsPort };
  const address = `127.${randomInt(1, 250)}.${randomInt(1, 250)}.1`;
  const relay = await relayNames(address, ports.dns);
  const environment = {
    ...{ ...host.environment, AUTOGIT_HOME: home, AUTOGIT_COMPOSE: host.compose, NO_COLOR: '1' },
  };
  const resolvers = join(folder, 'resolv.conf');
  await writeFile(resolvers, `nameserver ${address}\n`);
  const script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
  const asNamed = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, resolvers] as const;
  const start: StackLab['start'] = (args, { env = {}, isNamed } = {}) => {
    const words = host.command([host.node, join(tree, 'main/cli/main.ts'), ...args]);
    const [program = '', ...all] = isNamed ? [...asNamed, ...words] : words;
    return spawn(program, all, { env: { ...environment, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  };
  const engine = { ...process.env, ...(host.engine === null ? {} : { DOCKER_HOST: host.engine }) };
  const docker: StackLab['docker'] = async (...args) =>
    (await run('docker', [...args], { env: engine, maxBuffer: 1e8 })).stdout.trim();
  const named: StackLab['named'] = async (program, args, env = {}) => {
    const [unshare, ...all] = asNamed;
    const options = { env: { ...process.env, ...env }, maxBuffer: 1e8 };
    return (await run(unshare, [...all, program, ...args], options)).stdout;
  };
  const ids = async (): Promise<readonly string[]> =>
    (
      await docker(
        'ps',
        '--all',
        '--quiet',
        '--no-trunc',
        '--filter',
        `label=com.docker.compose.project=autogit-${lab}`,
      )
    )
      .split('\n')
      .filter(Boolean);
  return {
    ...{ lab, address, home, data, ports, start, docker, named, registry },
    importRunnerImage: async () => {
      const image = `localhost/autogit-test-runner-${lab}:1`;
      await importRoot(image, engine);
      return image;
    },
    manifestOf: (template) => join(tree, 'compose-templates', template, 'template.json'),
    answers: {
      ...{ lab, data, tls: { mode: 'local-ca' }, address, ports },
      ...{ preset: 'minimal', sso: programs.authelia === null ? 'off' : 'authelia' },
    },
    cli: (args, { input = '', ...options } = {}) => {
      const child = start(args, options);
      child.stdin?.end(input);
      return resultOf(child);
    },
    containers: async () =>
      Object.fromEntries(await Promise.all((await ids()).map((id) => lookAt(id, docker)))),
    close: async () => {
      const left = await ids();
      if (left.length > 0) await docker('rm', '--force', '--volumes', ...left);
      const networks = await docker(
        'network',
        'ls',
        '--quiet',
        '--filter',
        `label=com.docker.compose.project=autogit-${lab}`,
      );
      if (networks !== '') await docker('network', 'rm', ...networks.split('\n'));
      await relay.close();
      await registry.close();
      await base.remove();
      await host.close();
    },
  };
}

async function lookAt(id: string, docker: StackLab['docker']) {
  const format =
    '{{index .Config.Labels "com.docker.compose.service"}} {{.State.StartedAt}} {{.State.Status}}';
  const [service = '', startedAt = '', state = ''] = (await docker('inspect', '--format', format, id)).split(
    ' ',
  );
  return [service, { id, startedAt, state }] as const;
}

/** The program as it is installed, with templates that may be changed. */
async function copyProgram(tree: string, modules: string): Promise<void> {
  await mkdir(tree);
  for (const name of ['main', 'compose-templates', 'package.json'])
    await cp(join(root, name), join(tree, name), { recursive: true });
  await symlink(modules, join(tree, 'node_modules'));
}

/** Writes the references of images that the test provides into every template. */
async function provideImages(
  templates: string,
  provide: (repository: string, tag: string) => Promise<string>,
): Promise<void> {
  const reference = /"reference": "([^":@]+):([^"@]+)@sha256:[0-9a-f]{64}"/;
  for (const id of await readdir(templates)) {
    const file = join(templates, id, 'template.json');
    let text = await readFile(file, 'utf8');
    for (const [whole, repository = '', tag = ''] of text.matchAll(new RegExp(reference, 'g')))
      text = text.replace(whole, `"reference": ${JSON.stringify(await provide(repository, tag))}`);
    await writeFile(file, text);
  }
}

/** GitLab's stand-in is there within a second: the first look at its health need not be twenty later. */
async function lookOften(templates: string): Promise<void> {
  for (const id of await readdir(templates)) {
    const file = join(templates, id, 'compose.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text.replaceAll(/^( +interval: ).*$/gm, (_line, key: string) => `${key}5s`),
    );
  }
}

async function resultOf(child: ChildProcess): Promise<CliResult> {
  const parts = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (parts.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (parts.stderr += text));
  const code = await new Promise<number>((resolve) => child.once('close', (value) => resolve(value ?? -1)));
  return { code, ...parts };
}

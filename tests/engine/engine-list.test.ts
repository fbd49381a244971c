// `autogit engine list`, `show` and `use` on a machine with all four kinds of engine.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLab } from './lab.ts';
import type { Lab } from './lab.ts';
import { listOwnEngines } from './own-engines.ts';
import { listRealEngines, titleOf } from './real-engines.ts';

const run = promisify(execFile);

const hosts = new Map<string, string>();
for (const host of await listRealEngines()) {
  const title = await titleOf(host);
  if (!hosts.has(title)) hosts.set(title, host);
}
const titles = ['rootful Docker', 'rootless Docker', 'rootful Podman', 'rootless Podman'] as const;

function hostOf(title: (typeof titles)[number]): string {
  return hosts.get(title) ?? '';
}

/** The version that a program says of itself. */
async function versionOf(program: string): Promise<string> {
  const { stdout } = await run(program, ['--version']);
  return /version ([^\s,]+)/.exec(stdout)?.[1] ?? '';
}

/** Version 2 alone has this file at the top: https://docs.kernel.org/admin-guide/cgroup-v2.html */
async function cgroupVersion(): Promise<string> {
  return access('/sys/fs/cgroup/cgroup.controllers').then(
    () => '2',
    () => '1',
  );
}

/** Docker's context of that name, as `docker context create` keeps it. */
async function writeContext(folder: string, name: string, host: string): Promise<void> {
  const meta = path.join(folder, 'contexts', 'meta', createHash('sha256').update(name).digest('hex'));
  await mkdir(meta, { recursive: true });
  const endpoint = { Host: host, SkipTLSVerify: false };
  await writeFile(
    path.join(meta, 'meta.json'),
    JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker: endpoint } }),
  );
}

type Variables = Readonly<Record<string, string>>;

/** The JSON that a command prints, which must succeed. */
async function outputOf(lab: Lab, words: readonly string[], env: Variables): Promise<string> {
  const { code, out, err } = await lab.run([...words, '--json'], env);
  if (code !== 0) throw new Error(`autogit ${words.join(' ')} ended with ${code}: ${out}${err}`);
  return out;
}

interface Row {
  readonly address: string;
  readonly inUse: boolean;
}

/** The four alone: others that run on this machine are not the test's. */
async function listFour(lab: Lab, env: Variables): Promise<readonly Row[]> {
  const out = await outputOf(lab, ['engine', 'list'], env);
  const four = new Set(hosts.values());
  return (JSON.parse(out) as readonly Row[]).filter(({ address }) => four.has(address));
}

describe.skipIf(titles.some((title) => !hosts.has(title)))('autogit engine', () => {
  it('lists all four kinds of engine as they are, shows each, and uses the one that it is told', async () => {
    const lab = await openLab(onTestFinished, { host: hostOf('rootful Podman') });
    const podman = listOwnEngines().find(({ kind }) => kind === 'rootless Podman');
    const env = {
      XDG_RUNTIME_DIR: podman?.user?.env['XDG_RUNTIME_DIR'] ?? '',
      DOCKER_CONFIG: await mkdtemp(path.join(tmpdir(), 'autogit-docker-')),
    };
    onTestFinished(() => rm(env.DOCKER_CONFIG, { recursive: true }));
    await writeContext(env.DOCKER_CONFIG, 'rootless', hostOf('rootless Docker'));
    const [docker, podmans] = await Promise.all([versionOf('dockerd'), versionOf('podman')]);
    const common = { state: 'ready', cgroupVersion: await cgroupVersion(), problem: null };
    const row = (title: (typeof titles)[number], kind: 'docker' | 'podman', source: string): object => ({
      ...{ ...common, address: hostOf(title), kind, rootless: title.startsWith('rootless') },
      ...{ version: kind === 'docker' ? docker : podmans, inUse: source === 'DOCKER_HOST' },
      storageDriver: expect.stringMatching(kind === 'docker' ? /^overlay2$/ : /^overlay$/) as unknown,
      sources: expect.arrayContaining([expect.objectContaining({ kind: source })]) as unknown,
    });
    const rows = await listFour(lab, env);
    expect(rows).toHaveLength(titles.length);
    expect(rows).toEqual(
      expect.arrayContaining(
        [
          row('rootful Podman', 'podman', 'DOCKER_HOST'),
          row('rootless Podman', 'podman', 'rootless-podman'),
          row('rootful Docker', 'docker', 'docker'),
          row('rootless Docker', 'docker', 'other-context'),
        ].map((each) => expect.objectContaining(each) as unknown),
      ),
    );
    for (const title of titles) {
      const shown = await outputOf(lab, ['engine', 'show', hostOf(title)], env);
      expect(JSON.parse(shown)).toMatchObject({ address: hostOf(title), state: 'ready' });
    }
    await outputOf(lab, ['engine', 'use', hostOf('rootless Docker')], env);
    const inUse = (await listFour(lab, env)).filter((each) => each.inUse);
    expect(inUse.map(({ address }) => address)).toEqual([hostOf('rootless Docker')]);
  });
});

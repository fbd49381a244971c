// Who trusts a lab's root, by real programs that ask a real server, before it is trusted, while it is, and after.
import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { z } from 'zod';
import { certificateRequests } from '../../main/contract/requests/certificate.ts';
import { patience, waitFor } from '../chaos/wait-for.ts';
import { describeWithPeer, findTrustPeer } from './peers.ts';
import { inside, openTrustWorld, outside } from './trust-world.ts';
import type { TrustWorld } from './trust-world.ts';

const outcome = certificateRequests['certificate.trust'].output;
const peer = await findTrustPeer();
const { found } = peer;

/** Programs that find the root in the system's store, with what makes them look there. */
function systemPrograms(url: (client: string) => string): Readonly<Record<string, readonly string[]>> {
  const ask = (client: string): string =>
    `fetch(${JSON.stringify(url(client))}).catch(() => process.exit(1))`;
  const python = 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=20)';
  return {
    curl: ['curl', '--silent', '--max-time', '20', url('curl')],
    wget: ['wget', '--quiet', '--tries=1', '--timeout=20', '--output-document=-', url('wget')],
    git: ['git', 'ls-remote', url('git')],
    python: ['python3', '-c', python, url('python')],
    // Node has roots of its own unless it is told to ask the system.
    node: [process.execPath, '--use-system-ca', '-e', ask('node')],
  };
}

function browser(program: string, profile: string, url: string): readonly string[] {
  const quiet = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
  return [program, '--headless', ...quiet, `--user-data-dir=${profile}`, '--dump-dom', url];
}

describeWithPeer('the root of a lab on a machine', peer, () => {
  let world: TrustWorld;
  let turn = 0;

  /** Names of the programs whose question has reached the server, each with a profile that nothing is known of. */
  const whoReaches = async (host: string, home = world.home): Promise<readonly string[]> => {
    turn += 1;
    const prefix = `turn-${turn}`;
    const url = (client: string): string => `https://${host}:${world.port}/${prefix}/${client}`;
    const programs = systemPrograms(url);
    const plainNode = [process.execPath, '-e', `fetch('${url('node-alone')}').catch(() => process.exit(1))`];
    await Promise.all([
      ...Object.values(programs).map((argv) => world.run(argv)),
      world.run(plainNode),
      world.run(browser(found?.chromium ?? '', join(home, `chromium-${turn}`), url('chromium')), {
        HOME: home,
      }),
    ]);
    const reached = world.asked().flatMap((asked) => {
      const [, client] = new RegExp(`^${host}/${prefix}/([a-z-]+)`).exec(asked) ?? [];
      return client === undefined ? [] : [client];
    });
    return [...new Set(reached)].toSorted();
  };
  const everybody = ['chromium', 'curl', 'git', 'node', 'python', 'wget'];
  const changeIn = (home: string, verb: 'trust' | 'untrust', ...places: readonly string[]) =>
    world.autogit(['certificate', verb, ...places], (value) => outcome.parse(value), { HOME: home });
  const trust = (...places: readonly string[]) =>
    world.autogit(['certificate', 'trust', ...places], (value) => outcome.parse(value));
  const statesOf = ({ places }: z.output<typeof outcome>) =>
    Object.fromEntries(places.map(({ id, state }) => [id.replace(world.home, '~'), state]));

  beforeAll(async () => {
    world = await openTrustWorld([found?.certutil ?? '']);
    if (found?.podman != null) {
      const { engineSocket: socket } = world;
      const store = ['--root', join(world.home, '../podman'), '--runroot', join(world.home, '../podman-run')];
      world.start([found.podman, ...store, 'system', 'service', '--time=0', `unix://${socket}`]);
      await waitFor(() => access(socket), patience);
    }
  });
  afterAll(() => world.close());

  it('is trusted by nobody before somebody asks for it', async () => {
    // Chromium makes databases where it runs: for AutoGit there is none yet.
    const other = join(world.home, 'other');
    await mkdir(other);
    expect(await whoReaches(inside, other)).toEqual([]);
  });

  it.skipIf(found?.podman == null)(
    'is trusted by the engine alone where only that was asked for',
    async () => {
      const registry = `${inside}:${world.port}`;
      const login = [found?.podman ?? '', 'login', '--username=ana', '--password=secret', registry];
      const authfile = { REGISTRY_AUTH_FILE: join(world.home, 'auth.json') };
      expect(await world.run(login, authfile)).toContain('x509');
      const done = await trust(`engine:/etc/containers/certs.d/${registry}`);
      expect(statesOf(done)).toEqual({ [`engine:/etc/containers/certs.d/${registry}`]: 'trusted' });
      expect(await world.run(login, authfile)).toContain('Login Succeeded');
      await world.run(systemPrograms((client) => `https://${registry}/not-${client}`)['curl'] ?? []);
      expect(world.asked()).not.toContain(`${inside}/not-curl`);
    },
  );

  it('is trusted by all of them once it was put into their stores', async () => {
    const done = await trust();
    expect(done.message).toContain('The root of the lab "casa" is trusted now');
    expect(statesOf(done)).toMatchObject({ system: 'trusted', 'nss:~/.pki/nssdb': 'trusted' });
    expect(await whoReaches(inside)).toEqual(everybody);
  });

  it('is trusted by a Chromium that has made its own database before', async () => {
    const other = join(world.home, 'other');
    const { places } = await changeIn(other, 'trust');
    const [made, ...more] = places.filter(({ kind }) => kind === 'nss');
    expect(more).toEqual([]);
    expect(made).toMatchObject({ path: join(other, '.local/share/pki/nssdb'), state: 'trusted' });
    const url = `https://${inside}:${world.port}/own`;
    await world.run(browser(found?.chromium ?? '', join(other, 'profile'), url), { HOME: other });
    expect(world.asked()).toContain(`${inside}/own`);
    await changeIn(other, 'untrust', made?.id ?? '');
  });

  it.skipIf(found?.firefox == null)('is trusted by a profile of Firefox from trust to untrust', async () => {
    const home = join(world.home, 'fox');
    const profile = join(home, '.mozilla/firefox/lab.default');
    await mkdir(profile, { recursive: true });
    const list = '[Profile0]\nName=lab\nIsRelative=1\nPath=lab.default\n';
    await writeFile(join(profile, '../profiles.ini'), list);
    const open = async (page: string): Promise<boolean> => {
      const url = `https://${inside}:${world.port}/${page}`;
      // It shows its warning until it is ended.
      const argv = ['timeout', '20', found?.firefox ?? '', '--headless', '--no-remote', '--profile', profile];
      await world.run([...argv, '--screenshot', join(home, 'shot.png'), url], { HOME: home });
      return world.asked().includes(`${inside}/${page}`);
    };
    expect(await open('fox-before')).toBe(false);
    const { places } = await changeIn(home, 'trust', `firefox:${profile}`);
    expect(places).toMatchObject([{ kind: 'firefox', state: 'trusted' }]);
    expect(await open('fox-trusts')).toBe(true);
    await changeIn(home, 'untrust', `firefox:${profile}`);
    expect(await open('fox-after')).toBe(false);
  });

  it('makes nobody take a certificate for a name that the lab may not have', async () => {
    expect(await whoReaches(outside)).toEqual([]);
    // Its server is there for whoever does not ask who it is.
    await world.run(['curl', '--silent', '--insecure', `https://${outside}:${world.port}/blindly`]);
    expect(world.asked()).toContain(`${outside}/blindly`);
  });

  it('is what Node takes, too, when it is given the file', async () => {
    const ask = `fetch('https://${inside}:${world.port}/given').catch(() => process.exit(1))`;
    await world.run([process.execPath, '-e', ask], { NODE_EXTRA_CA_CERTS: world.rootPath });
    expect(world.asked()).toContain(`${inside}/given`);
  });

  it('changes nothing when it is asked for again', async () => {
    const again = await trust();
    expect(again.actions).toEqual([]);
    expect(again.message).toContain('It was trusted already');
  });

  it('is trusted by nobody after it was taken out, and nothing of it is left', async () => {
    const done = await world.autogit(['certificate', 'untrust'], (value) => outcome.parse(value));
    expect(done.places.map(({ state }) => state)).not.toContain('trusted');
    expect(await whoReaches(inside)).toEqual([]);
    const left = await world.run([
      'sh',
      '-c',
      'ls /usr/local/share/ca-certificates /etc/ssl/certs /etc/containers/certs.d',
    ]);
    expect(left).not.toContain('autogit');
    expect(left).not.toContain(inside);
  });

  it('never touched the stores of this machine', async () => {
    expect(
      (await readdir('/usr/local/share/ca-certificates')).filter((name) => name.startsWith('autogit-')),
    ).toEqual([]);
  });
});

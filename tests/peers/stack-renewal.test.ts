// A renewed certificate on the real Traefik, mounted as the stack mounts it: served without a restart and without a gap.
import { execFile, spawn } from 'node:child_process';
import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCrypto } from '../../main/adapters/stack/crypto.ts';
import { createStackFolder } from '../../main/adapters/stack/stack-folder.ts';
import { keptAuthority, leafOf } from '../../main/apply/stack/certificates.ts';
import { renewCertificate } from '../../main/apply/stack/renew.ts';
import type { RenewContext } from '../../main/apply/stack/renew.ts';
import { servedAmong, servePair } from '../../main/apply/stack/serve-pair.ts';
import type { StackFolder } from '../../main/stack-ports.ts';
import { FakeCompose } from '../fakes/fake-stack-compose.ts';
import { FakeGitlabServer } from '../fakes/fake-stack-gitlab.ts';
import { FakeStackJournal } from '../fakes/fake-stack-journal.ts';
import { FakeStackHome, FakeStackSecrets } from '../fakes/fake-stack-home.ts';
import { StackFaults } from '../fakes/fake-stack-faults.ts';
import { QuickClock } from '../fakes/stack-bench.ts';
import { packRootfs } from '../fixtures/tiny-image.ts';
import { describeWithPeer, findTraefik } from './peers.ts';
import { traefikCases } from './stack-matrix.ts';

const run = promisify(execFile);
const peer = await findTraefik();
const serial = randomBytes(4).toString('hex');
const image = `autogit-test-renewal-${serial}:1`;
const day = 86_400_000;
const patience = { timeout: 30_000, interval: 50 };

const [stack] = traefikCases()
  .map((one) => one.stack)
  .filter(({ answers }) => answers.tls.mode === 'local-ca');

/** A stack's folder with Traefik on it, in a container of its own. */
interface Place {
  readonly folder: StackFolder;
  readonly context: RenewContext;
  readonly clock: QuickClock;
  readonly root: string;
  readonly container: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

const formerTls = `
tls:
  options:
    default:
      minVersion: VersionTLS12
  stores:
    default:
      defaultCertificate:
        certFile: /etc/traefik/tls/certificate.pem
        keyFile: /run/secrets/tls-key
`;

/** `isFormer`: as the version before this has left it. */
async function openPlace({ isFormer = false } = {}): Promise<Place> {
  if (stack === undefined) throw new Error('no case has an authority of its own');
  const home = await mkdtemp(join(tmpdir(), 'autogit-renewal-'));
  const folder = createStackFolder({ stacks: join(home, 'stack') });
  const { lab } = stack;
  const faults = new StackFaults();
  const [secrets, journal, crypto, clock] = [
    new FakeStackSecrets(faults),
    new FakeStackJournal(faults),
    createCrypto(),
    new QuickClock(),
  ];
  // What is renewed was made most of a year ago, so that its follower holds today.
  clock.pass(Date.now() - 300 * day - clock.now());
  const authority = await crypto.authority('test', stack.domain, clock.now());
  await secrets.set(`stack/${lab}/ca-key-${stack.domain}`, JSON.stringify(authority));
  const context: RenewContext = {
    ...{ folder, secrets, journal, crypto, clock, stack, home: new FakeStackHome(faults) },
    ...{ instance: 'test', whyNotReady: () => Promise.resolve(null), tell: () => undefined },
    readText: () => Promise.reject(new Error('no file of a person is read here')),
    ...{
      compose: new FakeCompose({ faults, readFile: () => null }),
      connectAdmin: new FakeGitlabServer(faults).connect,
    },
    project: { name: stack.project, folder: folder.pathOf(lab), engine: 'unix:///nowhere' },
  };
  for (const { path, content, mode } of stack.files.filter((file) => file.path.startsWith('traefik/')))
    await folder.write(lab, path, content, mode);
  const first = await leafOf(authority, context);
  if (isFormer) {
    await folder.write(lab, 'traefik/dynamic/tls.yml', formerTls, 0o644);
    await folder.write(lab, 'tls/certificate.pem', first.certificate, 0o644);
    await folder.write(lab, 'secrets/tls-key', first.key, 0o600);
  } else await servePair(first, { folder, journal, lab, wish: null });
  const container = `autogit-test-renewal-${serial}-${randomBytes(2).toString('hex')}`;
  const at = folder.pathOf(lab);
  const mount = (from: string, to: string): readonly string[] => ['-v', `${at}/${from}:${to}:ro`];
  const { https } = stack.answers.ports;
  await run('docker', [
    ...['run', '--detach', '--name', container, '--label', `autogit.test=${serial}`],
    ...['--publish', `127.0.0.1::${https}`, '--read-only', '--cap-drop', 'ALL'],
    ...['--cap-add', 'NET_BIND_SERVICE', '--user', `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`],
    ...mount('traefik/traefik.yml', '/etc/traefik/traefik.yml'),
    ...mount('traefik/dynamic', '/etc/traefik/dynamic'),
    ...mount('tls', '/etc/traefik/tls'),
    ...(isFormer ? mount('secrets/tls-key', '/run/secrets/tls-key') : []),
    ...[image, '/bin/traefik'],
  ]);
  const { stdout } = await run('docker', ['port', container, `${https}/tcp`]);
  return {
    ...{ folder, context, clock, root: authority.certificate, container },
    port: Number(/:(\d+)\s*$/.exec(stdout)?.[1]),
    close: async () => {
      await run('docker', ['rm', '--force', container]);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Fingerprint of the certificate that is shown; rejects where it is not trusted, or nothing answers. */
function ask({ port, root }: Place): Promise<string> {
  const host = `gitlab.${stack?.domain ?? ''}`;
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, servername: host, headers: { host }, ca: root, agent: false };
    const sent = request(options, (response) => {
      const { socket } = response;
      const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : undefined;
      response.once('end', () => resolve(shown ?? 'none')).resume();
    });
    sent.once('error', reject).end();
  });
}

/** A client that asks all the time, each time anew. */
interface Client {
  readonly seen: readonly string[];
  readonly failures: readonly string[];
  readonly stop: () => Promise<void>;
}

function startClient(place: Place): Client {
  const [seen, failures]: readonly [string[], string[]] = [[], []];
  const stopping = new AbortController();
  const going = (async () => {
    while (!stopping.signal.aborted)
      await ask(place).then(
        (shown) => void seen.push(shown),
        (error: unknown) => void failures.push(String(error)),
      );
  })();
  return {
    ...{ seen, failures },
    stop: async () => {
      stopping.abort();
      await going;
    },
  };
}

async function processOf({ container }: Place): Promise<string> {
  const format = '{{.State.Pid}} {{.State.StartedAt}} {{.RestartCount}}';
  return (await run('docker', ['inspect', '--format', format, container])).stdout;
}

/** Fingerprint of what Traefik is told to serve. */
async function wanted({ folder, context }: Place): Promise<string> {
  const { certificate } = servedAmong((await folder.read(context.stack.lab)) ?? []);
  return new X509Certificate(certificate ?? '').fingerprint256;
}

describeWithPeer('a certificate that is renewed under Traefik', peer, (program) => {
  beforeAll(async () => {
    const importing = spawn('docker', ['import', '-', image], { stdio: ['pipe', 'ignore', 'inherit'] });
    const ended = new Promise<number | null>((resolve) => importing.once('exit', resolve));
    await pipeline(await packRootfs([program()]), importing.stdin);
    expect(await ended).toBe(0);
  });
  afterAll(async () => {
    await run('docker', ['rmi', '--force', image]);
  });

  describe('of this version', () => {
    let place: Place;
    beforeAll(async () => {
      place = await openPlace();
      const first = await wanted(place);
      await vi.waitFor(async () => expect(await ask(place)).toBe(first), patience);
    });
    afterAll(() => place.close());

    it('is what the next client sees; nobody is turned away meanwhile, and Traefik is the same process', async () => {
      const before = [await processOf(place), await wanted(place)] as const;
      const client = startClient(place);
      place.clock.pass(300 * day);
      expect(await renewCertificate(place.context)).toBe(true);
      const after = await wanted(place);
      expect(after).not.toBe(before[1]);
      await vi.waitFor(() => expect(client.seen.at(-1)).toBe(after), patience);
      await client.stop();
      expect(client.failures).toEqual([]);
      expect(new Set(client.seen)).toEqual(new Set([before[1], after]));
      expect(await processOf(place)).toBe(before[0]);
    });

    it('is served on when the core is killed anywhere in a renewal, until the next one ends it', async () => {
      const { context, clock, folder } = place;
      const client = startClient(place);
      for (let call = 0; call < 3; call += 1) {
        clock.pass(Date.now() - clock.now());
        // Another name makes it due.
        const names = [...context.stack.names, nameOf(`n${call}`, context)];
        const changed = { ...context, stack: { ...context.stack, names } };
        const before = await wanted(place);
        await expect(renewCertificate({ ...changed, folder: killedAt(folder, call) })).rejects.toThrow(
          'killed',
        );
        expect(await wanted(place)).toBe(before);
        // Something else in the folder makes Traefik read all of it again.
        await folder.write(context.stack.lab, 'traefik/dynamic/other.yml', `# ${call}\n`, 0o644);
        expect(await renewCertificate(changed)).toBe(true);
        const after = await wanted(place);
        await vi.waitFor(() => expect(client.seen.at(-1)).toBe(after), patience);
      }
      await client.stop();
      expect(client.failures).toEqual([]);
    });

    it('of a person that does not fit its key is refused, and the old one is served on', async () => {
      const { context, folder } = place;
      const crypto = createCrypto();
      const names = context.stack.names.map(({ name }) => name);
      const made = await crypto.authority('other', context.stack.domain, Date.now());
      const [one, other] = [
        await crypto.leaf(made, names, Date.now()),
        await crypto.leaf(made, names, Date.now()),
      ];
      const texts: Readonly<Record<string, string>> = {
        '/c.pem': one.certificate,
        '/k.pem': other.key,
        '/ca.pem': made.certificate,
      };
      const tls = { mode: 'own', certificate: '/c.pem', key: '/k.pem', ca: '/ca.pem' } as const;
      const own = {
        ...context,
        readText: async (path: string) => texts[path] ?? '',
        stack: { ...context.stack, answers: { ...context.stack.answers, tls } },
      };
      const before = await wanted(place);
      await expect(renewCertificate(own)).rejects.toMatchObject({ key: 'stack.certificate-key' });
      await folder.write(context.stack.lab, 'traefik/dynamic/other.yml', '# once more\n', 0o644);
      expect([await wanted(place), await ask(place)]).toEqual([before, before]);
    });
  });

  it('is taken up by a Traefik that a version before has started, until `up` starts it anew', async () => {
    const place = await openPlace({ isFormer: true });
    try {
      const { context, clock, folder } = place;
      const { lab } = context.stack;
      await vi.waitFor(async () => expect(await ask(place)).toMatch(/^[0-9A-F:]+$/), patience);
      const client = startClient(place);
      clock.pass(300 * day);
      const authority = keptAuthority(context);
      if (authority === null) throw new Error('the place has an authority');
      await servePair(await leafOf(authority, context), {
        ...{ folder, journal: context.journal, lab, wish: null },
      });
      const after = await wanted(place);
      await vi.waitFor(() => expect(client.seen.at(-1)).toBe(after), patience);
      const rendered = stack?.files.find(({ path }) => path === 'traefik/dynamic/tls.yml')?.content ?? '';
      await folder.write(lab, 'traefik/dynamic/tls.yml', rendered, 0o644);
      await folder.write(lab, 'traefik/dynamic/marker.yml', 'http: {}\n', 0o644);
      const count = client.seen.length;
      await vi.waitFor(() => expect(client.seen.length).toBeGreaterThan(count + 200), patience);
      await client.stop();
      expect(client.failures).toEqual([]);
      expect(client.seen.at(-1)).toBe(after);
    } finally {
      await place.close();
    }
  });
});

function nameOf(label: string, { stack: { domain } }: RenewContext): RenewContext['stack']['names'][number] {
  return { name: `${label}.${domain}`, what: label, addresses: [] };
}

/** A folder whose core dies at this write of certificate, key, or the file that names them. */
function killedAt(folder: StackFolder, call: number): StackFolder {
  let writes = -1;
  return {
    ...folder,
    write: async (...given) => {
      writes += 1;
      if (writes === call) throw new Error('killed');
      return folder.write(...given);
    },
  };
}

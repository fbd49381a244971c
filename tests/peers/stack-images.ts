// What stands under the names of the stack's images: real Traefik, CoreDNS and others of this machine, and the sandbox in GitLab's place.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createSandboxImage } from '../../main/adapters/host/rootfs.ts';
import type { ImageContents } from './stack-registry.ts';

const run = promisify(execFile);

/** The programs of this machine; `null`: a stand-in takes its place. */
export interface StackPrograms {
  readonly traefik: string;
  readonly coredns: string;
  readonly socketProxy: string | null;
  readonly authelia: string | null;
  readonly sshd: string | null;
}

/** Name of the imported root file system that the images with Node in them begin with; another run has its own. */
export const base = `autogit-stack-peers:base-${process.pid}`;

/** Makes an image of the sandbox's root file system at the engine that `docker` speaks to in this environment. */
export async function importRoot(name: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'autogit-stack-base-'));
  const image = createSandboxImage({ cacheFolder, searchPath: process.env['PATH'] ?? '' });
  const path = 'ENV PATH=/usr/local/bin:/usr/bin:/bin';
  const stdio = ['pipe', 'ignore', 'inherit'] as const;
  const importing = spawn('docker', ['import', '--change', path, '-', name], { env, stdio: [...stdio] });
  const ended = new Promise<number | null>((resolve) => importing.once('exit', resolve));
  await pipeline(await image.rootfs(), importing.stdin);
  if ((await ended) !== 0) throw new Error(`the image ${name} could not be imported`);
  await rm(cacheFolder, { recursive: true, force: true });
}

/** Makes the base image; `remove` takes it away again. */
export async function importBase(): Promise<{ readonly remove: () => Promise<void> }> {
  await importRoot(base);
  return {
    remove: async () => {
      await run('docker', ['rmi', '--force', base]);
    },
  };
}

/** The contents of an image by the repository it stands for: `traefik`, `gitlab/gitlab-ce`. */
export async function imageContents(repository: string, programs: StackPrograms): Promise<ImageContents> {
  switch (repository) {
    case 'traefik':
      return {
        copies: { 'usr/local/bin/traefik': programs.traefik },
        texts: { 'tmp/.keep': '' },
        lines: ['ENV PATH=/usr/local/bin', 'ENTRYPOINT ["/usr/local/bin/traefik"]'],
      };
    case 'coredns/coredns':
      return { copies: { coredns: programs.coredns }, lines: ['ENTRYPOINT ["/coredns"]'] };
    case 'wollomatic/socket-proxy':
      return programs.socketProxy === null
        ? {
            from: base,
            texts: {
              'socket-proxy.mjs': await standIn('socket-proxy.mjs'),
              healthcheck: '#!/bin/sh\nexit 0\n',
            },
            lines: nodeEntry('/socket-proxy.mjs'),
          }
        : {
            copies: {
              'socket-proxy': programs.socketProxy,
              healthcheck: join(dirname(programs.socketProxy), 'healthcheck'),
            },
            lines: ['ENTRYPOINT ["/socket-proxy"]'],
          };
    case 'authelia/authelia':
      return autheliaContents(programs.authelia);
    case 'redis':
      return redisContents();
    case 'gitlab/gitlab-ce':
      return await gitlabContents(programs.sshd);
    default:
      throw new Error(`nothing stands for the image ${repository}`);
  }
}

/** Begins as the real image does: what it is told to run is run, with `authelia` on the path. */
async function autheliaContents(program: string | null): Promise<ImageContents> {
  const entry = '#!/bin/sh\nexec "$@"\n';
  const common = {
    'app/entrypoint.sh': entry,
    'app/healthcheck.sh': '#!/bin/sh\nexit 0\n',
    'app/wget': wget,
  };
  const lines = [
    // The real images have checks of their own.
    'HEALTHCHECK --interval=30s --timeout=3s --start-period=1m CMD /app/healthcheck.sh',
    'WORKDIR /app',
    'ENV PATH=/app:/usr/local/bin:/usr/bin:/bin',
    'ENTRYPOINT ["/app/entrypoint.sh"]',
  ];
  if (program !== null)
    return {
      from: base,
      copies: { ...(await librariesOf([program])), 'app/authelia': program },
      texts: common,
      lines,
    };
  const texts = {
    ...common,
    'app/authelia': '#!/bin/sh\nexec node /app/authelia.mjs\n',
    'app/authelia.mjs': await standIn('authelia.mjs'),
  };
  return { from: base, texts, lines };
}

/** Debian's, with the sandbox's shell; where this machine has none, an image that nobody may ask for. */
async function redisContents(): Promise<ImageContents> {
  const programs = ['/usr/bin/redis-server', '/usr/bin/redis-cli'];
  const lines = ['ENV PATH=/usr/bin:/bin', 'ENTRYPOINT ["redis-server"]'];
  try {
    const own = await Promise.all(
      programs.map(async (path) => [path.slice(1), await realpath(path)] as const),
    );
    return { from: base, copies: { ...(await librariesOf(programs)), ...Object.fromEntries(own) }, lines };
  } catch {
    return { from: base, lines };
  }
}

async function gitlabContents(sshd: string | null): Promise<ImageContents> {
  const names = [
    'start.mjs',
    'secrets.mjs',
    'gitlab-backup.mjs',
    'gitlab-rails.mjs',
    'gitlab-rake.mjs',
    'keys.mjs',
    'shell.mjs',
    'curl.mjs',
    'omniauth.rb',
  ] as const;
  const texts = Object.fromEntries(
    await Promise.all(names.map(async (name) => [`stand-in/${name}`, await standIn(name)] as const)),
  );
  const programs = sshd === null ? [] : [sshd, '/usr/bin/ssh-keygen'];
  const own = Object.fromEntries(programs.map((path) => [path.slice(1), path]));
  return {
    from: base,
    copies: {
      ...(await librariesOf(programs)),
      ...own,
      ...(await rubyFiles()),
    },
    texts: {
      ...texts,
      'opt/gitlab/embedded/bin/curl':
        '#!/bin/sh\nNODE_EXTRA_CA_CERTS=/var/opt/gitlab/trusted.pem exec node /stand-in/curl.mjs "$@"\n',
      'usr/bin/gitlab-rails': '#!/bin/sh\nexec node /stand-in/gitlab-rails.mjs "$@"\n',
      // The sandbox has one of its own, later on the path.
      'usr/local/sbin/gitlab-backup': '#!/bin/sh\nexec node /stand-in/gitlab-backup.mjs "$@"\n',
      'usr/bin/gitlab-ctl':
        '#!/bin/sh\nmkdir -p /run/gitlab-stopped && : > "/run/gitlab-stopped/$2" && echo "ok: down: $2: 0s, normally up"\n',
      'usr/bin/gitlab-rake': '#!/bin/sh\nexec node /stand-in/gitlab-rake.mjs "$@"\n',
      'opt/gitlab/bin/gitlab-healthcheck': health('http://127.0.0.1/-/health'),
      'stand-in/keys': '#!/bin/sh\nexec /usr/bin/env node /stand-in/keys.mjs\n',
      'stand-in/sshd_config': sshdConfig,
      'stand-in/people': 'git:x:998:998::/var/opt/gitlab:/bin/sh\nsshd:x:74:74::/run/sshd:/bin/false\n',
    },
    lines: [
      'RUN cat /stand-in/people >> /etc/passwd && mkdir -p /run/sshd /var/opt/gitlab /etc/gitlab',
      'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'ENV AUTOGIT_SANDBOX_STATE=/var/opt/gitlab/sandbox AUTOGIT_SANDBOX_BACKUPS=/var/opt/gitlab/backups',
      'EXPOSE 22 80 443',
      'HEALTHCHECK --interval=60s --timeout=30s --retries=5 CMD /opt/gitlab/bin/gitlab-healthcheck --fail',
      ...nodeEntry('/stand-in/start.mjs'),
    ],
  };
}

/** A program that ends well when an address answers well. */
function health(url: string): string {
  const leave = '({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1)';
  return `#!/bin/sh\nexec node -e "fetch('${url}').then(${leave})"\n`;
}

/** Of the program of that name, what checks of health want: the address is the last argument. */
const wget =
  '#!/bin/sh\nexec node -e "fetch(process.argv.at(-1)).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))" -- "$@"\n';

/** Keys are asked for each time; nobody has a password, and nobody gets a shell. */
const sshdConfig = [
  ...['Port 22', 'HostKey /etc/gitlab/ssh_host_ed25519_key', 'PasswordAuthentication no'],
  ...['AuthorizedKeysCommand /stand-in/keys', 'AuthorizedKeysCommandUser root', 'AllowUsers git'],
  ...['StrictModes no', 'PermitUserEnvironment no', 'UsePAM no', ''],
].join('\n');

function nodeEntry(path: string): readonly string[] {
  return [`ENTRYPOINT ["node", ${JSON.stringify(path)}]`];
}

function standIn(name: string): Promise<string> {
  return readFile(new URL(`stand-in/${name}`, import.meta.url), 'utf8');
}

/** Ruby without its library, to read GitLab's settings as GitLab does; none where this machine has none. */
async function rubyFiles(): Promise<Readonly<Record<string, string>>> {
  try {
    const program = await realpath('/usr/bin/ruby');
    const asked = ['--disable-gems', '-e', 'puts $LOADED_FEATURES.grep(/\\A\\//)'];
    const loaded = (await run(program, asked)).stdout.split('\n').filter(Boolean);
    const features = Object.fromEntries(loaded.map((path) => [path.slice(1), path]));
    return { ...(await librariesOf([program, ...loaded])), ...features, 'usr/bin/ruby': program };
  } catch {
    return {};
  }
}

/** The shared libraries that programs load, each at its own path. */
async function librariesOf(programs: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const lists = await Promise.all(programs.map((program) => run('ldd', [program])));
  const found = lists.flatMap(({ stdout }) =>
    [...stdout.matchAll(/(\/[^\s]+) \(0x/g)].map(([, path = '']) => path),
  );
  const places = [...new Set(found)].map(async (path) => [path.slice(1), await realpath(path)] as const);
  return Object.fromEntries(await Promise.all(places));
}

// A person's machine of which all stores of roots are a copy: the system's own in a mount namespace, the browsers' in a
// home of its own. Beside it a server with certificates of a lab's authority, and programs that ask it. Needs root.
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { homePaths } from '../../main/adapters/host/home.ts';
import { prepareHome } from '../../main/adapters/host/prepare-home.ts';
import { openSecrets } from '../../main/adapters/host/secrets.ts';
import { createCrypto } from '../../main/adapters/stack/crypto.ts';
import { openStore } from '../../main/adapters/store/open-store.ts';
import { stackAnswersSchema } from '../../main/model/stack/answers.ts';
import { silentLog } from '../fakes/silent-log.ts';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../../main/cli/main.ts', import.meta.url));

export const lab = 'casa';
export const domain = 'casa.home.arpa';
export const inside = `gitlab.${domain}`;
/** A name that the lab's authority may not sign for, and has. */
export const outside = 'gitlab.elsewhere.example';

/** Copies of these, over which nothing of the machine's own is changed; names of the test. */
const arrange = `
set -e
mount -t tmpfs none "$1"
for folder in /etc /usr/local/share; do
  mkdir -p "$1$folder/upper" "$1$folder/work"
  mount -t overlay overlay -o "lowerdir=$folder,upperdir=$1$folder/upper,workdir=$1$folder/work" "$folder"
done
printf '127.0.0.1 localhost ${inside} ${outside}\\n' > /etc/hosts
echo ready
cat
`;

export interface TrustWorld {
  readonly home: string;
  readonly port: number;
  /** Where AutoGit looks for a container engine. */
  readonly engineSocket: string;
  /** Where the stack's folder has the root. */
  readonly rootPath: string;
  /** Runs AutoGit's command line there, and parses what it prints. */
  autogit<T>(
    words: readonly string[],
    parse: (value: unknown) => T,
    env?: Readonly<Record<string, string>>,
  ): Promise<T>;
  /** Runs a program there. Never rejects. */
  run(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
  /** Starts a program there that stays until the end. */
  start(argv: readonly string[]): void;
  /** Hosts and paths of all requests that have reached the server until now. */
  asked(): readonly string[];
  close(): Promise<void>;
}

/** Whether such a machine can be arranged here. */
export async function mayArrange(): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = await mkdtemp(join(tmpdir(), 'autogit-trust-'));
  try {
    const keeper = await openNamespace(folder);
    await keeper.close();
    return true;
  } catch {
    return false;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Namespace {
  readonly pid: number;
  close(): Promise<void>;
}

/** Ends with this process, however that ends. */
async function openNamespace(folder: string): Promise<Namespace> {
  const keeper = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', arrange, 'sh', folder],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  const ended = new Promise<void>((resolve) => keeper.once('close', () => resolve()));
  const isReady = await Promise.race([
    new Promise<boolean>((resolve) => keeper.stdout.once('data', () => resolve(true))),
    ended.then(() => false),
  ]);
  if (!isReady || keeper.pid === undefined) throw new Error('no namespace could be arranged');
  return {
    pid: keeper.pid,
    close: async () => {
      keeper.stdin.end();
      await ended;
    },
  };
}

/** A server for both names, which writes down who gets as far as asking. */
async function openServer(authority: { readonly certificate: string; readonly key: string }) {
  const crypto = createCrypto();
  const asked: string[] = [];
  const [own, other] = await Promise.all([
    crypto.leaf(authority, [inside], Date.now()),
    crypto.leaf(authority, [outside], Date.now()),
  ]);
  const contextOf = ({ certificate, key }: typeof own) => createSecureContext({ cert: certificate, key });
  const contexts = new Map([
    [inside, contextOf(own)],
    [outside, contextOf(other)],
  ]);
  const server = createServer(
    {
      ...{ cert: own.certificate, key: own.key },
      SNICallback: (name, done) => done(null, contexts.get(name)),
    },
    (request, response) => {
      asked.push(`${(request.headers.host ?? '').split(':')[0] ?? ''}${request.url ?? ''}`);
      response.end('hello\n');
    },
  );
  // Who does not trust it, hangs up.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    ...{ port: address.port, asked: () => [...asked] },
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A home of AutoGit with a lab that came up: its answers, its root among the secrets and in the stack's folder. */
async function makeHome(
  root: string,
  authority: { readonly certificate: string; readonly key: string },
  port: number,
) {
  const paths = homePaths({ AUTOGIT_HOME: root }, { demo: false });
  await prepareHome(paths);
  const secrets = await openSecrets(paths);
  await secrets.set(`stack/${lab}/ca-key-${domain}`, JSON.stringify(authority));
  const store = openStore(paths.database, { now: Date.now, log: silentLog, instance: identity(secrets) });
  const answers = stackAnswersSchema.parse({
    ...{ lab, domain, data: join(root, 'data'), tls: { mode: 'local-ca' } },
    ports: { https: port },
  });
  store.stack.setCurrent(answers);
  store.close();
  const folder = join(root, 'stack', lab);
  await mkdir(folder, { recursive: true });
  const rootPath = join(folder, 'ca.crt');
  await writeFile(rootPath, authority.certificate);
  return rootPath;
}

/** As the core makes it of the home's key. */
function identity(secrets: { sign(text: string): string }): string {
  const hex = secrets.sign('the identity of this home');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** `tools`: programs whose folders are on the `PATH` there. */
export async function openTrustWorld(tools: readonly string[]): Promise<TrustWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-trust-'));
  const authority = await createCrypto().authority(`AutoGit ${lab}`, domain, Date.now(), []);
  const server = await openServer(authority);
  const layers = join(folder, 'layers');
  const home = join(folder, 'home');
  await Promise.all([mkdir(layers), mkdir(home)]);
  const autogitHome = join(folder, 'autogit');
  const engineSocket = join(folder, 'engine.sock');
  const rootPath = await makeHome(autogitHome, authority, server.port);
  const namespace = await openNamespace(layers);
  const started: ReturnType<typeof spawn>[] = [];
  const path = [...tools.map((tool) => dirname(tool)), dirname(process.execPath), process.env['PATH'] ?? ''];
  // Nothing of the environment of the tests: it may name roots of its own.
  const base = { PATH: path.join(delimiter), HOME: home, LANG: 'C.UTF-8', XDG_RUNTIME_DIR: folder };
  const enter = (argv: readonly string[]) => ['--target', String(namespace.pid), '--mount', '--', ...argv];
  return {
    ...{ home, rootPath, engineSocket, port: server.port, asked: server.asked },
    autogit: async (words, parse, own = {}) => {
      const argv = [process.execPath, cli, ...words, '--json'];
      const env = { ...base, AUTOGIT_HOME: autogitHome, DOCKER_HOST: `unix://${engineSocket}`, ...own };
      const { stdout } = await run('nsenter', enter(argv), { env, cwd: '/' }).catch((error: unknown) => {
        // With --json it says why on its standard output.
        throw new Error(`autogit ${words.join(' ')}: ${outputOf(error)}`, { cause: error });
      });
      return parse(JSON.parse(stdout));
    },
    run: async (argv, env = {}) => {
      const options = {
        env: { ...base, ...env },
        cwd: home,
        timeout: 60_000,
        killSignal: 'SIGKILL',
      } as const;
      return run('nsenter', enter(argv), options).then(
        ({ stdout, stderr }) => `${stdout}${stderr}`,
        (error: unknown) => String(error),
      );
    },
    start: (argv) => {
      started.push(spawn('nsenter', enter(argv), { env: base, cwd: home, stdio: 'ignore' }));
    },
    close: async () => {
      for (const child of started) {
        const ended = new Promise((resolve) => child.once('close', resolve));
        child.kill('SIGTERM');
        if (child.exitCode === null && child.signalCode === null) await ended;
      }
      await namespace.close();
      await server.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function outputOf(error: unknown): string {
  return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
}

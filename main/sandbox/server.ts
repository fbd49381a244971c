// The sandbox GitLab: one server over one state folder.
import { createAdaptorServer } from '@hono/node-server';
import { createApp } from './app.ts';
import { openControl } from './backup/control.ts';
import { takeUpRestore } from './backup/take-up.ts';
import { createAccessToken, createUser } from './api/new-user.ts';
import { compilePipeline } from './ci/compile.ts';
import type { SandboxContext } from './context.ts';
import { createContext } from './create-context.ts';
import { resumePush } from './git/pending-push.ts';
import { listen } from './listen.ts';
import { mendFiles } from './mend-files.ts';
import { createToken } from './pipelines/tokens.ts';
import { openStore } from './store.ts';
import type { SandboxStore } from './store.ts';

/** Milliseconds between two looks at what time alone brings. */
const tickMs = 1000;

/** How to start a sandbox. */
export interface SandboxOptions {
  /** Everything it remembers; made when it does not exist. */
  readonly stateDir: string;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Secret of an access token that the administrator gets unless it is known; random in a new folder without one. */
  readonly rootToken?: string;
  /** Seconds that a request for a job is held when nothing changed; 0, the default, is GitLab's own. */
  readonly longPollSeconds?: number;
  /** How people sign in: the provider, and how it is asked. */
  readonly openId?: SandboxContext['openId'];
  /** Whether backups may be made of it, over a socket in its folder. Missing: no. */
  readonly backups?: boolean;
  readonly now?: () => Date;
  readonly log?: SandboxContext['log'];
}

/** A running sandbox. */
export interface Sandbox {
  /** For the host's own clients, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly store: SandboxStore;
  readonly context: SandboxContext;
  /** Secret of an access token that the administrator `root` has: the one asked for, or the first; `null` when all were revoked. */
  readonly rootToken: string | null;
  /** Ends open connections and closes the state; a runner in the middle of a job asks again later. */
  close(): Promise<void>;
}

/** Opens the state folder and serves it. Raises the store's errors, and those of listening (`EADDRINUSE`). */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const now = options.now ?? (() => new Date());
  await takeUpRestore(options.stateDir);
  const store = openStore(options.stateDir, now);
  try {
    const context = createContext({
      store,
      compile: compilePipeline,
      now,
      longPollSeconds: options.longPollSeconds ?? 0,
      openId: options.openId,
      log: options.log ?? (() => undefined),
    });
    await mendState(context);
    ensureRoot(context, options.rootToken);
    for (const push of store.pendingPushes.all()) await resumePush(context, push);
    const server = createAdaptorServer({
      fetch: createApp(context).fetch,
      // Large artifacts over slow lines take longer than Node's five minutes. Connections are kept as long as GitLab's own
      // nginx keeps them: https://gitlab.com/gitlab-org/omnibus-gitlab/commit/78862837
      serverOptions: { requestTimeout: 0, keepAliveTimeout: 65_000 },
    });
    const port = await listen(server, options.port, options.host);
    const control = options.backups === true ? await openControl(context) : null;
    const clock = setInterval(() => runTick(context), tickMs);
    const shown = options.host.includes(':') ? `[${options.host}]` : options.host;
    const url = `http://${options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : shown}:${port}`;
    const close = async (): Promise<void> => {
      clearInterval(clock);
      await control?.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
      store.close();
    };
    return { url, port, store, context, rootToken: findRootToken(store, options.rootToken), close };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** Says what of the state is gone; then what hung on it goes on without it. */
async function mendState(context: SandboxContext): Promise<void> {
  const { store } = context;
  const files = await mendFiles(store);
  const { artifacts, lfsObjects, repositories, setAside } = files;
  const gone = artifacts + lfsObjects + repositories.length + setAside.length;
  const isWhole = gone + store.lost.size === 0;
  if (isWhole) return;
  context.log('warn', 'Parts of the sandbox’s state are gone: it goes on without them', {
    key: 'sandbox.state-partly-lost',
    entries: Object.fromEntries(store.lost),
    ...files,
  });
  context.ci.settleAll();
}

/** The administrator, and the token that whoever starts the sandbox wants to use. */
function ensureRoot(context: SandboxContext, secret: string | undefined): void {
  const { store } = context;
  store.transaction(() => {
    const isNew = store.users.size === 0;
    if (isNew) {
      createUser(context, {
        username: 'root',
        name: 'Administrator',
        email: 'admin@example.com',
        admin: true,
      });
    }
    const isWanted =
      secret === undefined ? isNew : store.personalAccessTokens.by('token', secret).length === 0;
    const root = store.users.get(1);
    if (!isWanted || root === undefined) return;
    createAccessToken(context, {
      userId: root.id,
      name: 'sandbox',
      scopes: ['api', 'admin_mode', 'sudo', 'create_runner', 'manage_runner', 'read_api', 'write_repository'],
      secret: secret ?? createToken('glpat-'),
      expiresAt: null,
    });
  });
}

function findRootToken(store: SandboxStore, wanted: string | undefined): string | null {
  const tokens = store.personalAccessTokens.by('userId', 1).filter((token) => !token.revoked);
  return (tokens.find(({ token }) => token === wanted) ?? tokens[0])?.token ?? null;
}

function runTick(context: SandboxContext): void {
  try {
    context.ci.tick();
  } catch (error) {
    context.log('error', 'the clock’s work failed', {
      error: error instanceof Error ? error.stack : String(error),
    });
  }
}

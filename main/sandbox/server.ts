// The sandbox GitLab: one server over one state folder.
import { createAdaptorServer } from '@hono/node-server';
import { createApp } from './app.ts';
import { createAccessToken, createUser } from './api/new-user.ts';
import { compilePipeline } from './ci/compile.ts';
import type { SandboxContext } from './context.ts';
import { createContext } from './create-context.ts';
import { listen } from './listen.ts';
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
  /** Secret of the administrator's access token, used when the folder is new; random without one. */
  readonly rootToken?: string;
  /** Seconds that a request for a job is held when nothing changed; 0, the default, is GitLab's own. */
  readonly longPollSeconds?: number;
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
  /** Secret of the first access token that the administrator `root` still has; `null` when it was revoked. */
  readonly rootToken: string | null;
  /** Ends open connections and closes the state; a runner in the middle of a job asks again later. */
  close(): Promise<void>;
}

/** Opens the state folder and serves it. Raises the store's errors, and those of listening (`EADDRINUSE`). */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const now = options.now ?? (() => new Date());
  const store = openStore(options.stateDir, now);
  try {
    const context = createContext({
      store,
      compile: compilePipeline,
      now,
      longPollSeconds: options.longPollSeconds ?? 0,
      log: options.log ?? (() => undefined),
    });
    createRoot(context, options.rootToken);
    const server = createAdaptorServer({
      fetch: createApp(context).fetch,
      // Large artifacts over slow lines take longer than Node's five minutes.
      serverOptions: { requestTimeout: 0 },
    });
    const port = await listen(server, options.port, options.host);
    const clock = setInterval(() => runTick(context), tickMs);
    const shown = options.host.includes(':') ? `[${options.host}]` : options.host;
    const url = `http://${options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : shown}:${port}`;
    const close = async (): Promise<void> => {
      clearInterval(clock);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
      store.close();
    };
    return { url, port, store, context, rootToken: findRootToken(store), close };
  } catch (error) {
    store.close();
    throw error;
  }
}

function createRoot(context: SandboxContext, secret: string | undefined): void {
  const { store } = context;
  if (store.users.size > 0) return;
  store.transaction(() => {
    const root = createUser(context, {
      username: 'root',
      name: 'Administrator',
      email: 'admin@example.com',
      admin: true,
    });
    createAccessToken(context, {
      userId: root.id,
      name: 'sandbox',
      scopes: ['api', 'admin_mode', 'sudo', 'create_runner', 'manage_runner', 'read_api', 'write_repository'],
      secret: secret ?? createToken('glpat-'),
    });
  });
}

function findRootToken(store: SandboxStore): string | null {
  return store.personalAccessTokens.by('userId', 1).find((token) => !token.revoked)?.token ?? null;
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

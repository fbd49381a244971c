// The sandbox as a program of its own, as it runs in its container.
//
// Environment: AUTOGIT_SANDBOX_STATE (folder, required), AUTOGIT_SANDBOX_PORT (default 80), AUTOGIT_SANDBOX_HOST
// (default 0.0.0.0), AUTOGIT_SANDBOX_ROOT_TOKEN, AUTOGIT_SANDBOX_LONG_POLL (seconds, default 0),
// AUTOGIT_SANDBOX_OMNIAUTH (a file: what gitlab.rb says under `gitlab_rails`, as JSON).
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { LogLevel } from './context.ts';
import { describeExit, EnvironmentError } from './exit.ts';
import { startSandbox } from './server.ts';
import type { SandboxOptions } from './server.ts';
import { readOmniauth } from './sign-in/omniauth-settings.ts';

const environmentSchema = z.object({
  AUTOGIT_SANDBOX_STATE: z.string().min(1),
  AUTOGIT_SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(80),
  AUTOGIT_SANDBOX_HOST: z.string().default('0.0.0.0'),
  AUTOGIT_SANDBOX_ROOT_TOKEN: z.string().min(1).optional(),
  AUTOGIT_SANDBOX_LONG_POLL: z.coerce.number().min(0).default(0),
  AUTOGIT_SANDBOX_OMNIAUTH: z.string().min(1).optional(),
});

function log(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
}

function readEnvironment(): z.infer<typeof environmentSchema> {
  const parsed = environmentSchema.safeParse(process.env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new EnvironmentError(problems.join('; '));
}

/** A file, because the client's secret is in it. */
function readOpenId(file: string | undefined): SandboxOptions['openId'] {
  if (file === undefined) return undefined;
  try {
    const settings = readOmniauth(JSON.parse(readFileSync(file, 'utf8')));
    return settings === null ? undefined : { settings, fetch };
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new EnvironmentError(`AUTOGIT_SANDBOX_OMNIAUTH: ${why}`);
  }
}

async function main(): Promise<void> {
  const environment = readEnvironment();
  const openId = readOpenId(environment.AUTOGIT_SANDBOX_OMNIAUTH);
  const rootToken = environment.AUTOGIT_SANDBOX_ROOT_TOKEN;
  const sandbox = await startSandbox({
    stateDir: environment.AUTOGIT_SANDBOX_STATE,
    host: environment.AUTOGIT_SANDBOX_HOST,
    port: environment.AUTOGIT_SANDBOX_PORT,
    longPollSeconds: environment.AUTOGIT_SANDBOX_LONG_POLL,
    log,
    backups: true,
    ...(rootToken === undefined ? {} : { rootToken }),
    ...(openId && { openId }),
  });
  log('info', 'sandbox started', { url: sandbox.url, state: environment.AUTOGIT_SANDBOX_STATE });
  const stop = (signal: string): void => {
    log('info', 'sandbox stops', { signal });
    sandbox.close().then(() => process.exit(0), leave);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

/** The last line says why, and the exit status says the same. */
function leave(error: unknown): never {
  const { key, status, message } = describeExit(error);
  const stack = key === 'sandbox.failed' && error instanceof Error ? { stack: error.stack } : {};
  log('error', message, { key, ...stack });
  process.exit(status);
}

process.on('uncaughtException', leave);
main().catch(leave);

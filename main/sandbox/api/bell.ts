// The sandbox's own doorbell, for AutoGit alone: GitLab has none, and its hooks do not reach a core that listens on loopback.
import { Hono } from 'hono';
import type { SandboxContext } from '../context.ts';
import { requireAdmin } from './authentication.ts';
import type { ApiEnv } from './authentication.ts';

/** Milliseconds for which nobody is kept waiting any longer. */
const patienceMs = 25_000;

/** `GET /-/sandbox/bell?count=N` answers as soon as the number of jobs that came to wait is not N. */
export function bellRoutes(ctx: SandboxContext): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const waiting = new Set<() => void>();
  let count = 0;
  ctx.events.on('job', (job) => {
    if (job.status !== 'pending') return;
    count += 1;
    for (const wake of waiting) wake();
  });
  app.get('/-/sandbox/bell', async (c) => {
    requireAdmin(c);
    if (c.req.query('count') === String(count)) await nextRing(waiting, c.req.raw.signal);
    return c.json({ count });
  });
  return app;
}

/** Resolves at the next ring, after the time above, or when the asker is gone. */
function nextRing(waiting: Set<() => void>, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      waiting.delete(finish);
      gone.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, patienceMs);
    waiting.add(finish);
    gone.addEventListener('abort', finish);
    if (gone.aborted) finish();
  });
}

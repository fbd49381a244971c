// GitLab's doorbell: a hook counts, and the core waits for the count to change. What a hook says is not looked at.
import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Milliseconds for which the core is kept waiting. */
const patienceMs = 25_000;

/** `POST /hook` with GitLab's secret; `GET /bell?count=N` with the same secret answers as soon as the count is not N. */
export function createBell(secret: string): Server {
  let count = 0;
  const waiting = new Set<() => void>();
  return createServer((incoming, outgoing) => {
    incoming.resume();
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://gateway');
    const call = `${incoming.method ?? ''} ${pathname}`;
    const tell = (): void => void outgoing.end(JSON.stringify({ count }));
    if (!knows(incoming, secret)) refuse(outgoing, 401);
    else if (call === 'POST /hook') {
      count += 1;
      for (const wake of waiting) wake();
      tell();
    } else if (call !== 'GET /bell') refuse(outgoing, 404);
    else if (searchParams.get('count') !== String(count)) tell();
    else {
      const wake = (): void => {
        clearTimeout(timer);
        waiting.delete(wake);
        tell();
      };
      const timer = setTimeout(wake, patienceMs);
      waiting.add(wake);
      outgoing.once('close', () => {
        clearTimeout(timer);
        waiting.delete(wake);
      });
    }
  });
}

/** https://docs.gitlab.com/user/project/integrations/webhooks/#custom-headers */
function knows({ headers }: IncomingMessage, secret: string): boolean {
  const [told, own] = [Buffer.from(String(headers['x-gitlab-token'] ?? '')), Buffer.from(secret)];
  return told.length === own.length && timingSafeEqual(told, own);
}

function refuse(outgoing: ServerResponse, status: number): void {
  outgoing.writeHead(status).end();
}

// GitLab's doorbell: a hook counts, and the core waits for the count to change. What a hook says is not looked at.
import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { guarded } from './guarded.ts';
import type { Note } from './guarded.ts';

/** Milliseconds for which the core is kept waiting. */
const patienceMs = 25_000;

/** Path and query; anything else that a request line may hold is no address of the bell's. */
const targetForm = /^(\/[a-z]*)(?:\?(.*))?$/;

/** `POST /hook` with GitLab's secret; `GET /bell?count=N` with the same secret answers as soon as the count is not N. */
export function createBell(secret: string, note: Note): Server {
  let count = 0;
  const waiting = new Set<() => void>();
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    incoming.resume();
    const [, path, query = ''] = targetForm.exec(incoming.url ?? '') ?? [];
    const call = `${incoming.method ?? ''} ${path ?? ''}`;
    const tell = (): void => void outgoing.end(JSON.stringify({ count }));
    if (!knows(incoming, secret)) refuse(outgoing, 401);
    else if (path === undefined) refuse(outgoing, 400);
    else if (call === 'POST /hook') {
      count += 1;
      for (const wake of waiting) wake();
      tell();
    } else if (call !== 'GET /bell') refuse(outgoing, 404);
    else if (new URLSearchParams(query).get('count') !== String(count)) tell();
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
  };
  return createServer(guarded(answer, note, [500, 'The bell failed.']));
}

/** https://docs.gitlab.com/user/project/integrations/webhooks/#custom-headers */
function knows({ headers }: IncomingMessage, secret: string): boolean {
  const [told, own] = [Buffer.from(String(headers['x-gitlab-token'] ?? '')), Buffer.from(secret)];
  return told.length === own.length && timingSafeEqual(told, own);
}

function refuse(outgoing: ServerResponse, status: number): void {
  outgoing.writeHead(status).end();
}

// A proxy before the sandbox that remembers what a peer asked, and what it was answered.
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen } from '../../main/sandbox/listen.ts';

export interface Exchange {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** `null` while the answer is awaited. */
  status: number | null;
}

export interface RecordingProxy {
  readonly url: string;
  /** Oldest first. */
  exchanges(method: string, path: RegExp): readonly Readonly<Exchange>[];
  close(): Promise<void>;
}

/** The sandbox names itself in its answers as it was asked, so that everything goes through here. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const seen: Exchange[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '' } = incoming;
    const exchange: Exchange = { method, path: url.split('?', 1).join(''), status: null };
    seen.push(exchange);
    forward(target, incoming, outgoing, (status) => void (exchange.status = status));
  });
  const port = await listen(server, 0, '127.0.0.1');
  return {
    url: `http://127.0.0.1:${port}`,
    exchanges: (method, path) => seen.filter((one) => one.method === method && path.test(one.path)),
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function forward(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  onStatus: (status: number) => void,
): void {
  const { method, headers, url } = incoming;
  const onward = request(`${target}${url ?? ''}`, { method, headers }, (answer) => {
    onStatus(answer.statusCode ?? 0);
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
}

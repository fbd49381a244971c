// One bad request ends itself, never the program: without the gateway every running job of executor `image` fails.
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A line of the gateway's log. */
export type Note = (event: string, details: Readonly<Record<string, unknown>>) => void;

/** Of a request's address, without the runner's token. */
export function pathOf({ url = '' }: IncomingMessage): string {
  return url.replace(/\/[0-9a-f]{64}(?=\/)/, '/…').slice(0, 500);
}

export function sendMessage(outgoing: ServerResponse, status: number, message: string): void {
  outgoing.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ message }));
}

/** A listener for requests whose failure is noted and answered with `status` and `message`. */
export function guarded(
  listener: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> | void,
  note: Note,
  [status, message]: readonly [status: number, message: string],
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> =>
    listener(incoming, outgoing);
  return (incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      note('failed', { target: pathOf(incoming), error: String(error) });
      if (outgoing.headersSent) outgoing.destroy();
      else sendMessage(outgoing, status, message);
    });
  };
}

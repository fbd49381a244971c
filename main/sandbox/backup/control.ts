// The server's side of a backup: it alone has the database open, so it makes the copy, for one asker at a time.
//
// A socket in the state folder, which its owner alone may use. One line of JSON asks, one answers; whoever is connected has
// the turn, and gives it back by leaving, also when killed.
import { chmod, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { SandboxContext } from '../context.ts';

/** Where the socket lies in the state folder. */
export const controlName = 'control.sock';

export const questionSchema = z.object({
  /** Absolute path of a file that is not there yet. */
  copyDatabaseTo: z.string().min(1),
});

export const answerSchema = z.object({
  /** `busy`: another backup goes on. */
  state: z.enum(['done', 'busy', 'failed']),
  message: z.string(),
});
export type ControlAnswer = z.infer<typeof answerSchema>;

/** Where backups ask; `close` ends their connections. */
export interface Control {
  close(): Promise<void>;
}

/** Listens in the state folder. A folder in which nobody can listen has no backups, and says so in the log. */
export async function openControl(context: SandboxContext): Promise<Control> {
  const path = join(context.store.stateDir, controlName);
  const sockets = new Set<Socket>();
  let turn: Socket | null = null;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      if (turn === socket) turn = null;
    });
    if (turn !== null) {
      say(socket, { state: 'busy', message: 'another backup goes on' });
      socket.end();
      return;
    }
    turn = socket;
    const lines = createInterface({ input: socket });
    lines.on('line', (line) => void answerLine(line, socket, context));
    lines.on('error', () => undefined);
  });
  // What a killed server has left.
  await rm(path, { force: true });
  await listenAt(server, path, context);
  return {
    close: async () => {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function listenAt(server: Server, path: string, context: SandboxContext): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    await chmod(path, 0o600);
  } catch (error) {
    context.log('warn', 'no backups of this folder: nobody can listen in it', { error: String(error) });
  }
}

async function answerLine(line: string, socket: Socket, { store }: SandboxContext): Promise<void> {
  try {
    const { copyDatabaseTo } = questionSchema.parse(JSON.parse(line));
    await store.copyDatabase(copyDatabaseTo);
    say(socket, { state: 'done', message: '' });
  } catch (error) {
    say(socket, { state: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}

function say(socket: Socket, answer: ControlAnswer): void {
  if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
}

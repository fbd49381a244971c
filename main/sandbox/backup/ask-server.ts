// Asks the running server for a copy of its database, and holds the turn while the rest is copied.
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { answerSchema, controlName } from './control.ts';
import type { ControlAnswer } from './control.ts';

/** Why no backup can be made: a sentence for people. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/** The turn of one backup; nobody else gets it until `end`. */
export interface Turn {
  /** Raises `BackupError`. */
  copyDatabase(to: string): Promise<void>;
  end(): void;
}

/** Connects to the server of a state folder. Raises `BackupError` when none runs. */
export async function takeTurn(stateDir: string): Promise<Turn> {
  const socket = createConnection(join(stateDir, controlName));
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw new BackupError(`The sandbox of ${stateDir} does not run: ${String(error)}`);
  }
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  socket.on('error', () => undefined);
  return {
    copyDatabase: async (to) => {
      socket.write(`${JSON.stringify({ copyDatabaseTo: to })}\n`);
      const { state, message } = await nextAnswer(lines);
      if (state === 'busy')
        throw new BackupError('Backup and restore in progress: another one goes on here.');
      if (state === 'failed') throw new BackupError(`The database could not be copied: ${message}`);
    },
    end: () => socket.destroy(),
  };
}

async function nextAnswer(lines: AsyncIterator<string>): Promise<ControlAnswer> {
  const line = await lines.next();
  if (line.done === true) throw new BackupError('The sandbox has ended meanwhile.');
  return answerSchema.parse(JSON.parse(line.value));
}

// `autogit serve` as a process of its own: real home, lock, doors and page, over a pretended lab.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { root } from './needs.ts';

export interface ServeProcess {
  /** `http://127.0.0.1:<port>`. */
  readonly address: string;
  readonly token: string;
  /** As Ctrl-C does it. */
  stop(): Promise<void>;
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Serves a home at a port. Rejects with what the program said when it does not serve. */
export async function startServing(home: string, port: number): Promise<ServeProcess> {
  const words = ['tests/fakes/fake-main.ts', 'serve', '--json', '--port', String(port)];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], {
    cwd: root,
    env: { ...process.env, AUTOGIT_HOME: home, AUTOGIT_FAKE_STEP_MS: '60000' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const listen = (chunk: unknown): void => {
      said += String(chunk);
      if (said.includes('"already": false')) resolve();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    void exit.then(() => reject(new Error(`serve has ended: ${said}`)));
  });
  return {
    address: `http://127.0.0.1:${port}`,
    token: (await readFile(path.join(home, 'run', 'http-token'), 'utf8')).trim(),
    stop: async () => {
      child.kill('SIGINT');
      await exit;
    },
  };
}

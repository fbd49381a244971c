// Programs that print again and again: started once, read as they print, and ended with the last who asks.
import { spawn } from 'node:child_process';
import type { LoopProgram, Ran, StartLoop } from '../../ports.ts';

/** A report of 256 cards is 100 kB; a tool that prints this much in a second has gone wrong. Bytes. */
const mostBytes = 4 * 1_048_576;
/** After it was told to end, and again after it was killed. Milliseconds. */
const graceMs = 1_000;

/** A program that does not even die of SIGKILL, as with a driver that hangs, is left behind. */
export const startLoop: StartLoop = (program, args, onText) => {
  const child = spawn(program, args, {
    env: { ...process.env, LC_ALL: 'C', LANG: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
    windowsHide: true,
  });
  const { promise, resolve } = Promise.withResolvers<Ran['outcome']>();
  let given = 0;
  let since = performance.now();
  const isFlood = (bytes: number): boolean => {
    const now = performance.now();
    if (now - since > 1_000) [given, since] = [0, now];
    given += bytes;
    return given > mostBytes;
  };
  const leave = (outcome: Ran['outcome']): void => {
    child.stdout.removeAllListeners('data');
    child.stdout.destroy();
    child.unref();
    resolve(outcome);
  };
  const end = (outcome: Ran['outcome']): void => {
    child.kill('SIGTERM');
    setTimeout(() => {
      child.kill('SIGKILL');
      leave(outcome);
    }, graceMs).unref();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (isFlood(text.length)) end('flood');
    else onText(text);
  });
  child.on('error', (error: NodeJS.ErrnoException) => leave(error.code === 'ENOENT' ? 'missing' : 'failed'));
  child.on('close', () => leave('ended'));
  return { ended: promise, stop: () => end('ended') } satisfies LoopProgram;
};

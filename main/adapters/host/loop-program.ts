// Programs that print again and again: started once, read as they print, and ended with the last who asks.
import type { ChildProcess } from 'node:child_process';
import type { LoopEnd, LoopProgram, Ran, StartLoop } from '../../probe-port.ts';
import { createLeftTools } from './left-tools.ts';
import type { LeftTools } from './left-tools.ts';
import { isMissing, openProgram, signalProgram } from './run-program.ts';

/** A report of 256 cards is 100 kB; a tool that prints this much in a second has gone wrong. Bytes. */
const mostBytes = 4 * 1_048_576;
/** After it was told to end, and again after it was killed. Milliseconds. */
const graceMs = 1_000;
/** Of its error output: why it refuses stands at the beginning. Signs. */
const mostWords = 4_096;

/**
 * A program that does not even die of SIGKILL, as with a driver that hangs, is left behind, and none of that name is
 * started before it is gone: the next one ends at once with `timeout`.
 */
export function createStartLoop(left: LeftTools = createLeftTools()): StartLoop {
  return (program, args, onText) => {
    if (left.has(program)) return endedAtOnce('timeout');
    const child = openProgram(program, args);
    return child === null ? endedAtOnce('failed') : follow(child, program, onText, left);
  };
}

function endedAtOnce(outcome: Ran['outcome']): LoopProgram {
  return { ended: Promise.resolve({ outcome, stderr: '' }), stop: () => undefined };
}

function follow(
  child: ChildProcess,
  program: string,
  onText: (text: string) => void,
  left: LeftTools,
): LoopProgram {
  const { promise: ended, resolve } = Promise.withResolvers<LoopEnd>();
  const gone = Promise.withResolvers<undefined>();
  const isFlood = floodMeter();
  let stderr = '';
  let end: Ran['outcome'] | null = null;
  let timer: NodeJS.Timeout | undefined;
  const leave = (outcome: Ran['outcome']): void => {
    clearTimeout(timer);
    for (const output of [child.stdout, child.stderr]) output?.removeAllListeners('data').destroy();
    child.unref();
    resolve({ outcome: end ?? outcome, stderr });
  };
  const stop = (outcome: Ran['outcome']): void => {
    if (end !== null) return;
    end = outcome;
    left.add(program, ended, gone.promise);
    signalProgram(child, 'SIGTERM');
    timer = setTimeout(() => {
      signalProgram(child, 'SIGKILL');
      timer = setTimeout(() => leave(outcome), graceMs).unref();
    }, graceMs).unref();
  };
  // Without files left to open there is a child without outputs, and its error comes later.
  child.once('error', (error) => {
    gone.resolve(undefined);
    leave(isMissing(error) ? 'missing' : 'failed');
  });
  child.once('exit', () => {
    // What it started hangs as it does, and is of no use without it.
    signalProgram(child, 'SIGKILL');
    gone.resolve(undefined);
    clearTimeout(timer);
    // Others may hold its outputs open.
    timer = setTimeout(() => leave('ended'), graceMs).unref();
  });
  child.once('close', () => leave('ended'));
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (isFlood(text.length)) stop('flood');
    else onText(text);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (isFlood(text.length)) stop('flood');
    else stderr = (stderr + text).slice(0, mostWords);
  });
  return { ended, stop: () => stop('ended') };
}

/** Says whether this second has brought more than anything useful. */
function floodMeter(): (bytes: number) => boolean {
  let given = 0;
  let since = performance.now();
  return (bytes) => {
    const now = performance.now();
    if (now - since > 1_000) [given, since] = [0, now];
    given += bytes;
    return given > mostBytes;
  };
}

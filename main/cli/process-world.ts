// This process as the command line sees it: its outputs, signals, parent and terminal.
import { createReadStream } from 'node:fs';
import { outputFailed, readerLeft } from './access.ts';
import { asciiSigns, hasUnicode } from './render/text.ts';
import type { CoreAccess } from '../serve/find-core.ts';
import type { CliWorld, LiveArea, Terminal } from './access.ts';

function terminalOf(stream: NodeJS.WriteStream, inAscii: boolean): Terminal {
  return {
    write: (text) => void stream.write(inAscii ? asciiSigns(text) : text),
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.isTTY ? stream.columns || 80 : 80;
    },
    get rows() {
      return stream.isTTY ? stream.rows || 24 : 24;
    },
  };
}

/** Whoever reads the output has left (`autogit events --follow | head`), or its disk is full: no more work for it. */
function listenForOutput(interrupt: AbortController): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    const hasLeft = error.code === 'EPIPE';
    if (!hasLeft && process.exitCode !== 1) {
      process.stderr.write(`The output cannot be written: ${error.message}.\n`);
      process.exitCode = 1;
    }
    interrupt.abort(hasLeft ? readerLeft : outputFailed);
  });
  // What is said there nobody has to hear: a core goes on serving.
  process.stderr.on('error', () => undefined);
}

/** The first signal asks, the second one ends the process at once. */
function listenForSignals(interrupt: AbortController): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interrupt.signal.aborted) process.exit(130);
      interrupt.abort(signal);
    });
  }
}

function listenForOrphaning(): AbortSignal {
  const orphaned = new AbortController();
  if (process.connected) process.once('disconnect', () => orphaned.abort());
  return orphaned.signal;
}

/** Ctrl-C answers no, and interrupts as everywhere. */
async function ask(question: string, interrupt: AbortSignal): Promise<boolean | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal: interrupt });
    return /^y(?:es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    lines.close();
  }
}

/** Ctrl-C and the end of the input are no answer. */
async function prompt(question: string, hidden: boolean, interrupt: AbortSignal): Promise<string | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  const { createInterface } = await import('node:readline/promises');
  const { Writable } = await import('node:stream');
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = hidden ? nowhere : process.stderr;
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const ended = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
  try {
    if (hidden) process.stderr.write(question);
    const answer = lines.question(hidden ? '' : question, { signal: interrupt });
    return await Promise.race([answer, ended]);
  } catch {
    return null;
  } finally {
    if (hidden) process.stderr.write('\n');
    lines.close();
  }
}

async function openLive(output: 'out' | 'err'): Promise<LiveArea> {
  const { createLogUpdate } = await import('log-update');
  const area = createLogUpdate(output === 'out' ? process.stdout : process.stderr);
  const signs = hasUnicode(process.env) ? (text: string): string => text : asciiSigns;
  return { draw: (text) => area(signs(text)), end: () => area.done() };
}

async function readText(file: string, limit = 4_000_000): Promise<string> {
  let text = '';
  for await (const chunk of file === '-'
    ? process.stdin.setEncoding('utf8')
    : createReadStream(file, 'utf8')) {
    text += String(chunk);
    if (text.length > limit) throw new Error('it is far longer than such a file can be');
  }
  return text;
}

/** Takes over the signals of this process. */
export function processWorld(loadCore: () => Promise<CoreAccess>): CliWorld {
  const interrupt = new AbortController();
  listenForSignals(interrupt);
  listenForOutput(interrupt);
  const isAscii = !hasUnicode(process.env);
  return {
    env: process.env,
    // What goes into a file or another program stays as it is: names of jobs may hold our signs too.
    out: terminalOf(process.stdout, isAscii && process.stdout.isTTY),
    err: terminalOf(process.stderr, isAscii),
    openLive,
    loadCore,
    interrupt: interrupt.signal,
    orphaned: listenForOrphaning(),
    now: Date.now,
    readText,
    ask: (question) => ask(question, interrupt.signal),
    prompt: (question, options) => prompt(question, options?.hidden === true, interrupt.signal),
  };
}

/** How long open handles may keep the process alive after its work is done. Milliseconds. */
const lingerMs = 2000;

/** Lets this process end with an exit code, once its output is written. */
export function endProcess(code: number): void {
  if (process.exitCode !== 1) process.exitCode = code;
  // The channel to a parent would keep this process alive. (Without a reference, it would miss the parent's end.)
  if (process.connected) process.disconnect();
  setTimeout(() => process.exit(), lingerMs).unref();
}

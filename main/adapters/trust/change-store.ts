// Changes a store of roots: files and programs, with the rights of AutoGit's user and nothing more.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ChangeStore } from '../../access-ports.ts';
import { AutoGitError, messageOf } from '../../errors.ts';
import { assertNever } from '../../model/assert.ts';
import { certificateArgument } from '../../model/trust.ts';
import type { StoreStep } from '../../model/trust.ts';

const execute = promisify(execFile);
/** Windows asks the person first. Milliseconds. */
const deadlineMs = 120_000;

/** The port on this machine. */
export const changeStore: ChangeStore = async (steps) => {
  for (const step of steps) {
    try {
      await take(step);
    } catch (cause) {
      throw new AutoGitError({
        key: 'trust.step-failed',
        message: `${what(step)}: ${reasonOf(cause)}`,
        next: 'Mend what it says, then ask again: what was done before stays, and asking again does the rest.',
        fields: { step: what(step) },
        cause,
      });
    }
  }
};

async function take(step: StoreStep): Promise<void> {
  switch (step.do) {
    case 'write':
      return writeWhole(step.path, step.content);
    case 'remove':
      await rm(step.path, { force: true });
      // One with other files in it stays.
      if (step.withFolder) await rmdir(path.dirname(step.path)).catch(() => undefined);
      return;
    case 'folder':
      await mkdir(step.path, { recursive: true, mode: 0o700 });
      return;
    case 'run':
      return step.certificate === null
        ? runProgram(step.program, step.args)
        : withFile(step.certificate, (file) =>
            runProgram(
              step.program,
              step.args.map((arg) => (arg === certificateArgument ? file : arg)),
            ),
          );
    default:
      return assertNever(step);
  }
}

/** What reads the folder meanwhile finds the whole file or none; everybody may read it, whatever AutoGit's umask. */
async function writeWhole(file: string, content: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o755 });
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, content, { flag: 'wx' });
    await chmod(temporary, 0o644);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function withFile(content: string, use: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-root-'));
  try {
    const file = path.join(folder, 'ca.crt');
    await writeFile(file, content);
    await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runProgram(program: string, args: readonly string[]): Promise<void> {
  const running = execute(program, args, {
    env: { ...process.env, LC_ALL: 'C', LANG: 'C' },
    timeout: deadlineMs,
    windowsHide: true,
  });
  // A program that asks for a password gets no answer, and says so.
  running.child.stdin?.end();
  await running;
}

function what(step: StoreStep): string {
  switch (step.do) {
    case 'write':
      return `Writing ${step.path}`;
    case 'remove':
      return `Removing ${step.path}`;
    case 'folder':
      return `Making ${step.path}`;
    case 'run':
      return `Running ${path.basename(step.program)}`;
    default:
      return assertNever(step);
  }
}

/** The last line that a program said, or what the system says. */
function reasonOf(cause: unknown): string {
  const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
  const last = said.split('\n').at(-1) ?? '';
  return (last === '' ? messageOf(cause).split('\n')[0] : last) ?? 'it failed';
}

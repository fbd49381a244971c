// Makes a staged file the program that runs, in the one way that each kind of package has.
import { execFile } from 'node:child_process';
import { chmod, constants, copyFile, link, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { AutoGitError, messageOf } from '../../errors.ts';
import { shellWord } from '../../model/shell-word.ts';
import type { UpdateFile } from '../../model/updates.ts';
import type { InstallPlan } from '../../update-port.ts';
import { installDeclined, installFailed, wrongDigest } from './errors.ts';
import type { Installed } from './install-kind.ts';
import { hashFile } from './stage.ts';

/** A package manager may wait for another one. Milliseconds. */
const patienceMs = 15 * 60_000;

export interface InstallOptions {
  readonly installed: Installed;
  readonly platform: string;
  /** Whether somebody sits before it who could be asked for a password, and this program may become root by one. */
  readonly canAsk: boolean;
  /** Where a program lies; `null`: nowhere. */
  readonly findProgram: (name: string) => Promise<string | null>;
}

interface Ran {
  readonly code: number | string;
  readonly said: string;
}

function run(program: string, words: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(program, words, { timeout: patienceMs, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-3).join(' ').slice(-400);
      resolve({ code: error === null ? 0 : (error.code ?? 'killed'), said });
    });
  });
}

/** What the system's package manager is told, without the word that makes it root. */
function managerWords(kind: Installed['kind'], file: string): readonly string[] | null {
  if (kind === 'deb') return ['apt-get', 'install', '--yes', file];
  return kind === 'rpm' ? ['dnf', 'install', '--assumeyes', file] : null;
}

/** What would be done with a file at that path. */
export async function planInstall(
  file: string,
  { installed, canAsk, findProgram }: InstallOptions,
): Promise<InstallPlan> {
  const { kind, appImage } = installed;
  const byManager = async (command: string): Promise<InstallPlan> => {
    const isAsked = canAsk && (await findProgram('pkexec')) !== null;
    return { way: isAsked ? 'asks-system' : 'command', command, path: file };
  };
  switch (kind) {
    case 'deb':
      return byManager(`sudo apt install ${shellWord(file)}`);
    case 'deb-headless':
      // Its core is started again by the package while apt goes on: nothing of it may hang on that core.
      return { way: 'command', command: `sudo apt install ${shellWord(file)}`, path: file };
    case 'rpm':
      return byManager(`sudo dnf install ${shellWord(file)}`);
    case 'appimage':
      return { way: 'replace', command: null, path: appImage ?? file };
    case 'nsis':
    case 'dmg':
      return { way: 'open', command: null, path: file };
    case 'zip':
    case 'source':
      return { way: 'by-hand', command: null, path: file };
  }
}

/** https://www.freedesktop.org/software/polkit/docs/latest/pkexec.1.html: 126 was dismissed, 127 not allowed. */
async function askSystem(
  file: string,
  name: string,
  options: InstallOptions,
  command: string,
): Promise<void> {
  const words = managerWords(options.installed.kind, file);
  const pkexec = await options.findProgram('pkexec');
  if (words === null || pkexec === null)
    throw installFailed(name, 'pkexec is not there', `Run it yourself: ${command}`);
  const { code, said } = await run(pkexec, words);
  if (code === 0) return;
  if (code === 126 || code === 127) throw installDeclined(command);
  throw installFailed(name, said === '' ? `it ended with ${code}` : said, `Run it yourself: ${command}`);
}

/**
 * The new file takes the old one's name in one step; the old one stays beside it as `.previous`. What is put there is
 * looked at where it lies, after it was copied.
 */
async function replaceAppImage(staged: string, file: UpdateFile, target: string): Promise<void> {
  const [fresh, previous] = [`${target}.new`, `${target}.previous`];
  try {
    const { mode } = await stat(target);
    await rm(fresh, { recursive: true, force: true });
    await copyFile(staged, fresh, constants.COPYFILE_EXCL);
    await chmod(fresh, (mode & 0o777) | 0o100);
    const handle = await open(fresh, 'r+');
    await handle.sync();
    await handle.close();
    if ((await hashFile(fresh)) !== file.sha256) throw wrongDigest(file);
    await rm(previous, { force: true });
    // A second name, and where a disk has none, a copy: at no moment is there no program.
    await link(target, previous).catch(() => copyFile(target, previous));
    await rename(fresh, target);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (error instanceof AutoGitError) throw error;
    throw installFailed(
      target,
      messageOf(error),
      `See whether ${path.dirname(target)} can be written by you, or put the new file there yourself.`,
    );
  }
}

async function openIt(file: string, platform: string): Promise<void> {
  const { code, said } =
    platform === 'darwin' ? await run('open', [file]) : await run('explorer.exe', [file]);
  // Windows' shell says 1 however it went.
  if (code === 0 || platform === 'win32') return;
  throw installFailed(file, said === '' ? `it ended with ${code}` : said, 'Open the file yourself.');
}

/** `staged`: its content was just found good. True: the new program is in its place. Rejects as `Updates.install` does. */
export async function installFile(
  staged: string,
  file: UpdateFile,
  options: InstallOptions,
  ask: boolean,
): Promise<boolean> {
  const plan = await planInstall(staged, options);
  switch (plan.way) {
    case 'asks-system':
      if (!ask) return false;
      await askSystem(staged, file.name, options, plan.command ?? '');
      return true;
    case 'replace':
      await replaceAppImage(staged, file, plan.path);
      return true;
    case 'open':
      await openIt(staged, options.platform);
      return false;
    case 'command':
    case 'by-hand':
      return false;
  }
}

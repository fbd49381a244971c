// Rules for folders and files that a person names.
import { shown } from './problem.ts';
import type { AnswerProblem } from '../model/stack/stack.ts';

type Found = Omit<AnswerProblem, 'field'>;

/** Folders of the system, with all below them. */
const system = [
  ...['/bin', '/boot', '/dev', '/etc', '/lib', '/lib32', '/lib64', '/libx32', '/lost+found', '/proc', '/run'],
  ...['/sbin', '/snap', '/sys', '/usr', '/var/run', '/var/lock', '/var/cache', '/var/log', '/var/spool'],
  ...['/var/lib/docker', '/var/lib/containers', '/var/lib/containerd', '/var/lib/dpkg', '/var/lib/apt'],
];
/** Folders in which others have theirs: one below them is fine. */
const shared = [...['/', '/home', '/root', '/var', '/var/lib', '/var/tmp', '/opt', '/mnt', '/media', '/tmp']];

/** Without doubled and last slashes. */
export function tidyPath(path: string): string {
  const tidy = path.replaceAll(/\/+/g, '/');
  return tidy.length > 1 && tidy.endsWith('/') ? tidy.slice(0, -1) : tidy;
}

/** Whether `path` is `folder` or lies in it; both tidy. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** Whether it leads below where it begins: relative, and never up. */
export function isSafeRelative(path: string): boolean {
  return (
    /^[A-Za-z0-9._/-]{1,200}$/.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

/** What is wrong with an absolute path of a file or a folder, whatever it is for. */
export function judgePath(path: string): Found | null {
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(path))
    return {
      key: 'stack.path-characters',
      message: `The path ${shown(path)} has a line break or an invisible character in it.`,
      next: 'Give a path without them; blanks are fine.',
    };
  if (!path.startsWith('/'))
    return {
      key: 'stack.path-relative',
      message: `The path ${shown(path)} does not begin at the root of the file system.`,
      next: path.startsWith('~')
        ? 'Write the home folder out: /home/<you>/….'
        : 'Give the whole path: /srv/lab.',
    };
  if (path.split('/').some((part) => part === '..' || part === '.'))
    return {
      key: 'stack.path-up',
      message: `The path ${shown(path)} goes up or stays with a dot, so it is not seen where it leads.`,
      next: 'Give the path that it comes to.',
    };
  return null;
}

/** What is wrong with the folder for all data. */
export function judgeData(given: string): Found | null {
  const wrong = judgePath(given);
  if (wrong !== null) return wrong;
  if (given.includes(':'))
    return {
      key: 'stack.path-colon',
      message: `The path ${shown(given)} has a colon, which container engines read as the end of a path.`,
      next: 'Choose a folder without one.',
    };
  const path = tidyPath(given);
  if (shared.includes(path) || system.some((folder) => isWithin(path, folder)))
    return {
      key: 'stack.data-system',
      message: `The folder ${shown(path)} belongs to the system, or to everybody on this machine.`,
      next: 'Choose a folder of its own on the disk with room: /srv/lab, or /home/<you>/lab.',
    };
  return null;
}

/** Whether the system empties it when it starts. */
export function isTemporary(path: string): boolean {
  return ['/tmp', '/var/tmp', '/dev/shm'].some((folder) => isWithin(path, folder));
}

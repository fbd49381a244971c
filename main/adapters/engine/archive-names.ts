// Names in an archive that somebody else has made: where a file may be written, and which archives are given up.
import { AutoGitError } from '../../errors.ts';

/** Far above any lab; more is hostile. */
export const mostEntries = 5_000_000;
const longestName = 4096;
const deepest = 256;

/** What Podman calls a volume of a container that does not run, in front of all that is in it. */
export const rootName = '/';

/** An archive that wants to write where it may not. Nothing outside of its folder was touched. */
export function hostileArchive(container: string, why: string): AutoGitError {
  return new AutoGitError({
    key: 'backup.hostile-archive',
    message: `What the container ${container} gave as its files cannot be trusted: ${why}. Nothing was written outside of the folder for it.`,
    next: 'Look at what runs in this container and who has made its image, then try again.',
    fields: { container },
  });
}

/**
 * The path of an entry below the folder that was asked for, without its own name, as parts; `[]` is the folder itself. Engines put the
 * folder's own name (`base`) before all, or `rootName`: then the path counts from there. Throws `backup.hostile-archive`.
 */
export function partsOf(name: string, base: string, container: string): readonly string[] {
  const shown = JSON.stringify(name.slice(0, 200));
  const hostile = (why: string): AutoGitError => hostileArchive(container, `${shown} ${why}`);
  if (name.length > longestName) throw hostile('is longer than any name');
  if (name.includes('\0')) throw hostile('has a character that no name can have');
  const isRooted = base === rootName;
  if (name.startsWith('/') && !isRooted) throw hostile('is an absolute path');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw hostile('leads out of its folder');
  if (parts.length > deepest) throw hostile('is deeper than any folder');
  if (isRooted) return parts;
  if (parts.length > 0 && parts[0] !== base) throw hostile(`does not lie in ${base}`);
  return parts.slice(1);
}

// Data that was there and is not: a start would make everything anew, and look like a loss.
import type { DataPlace } from '../../model/stack/surroundings.ts';
import type { Finding } from '../hardware/check.ts';
import { fixBy, hasRun, shellWord, withStack } from './check.ts';

/** What is written anew without a loss. */
const harmless = /\/(?:logs?|cache|tmp)$/;

function findingOf({ path, exists }: DataPlace): Finding {
  const isHarmless = harmless.test(path);
  return {
    key: 'stack.data-missing',
    severity: isHarmless ? 'warning' : 'error',
    subject: path,
    message: exists
      ? `The folder ${path} is empty, though the stack has been up: its data is gone, or its disk is not mounted. Services would begin anew in it.`
      : `The folder ${path} is gone, though the stack has been up: its data was moved or removed, or its disk is not mounted.`,
    next: isHarmless
      ? 'Nothing is lost that matters: let AutoGit make it again with autogit doctor --fix.'
      : `Mount the disk that it is on (\`findmnt --target ${shellWord(path)}\`), or restore it from a backup. To begin anew on purpose: autogit stack destroy.`,
    evidence: [`${path}: ${exists ? 'empty' : 'not there'}`],
    ...(isHarmless && !exists ? { fix: fixBy('make-folder', path, `makes the folder ${path}`) } : {}),
  };
}

/** One that the stack had. Without data, but with the mark, it is as AutoGit made it: its service has written nothing yet. */
function isLost({ exists, isEmpty, isMarked, isKnown }: DataPlace): boolean {
  return isKnown && (!exists || (isEmpty && isMarked === false));
}

export const checkDataFolders = withStack((stack, subject) => {
  const { dataFolder, folders } = subject.around;
  if (!hasRun(stack, subject)) return [];
  // Whatever is below it is gone with it.
  if (dataFolder !== null && (!dataFolder.exists || dataFolder.isEmpty)) return [findingOf(dataFolder)];
  return folders.filter(isLost).map(findingOf);
});

// `autogit directory test`: answers from a file, and a password that no other program sees.
import { parseInput } from '../../serve/read-input.ts';
import type { CliWorld } from '../access.ts';
import { checkInput } from '../check-input.ts';
import { labelIn } from '../commands.ts';
import { renderDirectoryTest } from '../render/directory.ts';
import type { View } from '../render/text.ts';
import type { Asked } from '../request.ts';
import { readAnswersFile } from './answers.ts';
import { directoryTestForm } from './forms.ts';
import { showCheck } from './run-check.ts';
import { readSecret } from './run-deed.ts';

/** Resolves with the exit code: 1 where Authelia would not get along with the directory. */
export async function runDirectoryTest(asked: Asked, world: CliWorld, view: View): Promise<number> {
  const { search, answers, password } = checkInput(directoryTestForm, asked.given, labelIn(asked.command));
  const { text } = answers === undefined ? {} : await readAnswersFile(answers, world);
  const input = parseInput(
    'directory.test',
    { search, text, ...(password ? { password: await readSecret('directory-password', world) } : {}) },
    (field) => (field === 'password' ? 'standard input' : labelIn(asked.command)(field)),
  );
  return showCheck<'directory.test'>(
    { asked, world, view },
    (door) => door.call('directory.test', input),
    renderDirectoryTest,
  );
}

// `autogit certificate check`: the way to certificates that a file of answers names.
import { parseInput } from '../../serve/read-input.ts';
import type { CliWorld } from '../access.ts';
import { checkInput } from '../check-input.ts';
import { labelIn } from '../commands.ts';
import { renderCertificateCheck } from '../render/certificate.ts';
import type { View } from '../render/text.ts';
import type { Asked } from '../request.ts';
import { readAnswersFile } from './answers.ts';
import { certificateCheckForm } from './forms.ts';
import { showCheck } from './run-check.ts';

/** Resolves with the exit code: 1 where something stands against it. */
export async function runCertificateCheck(asked: Asked, world: CliWorld, view: View): Promise<number> {
  const { answers, domain } = checkInput(certificateCheckForm, asked.given, labelIn(asked.command));
  const { text } = answers === undefined ? {} : await readAnswersFile(answers, world);
  const input = parseInput('certificate.check', { text, domain }, labelIn(asked.command));
  return showCheck<'certificate.check'>(
    { asked, world, view },
    (door) => door.call('certificate.check', input),
    renderCertificateCheck,
  );
}

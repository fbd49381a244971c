// `autogit sso check`: answers from a file, and a secret that no other program sees.
import { parseInput } from '../../serve/read-input.ts';
import type { CliWorld } from '../access.ts';
import { checkInput } from '../check-input.ts';
import { labelIn } from '../commands.ts';
import { renderSsoCheck } from '../render/sso.ts';
import type { View } from '../render/text.ts';
import type { Asked } from '../request.ts';
import { readAnswersFile } from './answers.ts';
import { ssoCheckForm } from './forms.ts';
import { showCheck } from './run-check.ts';
import { readSecret } from './run-deed.ts';

/** Resolves with the exit code: 1 where GitLab would not get along with the provider. */
export async function runSsoCheck(asked: Asked, world: CliWorld, view: View): Promise<number> {
  const { answers, redirect, secret } = checkInput(ssoCheckForm, asked.given, labelIn(asked.command));
  const { text } = answers === undefined ? {} : await readAnswersFile(answers, world);
  const input = parseInput(
    'sso.check',
    { redirect, text, ...(secret ? { secret: await readSecret('oidc-client-secret', world) } : {}) },
    (field) => (field === 'secret' ? 'standard input' : labelIn(asked.command)(field)),
  );
  return showCheck<'sso.check'>(
    { asked, world, view },
    (door) => door.call('sso.check', input),
    renderSsoCheck,
  );
}

// Trials of certificates, directories and providers: answers from a file, and a secret that no other program sees.
import { parseInput } from '../../serve/read-input.ts';
import type { CliWorld } from '../access.ts';
import { checkInput } from '../check-input.ts';
import { labelIn } from '../commands.ts';
import { renderCertificateCheck } from '../render/certificate.ts';
import { renderDirectoryTest } from '../render/directory.ts';
import { renderSsoCheck } from '../render/sso.ts';
import type { View } from '../render/text.ts';
import type { Asked } from '../request.ts';
import { readAnswersFile } from './answers.ts';
import { certificateCheckForm, directoryTestForm, ssoCheckForm } from './forms.ts';
import { showCheck } from './run-check.ts';
import { readSecret } from './run-deed.ts';

async function textOf(answers: string | undefined, world: CliWorld): Promise<string | undefined> {
  return answers === undefined ? undefined : (await readAnswersFile(answers, world)).text;
}

/** Names the inputs of a trial as a person has given them; a secret was typed, or came through a pipe. */
function labelled(asked: Asked, secret: string): (field: string) => string {
  return (field) => (field === secret ? 'standard input' : labelIn(asked.command)(field));
}

/** `autogit certificate check`. Resolves with the exit code: 1 where something stands against it. */
export async function runCertificateCheck(asked: Asked, world: CliWorld, view: View): Promise<number> {
  const label = labelIn(asked.command);
  const { answers, domain } = checkInput(certificateCheckForm, asked.given, label);
  const input = parseInput('certificate.check', { text: await textOf(answers, world), domain }, label);
  return showCheck<'certificate.check'>(
    { asked, world, view },
    (door) => door.call('certificate.check', input),
    renderCertificateCheck,
  );
}

/** `autogit directory test`. Resolves with the exit code: 1 where Authelia would not get along with the directory. */
export async function runDirectoryTest(asked: Asked, world: CliWorld, view: View): Promise<number> {
  const { search, answers, password } = checkInput(directoryTestForm, asked.given, labelIn(asked.command));
  const text = await textOf(answers, world);
  const typed = password ? { password: await readSecret('directory-password', world) } : {};
  const input = parseInput('directory.test', { search, text, ...typed }, labelled(asked, 'password'));
  return showCheck<'directory.test'>(
    { asked, world, view },
    (door) => door.call('directory.test', input),
    renderDirectoryTest,
  );
}

/** `autogit sso check`. Resolves with the exit code: 1 where GitLab would not get along with the provider. */
export async function runSsoCheck(asked: Asked, world: CliWorld, view: View): Promise<number> {
  const { answers, redirect, secret } = checkInput(ssoCheckForm, asked.given, labelIn(asked.command));
  const text = await textOf(answers, world);
  const typed = secret ? { secret: await readSecret('oidc-client-secret', world) } : {};
  const input = parseInput('sso.check', { redirect, text, ...typed }, labelled(asked, 'secret'));
  return showCheck<'sso.check'>(
    { asked, world, view },
    (door) => door.call('sso.check', input),
    renderSsoCheck,
  );
}

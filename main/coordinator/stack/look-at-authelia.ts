// What around Authelia decides whether it starts: its file of people, and the places that it asks.
import type { LookAtPlace, PeopleFile } from '../../access-ports.ts';
import { toAutoGitError } from '../../errors.ts';
import { placeOfDirectory } from '../../model/stack/directory.ts';
import type { RenderedStack } from '../../model/stack/stack.ts';
import type { PeopleFileState, StackSurroundings } from '../../model/stack/surroundings.ts';
import { peopleFileOf, peopleSource } from './people-desk.ts';

export interface AutheliaLook {
  readonly peopleFile: Pick<PeopleFile, 'read'>;
  readonly lookAtPlace: LookAtPlace;
}

/** Of a stack whose Authelia has run before; `null`: it has not, or nobody may look. Never rejects. */
async function lookAtPeople(
  { answers }: RenderedStack,
  { peopleFile }: AutheliaLook,
): Promise<PeopleFileState | null> {
  if (peopleSource(answers) !== 'file') return null;
  try {
    const found = await peopleFile.read(peopleFileOf(answers));
    if (found === null) return { state: 'missing', why: null };
    if (found.people.length === 0) return { state: 'empty', why: null };
    const isSomebody = found.people.some(({ disabled }) => !disabled);
    return { state: isSomebody ? 'fine' : 'nobody', why: null };
  } catch (error) {
    const { key, message } = toAutoGitError(error);
    return key === 'user.file-invalid' ? { state: 'broken', why: message } : null;
  }
}

/** Never rejects. `hasRun`: before its first start nobody is missed. */
export async function lookAtAuthelia(
  stack: RenderedStack,
  look: AutheliaLook,
  hasRun: boolean,
): Promise<Pick<StackSurroundings, 'people' | 'unreached'>> {
  const { sso, directory, templates } = stack.answers;
  if (sso !== 'authelia') return {};
  const mail = templates['mail'];
  const host = mail?.['host'];
  const [people, directoryWhy, mailWhy] = await Promise.all([
    hasRun ? lookAtPeople(stack, look) : null,
    directory.kind === 'ldap' ? look.lookAtPlace(placeOfDirectory(directory)) : null,
    typeof host === 'string' ? look.lookAtPlace({ host, port: Number(mail?.['port'] ?? 587) }) : null,
  ]);
  return { people, unreached: { directory: directoryWhy, mail: mailWhy } };
}

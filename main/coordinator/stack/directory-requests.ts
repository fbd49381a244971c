// Requests about a directory of people: whether Authelia would get along with it, and who is in it.
import { certificatesIn } from '../../apply/stack/directory-root.ts';
import { stackSecret } from '../../apply/stack/context.ts';
import type { Output, ParsedInput } from '../../contract/contract.ts';
import type { DirectoryPerson, DirectoryQuestion, DirectoryStep } from '../../access-ports.ts';
import { AutoGitError } from '../../errors.ts';
import type { Directory, StackAnswers } from '../../model/stack/answers.ts';
import { placeOfDirectory } from '../../model/stack/directory.ts';
import type { LdapDirectory } from '../../model/stack/directory.ts';
import type { AnswerProblem } from '../../model/stack/stack.ts';
import type { Secrets } from '../../ports.ts';
import { isLoopback, judgeDirectory, loopbackProblem } from '../../templates/check-directory.ts';
import { parseAnswers } from '../../templates/read-answers.ts';
import type { StackDesk } from './stack-desk.ts';

/** What of the stack's desk is asked. */
type Desk = Pick<StackDesk, 'readText' | 'readDirectoryRoot' | 'directories'> & {
  readonly journal: Pick<StackDesk['journal'], 'current'>;
};

export interface DirectoryContext {
  readonly stack: Desk;
  readonly secrets: Pick<Secrets, 'get'>;
}

/** Name of the stack's secret with the password of who searches. */
const passwordSecret = 'directory-password';

/** Everything after which a test cannot go on would be said of the directory, and is not its doing. */
const untried = ['connect', 'tls', 'bind', 'search', 'mail', 'groups', 'anonymous'] as const;

function noDirectory(): AutoGitError {
  return new AutoGitError({
    key: 'directory.none',
    message: 'The answers of this stack name no directory: its people are kept elsewhere.',
    next: 'Give answers that name one: autogit directory test --answers lab.yaml. docs/sso.md has what they say.',
  });
}

function directoryOf(given: Directory | undefined, { journal }: Desk): LdapDirectory {
  const directory = given ?? journal.current()?.directory;
  if (directory?.kind !== 'ldap') throw noDirectory();
  return directory;
}

/** What decides about who gets the password, and whether somebody else can read it on the way. */
const way = ['address', 'startTls', 'plain', 'serverName', 'ca', 'user'] as const;

/** The password for the stack's directory; '': this is another one, whoever has typed it, and not to get it. */
function keptPassword(directory: LdapDirectory, { stack, secrets }: DirectoryContext): string {
  const answers = stack.journal.current();
  const own = answers?.directory;
  if (answers === null || own?.kind !== 'ldap') return '';
  if (way.some((part) => own[part] !== directory[part])) return '';
  return secrets.get(stackSecret(answers.lab, passwordSecret)) ?? '';
}

/** PEM of the directory's root, or what is wrong with the file. */
async function rootOf(
  { ca }: LdapDirectory,
  { readDirectoryRoot, readText }: Desk,
): Promise<{ readonly root: string | null } | { readonly problem: Omit<AnswerProblem, 'field'> }> {
  if (ca === null) return { root: null };
  const { problem } = await readDirectoryRoot(ca);
  if (problem !== undefined) return { problem };
  return { root: certificatesIn(await readText(ca)).join('\n') };
}

function answersStep(
  state: 'good' | 'warning' | 'bad',
  { message, next }: { readonly message: string; readonly next: string | null },
): DirectoryStep {
  return { key: 'directory.answers', label: 'Answers', state, message, next };
}

const unreadable = {
  key: 'stack.answers-unreadable',
  message: 'The answers cannot be read.',
  next: 'Correct them.',
};

function refused(problem: Omit<AnswerProblem, 'field'>): Output<'directory.test'> {
  const skipped = untried.map((name): DirectoryStep => ({
    ...{ key: `directory.${name}`, label: name, state: 'skipped', next: null },
    message: 'Not tried: the answers have to be right first.',
  }));
  return { good: false, steps: [answersStep('bad', problem), ...skipped], people: [] };
}

/** `directory.test`. Asked from this machine; Authelia asks from its container. Rejects with `directory.none`. */
export async function testDirectory(
  { directory: given, text, password, search }: ParsedInput<'directory.test'>,
  context: DirectoryContext,
): Promise<Output<'directory.test'>> {
  const { stack } = context;
  const read = text === undefined ? null : parseAnswers(text);
  if (read?.ok === false) return refused(read.problems[0] ?? unreadable);
  const directory = directoryOf(read?.answers.directory ?? given, stack);
  const [problem] = judgeDirectory(directory);
  if (problem !== undefined) return refused(problem);
  const found = await rootOf(directory, stack);
  if ('problem' in found) return refused(found.problem);
  const { host } = placeOfDirectory(directory);
  const first = isLoopback(host)
    ? answersStep('warning', loopbackProblem(host))
    : answersStep('good', { message: 'Authelia accepts the answers.', next: null });
  const question = { directory, root: found.root, password: password ?? keptPassword(directory, context) };
  const { steps, people } = await stack.directories.test(question, search ?? null);
  return {
    good: steps.every(({ state }) => state === 'good' || state === 'warning'),
    steps: [first, ...steps],
    people: people.map((person) => ({ ...person, groups: [...person.groups] })),
  };
}

/**
 * Everybody in the stack's directory, as Authelia sees them. Rejects with `directory.none`, `directory.unreachable`,
 * `directory.refused`, and with what is wrong with the answers.
 */
export async function listDirectoryPeople(
  { directory: named }: Pick<StackAnswers, 'directory'>,
  context: DirectoryContext,
): Promise<{ readonly people: readonly DirectoryPerson[]; readonly isCut: boolean }> {
  const { stack } = context;
  const directory = directoryOf(named, stack);
  const found = await rootOf(directory, stack);
  if ('problem' in found) throw new AutoGitError(found.problem);
  const password = keptPassword(directory, context);
  const question: DirectoryQuestion = { directory, root: found.root, password };
  return stack.directories.people(question);
}

// What `up` would change: files, services, pulls, folders and secrets, and what stands against it.
import { z } from 'zod';
import { canonical } from '../../model/hash.ts';
import type { Issue } from '../../model/issue.ts';
import { hashOf } from '../../model/stack/content-hash.ts';
import type {
  FileChange,
  RenderedStack,
  ServiceChange,
  StackPlan,
  StackPresent,
  StackWish,
} from '../../model/stack/stack.ts';
import { changedAnswers } from './answer-changes.ts';
import { planFiles, undecided } from './plan-files.ts';
import { planServices } from './plan-services.ts';

export interface StackPlanInput {
  readonly stack: RenderedStack;
  readonly present: StackPresent;
  /** Absolute; where the files lie. */
  readonly folder: string;
  /** What checks have to say: errors stand against it. */
  readonly issues: readonly Issue[];
  readonly wish: StackWish;
}

/** What a change of answers does that is no single file's or service's business. */
function ownIssues({ stack, present, wish }: StackPlanInput, files: readonly FileChange[]): readonly Issue[] {
  return [
    ...silentIssues(present),
    ...undecided(files, wish.files).map(fileIssue),
    ...stack.grants.filter(({ given }) => !given).map(grantIssue),
    ...movedIssues(stack, present),
    ...missingSecrets(stack, present).map(({ name, label }): Issue => ({
      ...{ key: 'stack.secret-asked', severity: 'error', subject: name },
      message: `The stack needs something that only you have: ${label}.`,
      next: `Give it from standard input: autogit stack set-secret ${name} --lab ${stack.lab}`,
    })),
  ];
}

function silentIssues({ containers, images, former }: StackPresent): readonly Issue[] {
  if (containers !== null && images !== null && former?.containers !== null) return [];
  return [
    {
      ...{ key: 'stack.engine-silent', severity: 'error', subject: 'engine' },
      message: 'The container engine does not answer, so nobody knows what of the stack is there.',
      next: 'See why: autogit engine list. Nothing is changed before it answers.',
    },
  ];
}

function fileIssue({ path }: FileChange): Issue {
  return {
    ...{ key: 'stack.file-changed', severity: 'error', subject: path },
    message: `${path} was changed since AutoGit wrote it, or is not AutoGit's at all.`,
    next: `Decide about it: autogit stack up --replace ${path} puts AutoGit's in its place, --keep ${path} leaves it as it is.`,
  };
}

function grantIssue({ grant, why }: RenderedStack['grants'][number]): Issue {
  return {
    ...{ key: 'stack.grant-needed', severity: 'error', subject: grant },
    message: `A template wants more than templates may have: ${grant}. ${why}`,
    next: `If you trust it with that, add the line "${grant}" to grants in the answers; otherwise leave the template out.`,
  };
}

function movedIssues({ lab, data }: RenderedStack, { answers }: StackPresent): readonly Issue[] {
  if (answers === null) return [];
  const renamed: Issue = {
    ...{ key: 'stack.renamed', severity: 'warning', subject: lab },
    message: `The lab "${answers.lab}" becomes "${lab}": its containers are removed and made anew under the new name. Data in ${answers.data} stays.`,
    next: 'Addresses change with the name unless the domain is set: clones and bookmarks need the new one.',
  };
  const moved: Issue = {
    ...{ key: 'stack.data-moved', severity: 'warning', subject: data },
    message: `Data lay in ${answers.data} and would be looked for in ${data}. AutoGit does not move it: services that find nothing there begin empty.`,
    next: `Take the stack down (autogit stack down), move ${answers.data} to ${data} as root, then up again. Or go back to the former folder.`,
  };
  return [...(answers.lab === lab ? [] : [renamed]), ...(answers.data === data ? [] : [moved])];
}

function missingSecrets(
  { secrets }: RenderedStack,
  present: Pick<StackPresent, 'secrets'>,
): readonly { readonly name: string; readonly label: string }[] {
  return newSecrets({ secrets }, present, 'asked');
}

function newSecrets(
  { secrets }: Pick<RenderedStack, 'secrets'>,
  present: Pick<StackPresent, 'secrets'>,
  whose: 'made' | 'asked',
): readonly { readonly name: string; readonly label: string }[] {
  return secrets
    .filter(({ name, kind }) => (kind === 'asked') === (whose === 'asked') && !present.secrets.includes(name))
    .map(({ name, label }) => ({ name, label }));
}

/** One issue for each key and subject. */
function joined(issues: readonly Issue[]): readonly Issue[] {
  return issues.filter(
    ({ key, subject }, at) => issues.findIndex((one) => one.key === key && one.subject === subject) === at,
  );
}

/** Folders that are not there yet; where nobody has looked, those that the former answers did not have either. */
function newFolders({ stack, present }: StackPlanInput): StackPlan['newFolders'] {
  const { folders, answers } = present;
  if (folders !== undefined) return stack.folders.filter(({ path }) => !folders.includes(path));
  return answers?.data === stack.data ? [] : stack.folders;
}

type Changes = Pick<
  StackPlan,
  'files' | 'services' | 'pulls' | 'newFolders' | 'newSecrets' | 'askedSecrets' | 'issues'
> & { readonly answers: readonly unknown[] };

function isEmpty(changes: Changes, { containers, images }: StackPresent): boolean {
  const moves = [
    ...changes.files.filter(({ change }) => change !== 'same'),
    ...changes.services.filter(({ change }) => change !== 'none'),
    ...[...changes.pulls, ...changes.newFolders, ...changes.newSecrets, ...changes.askedSecrets],
    ...changes.answers,
    ...changes.issues.filter(({ severity }) => severity === 'error'),
  ];
  return containers !== null && images !== null && moves.length === 0;
}

/**
 * What `up` would do. Never throws. Where the engine does not answer, no service changes, and an error says so.
 * The hash is of all that would be done and of the answers, not of what checks say: memory is free now and not then.
 */
export function planStack(input: StackPlanInput): StackPlan {
  const { stack, present, folder, wish } = input;
  const files = planFiles(stack, present, wish.files);
  const services: readonly ServiceChange[] = planServices(stack, present, files);
  const { images } = present;
  const changes = {
    files,
    services,
    pulls:
      images === null
        ? []
        : stack.images
            .filter(({ reference }) => !images.includes(reference))
            .map(({ reference, bytes }) => ({ reference, bytes })),
    newFolders: newFolders(input),
    newSecrets: newSecrets(stack, present, 'made'),
    askedSecrets: missingSecrets(stack, present),
    answers: changedAnswers(present.answers, stack.answers),
    issues: joined([...ownIssues(input, files), ...input.issues]),
  };
  const { project, gitlabUrl, preset, ports, names, networks, grants } = stack;
  const shown = { project, folder, gitlabUrl, preset, ports, names, networks, grants, ...changes };
  const agreed = { ...shown, issues: [], wanted: stack.answers, wish };
  return {
    ...shown,
    isNothing: isEmpty(changes, present),
    hash: hashOf(canonicalOf(agreed)),
  };
}

/** Canonical text of plain data that may have fields without a value. */
function canonicalOf(value: object): string {
  return canonical(z.json().parse(JSON.parse(JSON.stringify(value))));
}

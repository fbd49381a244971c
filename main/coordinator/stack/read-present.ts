// What is there of a stack: files, containers, images, secrets and data, as far as anybody can be asked.
import { projectOf } from '../../apply/stack/context.ts';
import { keptSecret } from '../../apply/stack/inherited-secrets.ts';
import { readersOfOthers } from '../../apply/stack/secrets.ts';
import { hashOf } from '../../model/stack/content-hash.ts';
import type { RenderedStack, StackContainer, StackPresent } from '../../model/stack/stack.ts';
import type { RunTools } from './carry-out.ts';

/** Changes nothing. `stack`: what to look for of images, secrets and data; `null`: not looked for. */
export async function readPresent(
  lab: string,
  stack: RenderedStack | null,
  tools: RunTools,
): Promise<StackPresent> {
  const { journal, folder } = tools;
  const answers = journal.current();
  const standing = journal.standing();
  const hasFormer = answers !== null && answers.lab !== lab;
  const [found, containers, formerContainers, images, folders] = await Promise.all([
    folder.read(lab),
    containersOf(lab, tools),
    hasFormer ? containersOf(answers.lab, tools) : null,
    imagesOf(stack, tools),
    foldersOf(stack, tools),
  ]);
  const files = found?.map((file) => ({ ...file, hash: hashOf(file.content) })) ?? null;
  // What a kill has cut off is AutoGit's own, whatever lies there.
  const cut = new Set(journal.unfinished(lab));
  const torn = (files ?? [])
    .filter(({ path }) => cut.has(path))
    .map(({ path, hash }) => [path, hash] as const);
  const whole = Object.entries(journal.written(lab)).filter(
    ([path]) => !cut.has(path) && !path.startsWith('secrets/'),
  );
  return {
    ...{ answers, files, images, containers, started: journal.started(lab) },
    written: Object.fromEntries([...whole, ...torn]),
    secrets: secretsOf(stack, tools),
    ...(stack === null ? {} : { restarts: restartsOf(stack, tools) }),
    ...(folders === null ? {} : { folders }),
    // Of a lab that was taken down, too: its data is there.
    ...(stack !== null && standing?.answers.data === stack.data && standing.images !== undefined
      ? { dataImages: standing.images }
      : {}),
    ...(hasFormer ? { former: { project: `autogit-${answers.lab}`, containers: formerContainers } } : {}),
  };
}

async function containersOf(lab: string, tools: RunTools): Promise<readonly StackContainer[] | null> {
  try {
    return await tools.compose.containers(projectOf(lab, tools));
  } catch (error) {
    tools.log.info('nobody knows the containers of the stack', { lab, error });
    return null;
  }
}

async function imagesOf(
  stack: RenderedStack | null,
  { images, log }: RunTools,
): Promise<readonly string[] | null> {
  const references = stack?.images.map(({ reference }) => reference) ?? [];
  try {
    const there = await Promise.all(references.map((reference) => images.has(reference)));
    return references.filter((_, at) => there[at] === true);
  } catch (error) {
    log.info('nobody knows the images of the stack', { error });
    return null;
  }
}

function secretsOf(stack: RenderedStack | null, { secrets, journal }: RunTools): readonly string[] {
  if (stack === null) return [];
  return stack.secrets
    .map(({ name }) => name)
    .filter((name) => keptSecret(name, { stack, journal, secrets }) !== null);
}

/** What runs before have left undone, and what a person has changed since. */
function restartsOf(stack: RenderedStack, { secrets, journal }: RunTools): Readonly<Record<string, string>> {
  const last = journal.last();
  const left = last?.answers.lab === stack.lab ? (last.restarts ?? []) : [];
  const told = (names: readonly string[], why: string): (readonly [string, string])[] =>
    names.map((name) => [name, why]);
  return Object.fromEntries([
    ...told(left, 'a file that it reads was written anew, and it was not restarted since'),
    ...told(readersOfOthers({ stack, journal, secrets }), 'a secret that it reads has another value now'),
  ]);
}

/** `null`: not looked at. What cannot be looked at is there in no way that helps. */
async function foldersOf(
  stack: RenderedStack | null,
  { folder }: RunTools,
): Promise<readonly string[] | null> {
  if (stack === null) return null;
  const paths = stack.folders.map(({ path }) => path);
  const there = await Promise.all(
    paths.map((path) =>
      folder.look(path).then(
        ({ exists }) => exists,
        () => false,
      ),
    ),
  );
  return paths.filter((_, at) => there[at] === true);
}

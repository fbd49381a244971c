// Takes a stack down: its containers and networks; and, where a person gives it up, its files and, asked twice, its data.
import { projectOf, stackSecret } from './context.ts';
import type { StackTools, StepContext } from './context.ts';
import { labsOf } from './inherited-secrets.ts';
import { secretName } from '../context.ts';
import type { StackRun } from '../../model/stack/stack.ts';

export interface TakeDownContext extends StackTools {
  readonly run: StackRun;
  readonly signal: AbortSignal;
  tell(news: { readonly message?: string }): void;
}

/** Containers and networks go, everything else stays. Nothing there is success. Rejects with the errors of Compose. */
export async function takeDown(context: TakeDownContext): Promise<void> {
  const { run, journal, compose, signal } = context;
  const { lab } = run.answers;
  const isDestroy = run.verb === 'destroy';
  // Runners stand on the stack's network, and ask a GitLab that is about to go.
  if (isDestroy) await context.home.leaveGitlab();
  await takeFormersDown(lab, context);
  context.tell({ message: `Taking the lab "${lab}" down; its data stays` });
  await compose.down(projectOf(lab, context), { volumes: isDestroy && run.wish.deleteData }, signal);
  journal.setStarted(lab, {});
  const standing = journal.standing();
  if (standing !== null) journal.setStanding({ ...standing, isUp: false });
}

/**
 * Labs of other names give their place to this one: they have the ports that it needs, and perhaps its data. Their own
 * data stays.
 */
export async function takeFormersDown(
  lab: string,
  context: Pick<StepContext, 'journal' | 'compose' | 'folder' | 'engine' | 'signal' | 'tell'>,
): Promise<void> {
  const { journal, compose, signal } = context;
  const remembered = journal.former();
  const standing = journal.standing();
  const labs = new Set(remembered.map((former) => former.lab));
  if (standing?.isUp === true) labs.add(standing.answers.lab);
  labs.delete(lab);
  for (const former of labs) {
    context.tell({ message: `Taking down the lab "${former}", whose place this one takes` });
    await compose.down(projectOf(former, context), { volumes: false }, signal);
    journal.setStarted(former, {});
  }
  if (remembered.length > 0) journal.setFormer([]);
}

/**
 * What `destroy` removes besides: files, and with `deleteData` data and secrets, also those of labs of other names that had
 * this data. Without it the secrets stay, because the data cannot be read without them.
 */
export async function removeRest(context: TakeDownContext): Promise<void> {
  const { run, journal, folder, secrets, home } = context;
  const { lab, data } = run.answers;
  const labs = new Set([lab, ...labsOf(data, context)]);
  if (run.wish.deleteData) {
    context.tell({ message: `Deleting the data in ${data}` });
    await folder.removeData(data);
    const prefixes = [...labs].map((one) => stackSecret(one, ''));
    const names = secrets.names().filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
    for (const name of [...names, secretName.gitlabToken]) await secrets.remove(name);
    home.forgetGitlab();
  }
  context.tell({ message: 'Removing the files of the stack' });
  for (const one of labs) {
    await folder.removeStack(one);
    for (const path of [...Object.keys(journal.written(one)), ...journal.unfinished(one)])
      journal.wrote(one, path, null);
  }
  if (run.wish.deleteData) journal.setLabs(journal.labs().filter((one) => !labs.has(one.lab)));
  journal.setFormer([]);
  journal.setStanding(null);
  journal.setCurrent(null);
}

// Compose brings the services up; what is as it was goes on running.
import type { StackContainer } from '../../model/stack/stack.ts';
import { heedStop } from './context.ts';
import type { ApplyStep, StepContext } from './context.ts';
import type { ComposeEvent } from '../../stack-ports.ts';
import { explainStart } from './port-taken.ts';
import { takeFormersDown } from './take-down.ts';

/** Rejects with `stack.port-taken` and the errors of Compose. */
export const startServices: ApplyStep = async (context) => {
  const { stack, journal, compose, project, signal } = context;
  await takeFormersDown(stack.lab, context);
  heedStop(signal);
  noteMigration(context);
  context.tell({ message: 'Starting the services' });
  const before = (context.run.restarts ?? []).length === 0 ? [] : await compose.containers(project);
  try {
    const tell = ({ id, text }: ComposeEvent): void => context.tell({ message: `${id}: ${text}` });
    await compose.up(project, tell, signal, changedServices(context));
  } catch (error) {
    throw await explainStart(error, context);
  }
  await restartReaders(before, context);
  const hashes = stack.services.map(({ name, hash }) => [name, hash] as const);
  journal.setStarted(stack.lab, Object.fromEntries(hashes));
};

/** By what they were started with last; `null`: Compose knows best, or there is nothing to keep. */
function changedServices({ stack, journal, showsChanges }: StepContext): readonly string[] | null {
  const started = journal.started(stack.lab);
  if (showsChanges() || Object.keys(started).length === 0) return null;
  return stack.services.filter(({ name, hash }) => started[name] !== hash).map(({ name }) => name);
}

/** Written down before the services start: from then on their data may be a newer version's. */
function noteMigration({ stack, journal }: StepContext): void {
  const standing = journal.standing();
  if (standing === null || standing.answers.data !== stack.data) return;
  const { services, images = {} } = standing;
  const migrates = stack.services.filter(
    ({ name, image, keepsForward }) =>
      keepsForward === true && Object.hasOwn(services, name) && images[name] !== image,
  );
  if (migrates.length === 0) return;
  const reached = Object.fromEntries(migrates.map(({ name, image }) => [name, image]));
  journal.setStanding({ ...standing, isOutgrown: true, images: { ...images, ...reached } });
}

type RestartContext = Pick<StepContext, 'compose' | 'project' | 'journal' | 'signal' | 'tell'> & {
  readonly run: Pick<StepContext['run'], 'id' | 'restarts'>;
};

/** Compose sees no change where only the content of a file was mended, or a service is ill; who was started anew needs none. */
export async function restartReaders(
  before: readonly StackContainer[],
  context: RestartContext,
): Promise<void> {
  const { run, compose, project, journal, signal } = context;
  const { restarts = [] } = run;
  if (restarts.length === 0) return;
  const after = await compose.containers(project);
  const isSame = (service: string): boolean =>
    before.some(
      (old) =>
        old.service === service &&
        after.some(({ id, startedAt }) => id === old.id && startedAt === old.startedAt),
    );
  const stale = restarts.filter(isSame);
  if (stale.length > 0) {
    context.tell({ message: `Restarting ${stale.join(', ')}` });
    await compose.restart(project, stale, signal);
  }
  journal.setRestarts(run.id, []);
}

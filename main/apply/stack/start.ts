// Compose brings the services up; what is as it was goes on running.
import type { StackContainer } from '../../model/stack/stack.ts';
import { heedStop } from './context.ts';
import type { ApplyStep, StepContext } from './context.ts';
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
    await compose.up(project, ({ id, text }) => context.tell({ message: `${id}: ${text}` }), signal);
  } catch (error) {
    throw await explainStart(error, context);
  }
  await restartReaders(before, context);
  const hashes = stack.services.map(({ name, hash }) => [name, hash] as const);
  journal.setStarted(stack.lab, Object.fromEntries(hashes));
};

/** Written down before the services start: from then on their data may be a newer version's. */
function noteMigration({ stack, journal }: StepContext): void {
  const standing = journal.standing();
  if (standing === null || standing.isOutgrown === true || standing.answers.data !== stack.data) return;
  const { services, images = {} } = standing;
  const migrates = stack.services.some(
    ({ name, image, keepsForward }) =>
      keepsForward === true && Object.hasOwn(services, name) && images[name] !== image,
  );
  if (migrates) journal.setStanding({ ...standing, isOutgrown: true });
}

/** Compose sees no change where only the content of a file was mended; who was started anew has read it. */
async function restartReaders(before: readonly StackContainer[], context: StepContext): Promise<void> {
  const { run, compose, project, journal } = context;
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
    context.tell({ message: `Restarting ${stale.join(', ')}, whose files were written anew` });
    await compose.restart(project, stale);
  }
  journal.setRestarts(run.id, []);
}

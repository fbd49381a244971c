// A secret comes into a file of its own; who has read another one is started anew.
import type { StepContext } from './context.ts';

/**
 * `reading`: all of what its readers read with it. A container keeps the file it was started with, so that another value
 * needs a restart, which is written down before the file is.
 */
export async function putSecret(
  name: string,
  value: string,
  reading: string,
  { run, stack, journal, folder, secrets }: StepContext,
): Promise<void> {
  const path = `secrets/${name}`;
  // Keyed with the home's own key: it tells nothing of a weak password.
  const mark = secrets.sign(`stack secret ${reading}`);
  const before = journal.written(stack.lab)[path];
  const readers = stack.services
    .filter((service) => service.secrets.includes(name))
    .map((service) => service.name);
  if (before !== undefined && before !== mark && readers.length > 0)
    journal.setRestarts(run.id, [...new Set([...(journal.open()?.restarts ?? []), ...readers])]);
  await folder.write(stack.lab, path, value, 0o600);
  if (before !== mark) journal.wrote(stack.lab, path, mark);
}

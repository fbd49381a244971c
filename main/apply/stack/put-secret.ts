// A secret comes into a file of its own, and goes when nothing needs it; who has read another one is started anew.
import type { Secrets } from '../../ports.ts';
import type { StepContext } from './context.ts';
import { formerKey } from './serve-pair.ts';

/** What the journal has for a secret's file. Keyed with the home's own key: it tells nothing of a weak password. */
export function markOf(reading: string, secrets: Pick<Secrets, 'sign'>): string {
  return secrets.sign(`stack secret ${reading}`);
}

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
  const mark = markOf(reading, secrets);
  const before = journal.written(stack.lab)[path];
  const readers = stack.services
    .filter((service) => service.secrets.includes(name))
    .map((service) => service.name);
  if (before !== undefined && before !== mark && readers.length > 0)
    journal.setRestarts(run.id, [...new Set([...(journal.open()?.restarts ?? []), ...readers])]);
  await folder.write(stack.lab, path, value, 0o600);
  if (before !== mark) journal.wrote(stack.lab, path, mark);
}

/**
 * Files of secrets that the stack does not need any more. Only once it has come up: until then the one that stood may have
 * to read them again. The certificate's key has a tidying of its own. What is among the home's secrets stays, for whoever switches the option on again.
 */
export async function dropSecretFiles({ stack, journal, folder }: StepContext): Promise<void> {
  const needed = new Set(stack.secrets.map(({ name }) => `secrets/${name}`));
  const left = Object.keys(journal.written(stack.lab)).filter(
    (path) => path.startsWith('secrets/') && path !== formerKey && !needed.has(path),
  );
  if (left.length === 0) return;
  // A person may have kept a file of their own that names it.
  const files = (await folder.read(stack.lab)) ?? [];
  const compose = files.find(({ path }) => path === 'compose.yaml')?.content ?? '';
  for (const path of left.filter((one) => !compose.includes(one))) {
    await folder.remove(stack.lab, path);
    journal.wrote(stack.lab, path, null);
  }
}

// What is remembered of looking for updates, when to look again, and why there is nothing to bring here.
import { z } from 'zod';
import { AutoGitError } from '../errors.ts';
import type { UpdateRelease } from '../model/updates.ts';
import type { UpdateVerdict } from '../plan/update-judgement.ts';
import type { Store } from '../ports.ts';

const minute = 60_000;
const hour = 60 * minute;
/** After a start everything else starts, too. Milliseconds, and as much again by chance. */
const firstMs = 5 * minute;
/** Between two looks; chance adds up to an hour, so that not everybody asks at once. */
const dailyMs = 24 * hour;
/** After a failure, doubled with each further one up to a day. */
const againMs = hour;

const memoryName = 'updates';
const instant = z.number().nullable();
const memorySchema = z.object({
  seen: z.object({ channel: z.string(), sequence: z.int(), digest: z.string() }).nullable(),
  checkedAt: instant,
  failedAt: instant,
  failures: z.int(),
  problem: z.object({ key: z.string(), message: z.string(), next: z.string() }).nullable(),
});
export type UpdateMemory = Readonly<z.infer<typeof memorySchema>>;
const emptyMemory: UpdateMemory = { seen: null, checkedAt: null, failedAt: null, failures: 0, problem: null };

/** What cannot be read is begun anew. */
export function readMemory(store: Pick<Store, 'textOf'>): UpdateMemory {
  const text = store.textOf(memoryName);
  if (text === null) return emptyMemory;
  try {
    return memorySchema.safeParse(JSON.parse(text)).data ?? emptyMemory;
  } catch {
    return emptyMemory;
  }
}

export function writeMemory(store: Pick<Store, 'setText'>, memory: UpdateMemory): void {
  store.setText(memoryName, JSON.stringify(memory));
}

/** When to look by itself the next time. `chance`: from 0 to 1, so that not everybody asks at once. */
export function nextLookAt(memory: UpdateMemory, startedAt: number, chance: number): number {
  const { checkedAt, failedAt, failures } = memory;
  const first = startedAt + firstMs * (1 + chance);
  if (failedAt !== null) {
    const pause = Math.min(dailyMs, againMs * 2 ** Math.min(failures - 1, 10));
    return Math.max(first, failedAt + pause * (1 + chance / 4));
  }
  return checkedAt === null ? first : Math.max(first, checkedAt + dailyMs + chance * hour);
}

export function off(): AutoGitError {
  return new AutoGitError({
    key: 'update.off',
    message: 'No place is set from which updates of AutoGit come.',
    next: 'If there is one for you, set it: autogit settings set updates.address https://…',
  });
}

export function none(version: string, verdict: UpdateVerdict | null): AutoGitError {
  const why =
    verdict === null ? 'It is not known whether there is a newer one' : 'There is no newer one to install';
  return new AutoGitError({
    key: 'update.none',
    message: `${why} than AutoGit ${version}.`,
    next: 'Ask now: autogit update check',
  });
}

export function noFile(kind: string, arch: string, { version }: UpdateRelease): AutoGitError {
  if (kind === 'source')
    return new AutoGitError({
      key: 'update.source',
      message: `This AutoGit runs from its source, so AutoGit ${version} is only told.`,
      next: 'Update the source: git pull, then start it again. Runners go on meanwhile.',
    });
  return new AutoGitError({
    key: 'update.no-file',
    message: `AutoGit ${version} has no package of the kind ${kind} for ${arch}.`,
    next: 'Update it the way it was installed.',
  });
}

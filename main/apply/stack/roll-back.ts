// A stack that cannot come up gives its place back to the one that stood: its files, and its containers with them.
import type { StackStanding } from '../../stack-ports.ts';
import { hashOf, projectOf } from './context.ts';
import type { StackTools } from './context.ts';
import { settleWrites } from './settle-writes.ts';

export interface RollBackContext extends StackTools {
  /** Of the run that turns back. */
  readonly lab: string;
  /** Whether it has touched containers. */
  readonly hasStarted: boolean;
  /** Modes of files as far as they are known, by path. */
  readonly modes: Readonly<Record<string, number>>;
  readonly signal: AbortSignal;
  tell(news: { readonly message?: string }): void;
}

/** Made by the step `secrets`, and renewed rather than put back. */
const madeFiles = /^(?:ca\.crt$|tls\/)/;

/** Data and secrets are never touched. Rejects with the errors of Compose and of the folder; safe to do again. */
export async function rollBack(standing: StackStanding, context: RollBackContext): Promise<void> {
  const { journal, compose, lab, hasStarted, signal } = context;
  const former = standing.answers.lab;
  context.tell({ message: 'Going back to the stack that stood before' });
  if (former === lab) await putFilesBack(standing, context);
  else await compose.down(projectOf(lab, context), { volumes: false });
  if (hasStarted) {
    const told = (id: string, text: string): void => context.tell({ message: `${id}: ${text}` });
    await compose.up(projectOf(former, context), ({ id, text }) => told(id, text), signal);
    if (former !== lab) journal.setStarted(lab, {});
    journal.setStarted(former, standing.services);
  }
  journal.setCurrent(standing.answers);
}

async function putFilesBack(standing: StackStanding, context: RollBackContext): Promise<void> {
  const { journal, folder, lab } = context;
  const kept = standing.isKept ? await folder.previous(lab) : null;
  if (kept === null) return;
  const present = (await folder.read(lab)) ?? [];
  settleWrites(lab, present, journal);
  const there = new Map(present.map(({ path, content }) => [path, content]));
  const written = journal.written(lab);
  for (const { path, content } of kept.filter((file) => !madeFiles.test(file.path))) {
    const found = there.get(path);
    // What lies there and is in no journal belongs to a person, or to the service that reads it.
    if (found !== undefined && written[path] === undefined) continue;
    // What a person had changed is theirs again, also for the journal.
    const known = standing.written === undefined ? hashOf(content) : (standing.written[path] ?? null);
    if (found !== content) {
      journal.writing(lab, path);
      await folder.write(lab, path, content, context.modes[path] ?? 0o644);
    }
    if (found !== content || written[path] !== known) journal.wrote(lab, path, known);
  }
  const before = new Set(kept.map(({ path }) => path));
  for (const path of Object.keys(written).filter((one) => !before.has(one) && !one.startsWith('secrets/'))) {
    journal.writing(lab, path);
    await folder.remove(lab, path);
    journal.wrote(lab, path, null);
  }
}

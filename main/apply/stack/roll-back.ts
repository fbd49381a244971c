// A stack that cannot come up gives its place back to the one that stood: its files, and its containers with them.
import { hashOf } from '../../model/stack/content-hash.ts';
import { isMade, pairFiles, rootFile, servedFile, servedPair } from '../../model/stack/made-files.ts';
import type { StackStanding } from '../../stack-ports.ts';
import { rootSecret } from './certificates.ts';
import { projectOf, stackSecret } from './context.ts';
import type { StackTools } from './context.ts';
import { settleWrites, writeMarked } from './settle-writes.ts';
import { restartReaders } from './start.ts';

export interface RollBackContext extends StackTools {
  /** Of the run that turns back. */
  readonly lab: string;
  /** Whether it has touched containers. */
  readonly hasStarted: boolean;
  /** Modes of files as far as they are known, by path. */
  readonly modes: Readonly<Record<string, number>>;
  /** Services that read a file, as far as they are known. */
  readersOf(path: string): readonly string[];
  readonly signal: AbortSignal;
  tell(news: { readonly message?: string }): void;
}

/** Data and secrets are never touched. Rejects with the errors of Compose and of the folder; safe to do again. */
export async function rollBack(standing: StackStanding, context: RollBackContext): Promise<void> {
  const { journal, compose, lab, hasStarted, signal } = context;
  const former = standing.answers.lab;
  context.tell({ message: 'Going back to the stack that stood before' });
  if (former === lab) {
    await putFilesBack(standing, context);
    await putTrustBack(standing, context);
  } else await compose.down(projectOf(lab, context), { volumes: false }, signal);
  if (hasStarted) {
    const told = (id: string, text: string): void => context.tell({ message: `${id}: ${text}` });
    const project = projectOf(former, context);
    const before = await compose.containers(project);
    await compose.up(project, ({ id, text }) => told(id, text), signal);
    const run = journal.open();
    if (run !== null) await restartReaders(before, { ...context, run, project });
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
  // What the step `secrets` makes is renewed rather than put back; but a Traefik that read a pair needs its name again.
  const isPutBack = ({ path }: { readonly path: string }): boolean =>
    !isMade(path) || (path === servedFile && !there.has(path));
  for (const { path, content } of kept.filter(isPutBack)) {
    const found = there.get(path);
    // What lies there and is in no journal belongs to a person, or to the service that reads it.
    if (found !== undefined && written[path] === undefined) continue;
    // What a person had changed is theirs again, also for the journal.
    const known = standing.written === undefined ? hashOf(content) : (standing.written[path] ?? null);
    const mode = context.modes[path] ?? 0o644;
    if (found !== content) {
      noteReaders(path, context);
      await writeMarked(lab, { path, content, mode, known }, context);
    } else if (written[path] !== known) journal.wrote(lab, path, known);
  }
  const before = new Set(kept.map(({ path }) => path));
  for (const path of Object.keys(written).filter((one) => !before.has(one) && !one.startsWith('secrets/'))) {
    await writeMarked(lab, { path, content: null, mode: 0 }, context);
  }
}

/**
 * Root and certificate as they were: those of a run may be for another domain, or lead to another root. A pair that was
 * renewed since is not there any more, and its successor stays. Safe to do again; rejects like the folder.
 */
export async function putTrustBack(
  { answers, trust }: StackStanding,
  context: Pick<StackTools, 'folder' | 'secrets' | 'journal'>,
): Promise<void> {
  if (trust === undefined) return;
  const { folder, secrets } = context;
  const { lab } = answers;
  const present = (await folder.read(lab)) ?? [];
  const there = new Map(present.map(({ path, content }) => [path, content]));
  const { root, served } = trust;
  const { tls } = answers;
  if (tls.mode !== 'local-ca') {
    const name = stackSecret(lab, rootSecret);
    // With a public authority, a root that lies there is one of earlier answers.
    const kept = tls.mode === 'own' || tls.ca !== null ? root : null;
    await (kept === null ? secrets.remove(name) : secrets.set(name, kept));
  }
  if (root !== null && there.get(rootFile) !== root) await folder.write(lab, rootFile, root, 0o644);
  const pair = servedPair(served ?? '');
  const found = there.get(servedFile);
  if (served === null || pair === null || found === served || !there.has(pairFiles(pair).certificate)) return;
  // What a person has written there stays.
  if (found !== undefined && context.journal.written(lab)[servedFile] !== hashOf(found)) return;
  await writeMarked(lab, { path: servedFile, content: served, mode: 0o644 }, context);
}

/** Who was started with the file that goes is started anew, though Compose may see no change. */
function noteReaders(path: string, { journal, hasStarted, readersOf }: RollBackContext): void {
  const run = journal.open();
  const readers = hasStarted ? readersOf(path) : [];
  if (run === null || readers.length === 0) return;
  journal.setRestarts(run.id, [...new Set([...(run.restarts ?? []), ...readers])]);
}

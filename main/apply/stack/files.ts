// Rendered files come into the stack's folder; what a person has changed there stays until they say otherwise.
import { hashOf } from '../../model/stack/content-hash.ts';
import { fateOf, keptMark } from '../../model/stack/kept.ts';
import { isMade } from '../../model/stack/made-files.ts';
import type { RenderedFile } from '../../model/stack/stack.ts';
import { heedStop, stackError } from './context.ts';
import type { ApplyStep, StepContext } from './context.ts';
import { settleWrites, writeMarked } from './settle-writes.ts';

/** What becomes of one path. */
type Deed =
  | { readonly deed: 'write'; readonly path: string; readonly file: RenderedFile }
  | { readonly deed: 'remove'; readonly path: string }
  /** It is as it should be, or a person keeps it: only the journal hears of it. */
  | { readonly deed: 'note'; readonly path: string; readonly hash: string | null }
  | { readonly deed: 'ask'; readonly path: string };

/** Rejects with `stack.file-changed`, `compose.invalid` and the errors of the folder. */
export const writeFiles: ApplyStep = async (context) => {
  const { stack, folder, compose, project } = context;
  const deeds = await requireDecided(context);
  const changes = deeds.filter(({ deed }) => deed === 'write' || deed === 'remove');
  context.tell({
    message: changes.length === 0 ? 'All files are as they should be' : `Writing ${changes.length} files`,
  });
  if (changes.length > 0) {
    await keepStanding(context);
    noteRestarts(
      changes.map(({ path }) => path),
      context,
    );
  }
  for (const deed of deeds) {
    heedStop(context.signal);
    await carryOut(deed, context);
  }
  if (changes.length === 0) return;
  // Read back whole: a disk that has written something else is found before a service reads it.
  const after = new Map((await folder.read(stack.lab))?.map(({ path, content }) => [path, hashOf(content)]));
  const torn = changes.find(
    (one) => one.deed === 'write' && after.get(one.path) !== hashOf(one.file.content),
  );
  if (torn !== undefined)
    throw stackError(
      'stack.file-torn',
      `${torn.path} in ${project.folder} is not what was written into it a moment ago.`,
      'Look whether something else writes there, and whether the disk is sound; then run it again.',
      { path: torn.path },
    );
  await compose.check(project);
};

/** What there is to do; nothing is written. Rejects with `stack.file-changed` where a person has not decided. */
export async function requireDecided(context: StepContext): Promise<readonly Deed[]> {
  const { stack, folder, project } = context;
  const present = (await folder.read(stack.lab)) ?? [];
  settleWrites(stack.lab, present, context.journal);
  const deeds = deedsFor(present, context);
  const asked = deeds.filter(({ deed }) => deed === 'ask').map(({ path }) => path);
  const [first] = asked;
  if (first === undefined) return deeds;
  throw stackError(
    'stack.file-changed',
    `${asked.join(', ')} in ${project.folder} ${asked.length === 1 ? 'was' : 'were'} changed since AutoGit wrote ${asked.length === 1 ? 'it' : 'them'}, or ${asked.length === 1 ? 'is' : 'are'} not AutoGit's at all.`,
    `Decide about it: autogit stack up --replace ${first} puts AutoGit's in its place, --keep ${first} leaves it as it is.`,
    { paths: asked.join(', ') },
  );
}

function deedsFor(
  present: readonly { readonly path: string; readonly content: string }[],
  context: StepContext,
): readonly Deed[] {
  const { stack, journal, run } = context;
  const written = journal.written(stack.lab);
  const there = new Map(present.map(({ path, content }) => [path, hashOf(content)]));
  const wanted = new Set(stack.files.map(({ path }) => path));
  const wish = (path: string): 'replace' | 'keep' | undefined =>
    Object.hasOwn(run.wish.files, path) ? run.wish.files[path] : undefined;
  // Compose's own file last: until then a folder that is half written still starts what stands.
  const ordered = stack.files.toSorted((a, b) => Number(isCompose(a)) - Number(isCompose(b)));
  return [
    ...ordered.flatMap((file) =>
      deedsForOne(file, { onDisk: there.get(file.path), last: written[file.path] }, wish(file.path)),
    ),
    ...Object.entries(written)
      .filter(([path]) => !wanted.has(path) && !path.startsWith('secrets/') && !isMade(path))
      .map(([path, last]): Deed => {
        const onDisk = there.get(path);
        return onDisk !== undefined && (onDisk === last || wish(path) === 'replace')
          ? { deed: 'remove', path }
          : { deed: 'note', path, hash: null };
      }),
  ];
}

function isCompose({ path }: RenderedFile): boolean {
  return path === 'compose.yaml';
}

function deedsForOne(
  file: RenderedFile,
  { onDisk, last }: { readonly onDisk: string | undefined; readonly last: string | undefined },
  wish: 'replace' | 'keep' | undefined,
): readonly Deed[] {
  const { path, once } = file;
  const wanted = hashOf(file.content);
  const noted = (hash: string): readonly Deed[] => (last === hash ? [] : [{ deed: 'note', path, hash }]);
  switch (fateOf(file, { wanted, onDisk, written: last }, wish)) {
    case 'same':
      return once === true ? [] : noted(wanted);
    case 'kept':
      return onDisk === undefined ? [] : noted(keptMark(onDisk, wanted));
    case 'create':
    case 'update':
      return [{ deed: 'write', path, file }];
    case 'ask':
      return [{ deed: 'ask', path }];
  }
}

async function carryOut(deed: Deed, { stack, journal, folder }: StepContext): Promise<void> {
  const { lab } = stack;
  switch (deed.deed) {
    case 'note':
      journal.wrote(lab, deed.path, deed.hash);
      return;
    case 'remove':
      return writeMarked(lab, { path: deed.path, content: null, mode: 0 }, { journal, folder });
    case 'write': {
      const { content, mode, once } = deed.file;
      if (once === true) return folder.write(lab, deed.path, content, mode);
      return writeMarked(lab, { path: deed.path, content, mode }, { journal, folder });
    }
    case 'ask':
      return;
  }
}

/** Once, before the first write since the stack came up whole: a later look would find files that never served. */
async function keepStanding({ stack, journal, folder }: StepContext): Promise<void> {
  const standing = journal.standing();
  if (standing === null || standing.isKept || standing.answers.lab !== stack.lab) return;
  await folder.keepPrevious(stack.lab);
  journal.setStanding({ ...standing, isKept: true, written: journal.written(stack.lab) });
}

/** A service that stays the same for Compose does not see that a file it reads was mended. */
function noteRestarts(paths: readonly string[], { run, stack, journal }: StepContext): void {
  const started = journal.started(stack.lab);
  const services = stack.services
    .filter(({ name, hash, files }) => started[name] === hash && files.some((path) => paths.includes(path)))
    .map(({ name }) => name);
  if (services.length > 0)
    journal.setRestarts(run.id, [...new Set([...(journal.open()?.restarts ?? []), ...services])]);
}

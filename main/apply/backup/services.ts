// Data folders of the stack's other services in a backup: Authelia's, Traefik's and the like; GitLab has its own way.
import { z } from 'zod';
import type { FetchedFiles, FileFacts } from '../../backup-ports.ts';
import { AutoGitError } from '../../errors.ts';
import { backupPathSchema } from '../../model/backup/manifest.ts';
import type { BackupManifest } from '../../model/backup/manifest.ts';
import { containersOf } from './context.ts';
import type { DumpContext, DumpedPart, PutGround, StackSeat, StageGround, Tell } from './context.ts';
import { emptyFolders } from './empty-folders.ts';
import { gitlabService } from './gitlab.ts';
import { withHelper } from './helper.ts';

/** Beside the folders: whose each was. */
const ownersName = 'folders.json';
/** Each file and folder as it was there, a line each; backups of earlier versions have none. */
const entriesName = 'entries.jsonl';
/** Where the helper has the folders. */
const inside = '/autogit-data';
/** Looks at databases that somebody goes on writing to. */
const mostLooks = 20;

const foldersSchema = z.array(
  z.strictObject({ path: backupPathSchema, uid: z.int().min(0), gid: z.int().min(0) }),
);

const id = z.int().min(0).max(0xffff_fffe);
const entrySchema = z.strictObject({
  /** With its folder in front. */
  path: backupPathSchema,
  ...{ uid: id, gid: id, mode: z.int().min(0).max(0o777), at: z.number().min(0) },
});

/** What is copied of a stack's data, relative to its folder: not GitLab's, no logs, and no sessions, which live in memory. */
export function foldersToKeep({ data, folders }: Pick<StackSeat, 'data' | 'folders'>): readonly string[] {
  return folders
    .filter((folder) => folder.startsWith(`${data}/`))
    .map((folder) => folder.slice(data.length + 1))
    .filter((path) => !/^gitlab(?:\/|$)/.test(path) && !/(?:^|\/)logs$/.test(path) && !/-redis$/.test(path))
    .toSorted();
}

/** Gathers the folders. Rejects with `backup.dump-failed` when a database is never at rest. */
export async function dumpServices(ground: StageGround, context: DumpContext): Promise<DumpedPart> {
  const seat = await ground.stack();
  const paths = seat === null ? [] : foldersToKeep(seat);
  const owners: z.infer<typeof foldersSchema> = [];
  const entries: string[] = [];
  if (seat !== null && paths.length > 0) {
    const mounts = paths.map((path) => ({
      source: `${seat.data}/${path}`,
      target: `${inside}/${path}`,
      readOnly: true,
    }));
    await withHelper({ image: await helperImage(seat), mounts }, seat.engine, ground, async (helper) => {
      for (const path of paths) {
        context.tell({ message: `Copying the data of ${path}` });
        const { owner, leftOut, seen } = await fetchAtRest(helper, path, { ground, seat, context });
        for (const [below, facts] of seen)
          entries.push(`${JSON.stringify({ path: below === '' ? path : `${path}/${below}`, ...facts })}\n`);
        if (leftOut.length > 0)
          ground.log.warn('not everything of a service is in the backup', { path, leftOut });
        owners.push({ path, ...owner });
      }
    });
  }
  await ground.files.writeText(`stage/services/${ownersName}`, `${JSON.stringify(owners, null, 2)}\n`);
  await ground.files.writeText(`stage/services/${entriesName}`, entries.join(''));
  return { part: 'services', version: '', counts: { folders: paths.length }, awaySeconds: 0 };
}

type Facts = ReadonlyMap<string, FileFacts>;

/** By folder, and in it by path. */
function factsByFolder(text: string | null, folders: readonly string[]): ReadonlyMap<string, Facts> {
  const known = new Map(folders.map((folder) => [folder, new Map<string, FileFacts>()]));
  for (const line of (text ?? '').split('\n').filter((one) => one !== '')) {
    const { path, ...facts } = entrySchema.parse(JSON.parse(line));
    const folder = folders.find((one) => path === one || path.startsWith(`${one}/`));
    if (folder !== undefined) known.get(folder)?.set(path.slice(folder.length + 1), facts);
  }
  return known;
}

/** Any image of the stack will do: nothing of it is started. */
async function helperImage({ images, engine }: StackSeat): Promise<string> {
  for (const image of Object.values(images)) if (await engine.hasImage(image)) return image;
  throw new AutoGitError({
    key: 'backup.gitlab-not-running',
    message:
      'The data of the stack cannot be reached: none of its images is here, so it has not been started.',
    next: 'Bring the stack up, then try again: autogit stack up',
    retry: true,
  });
}

interface Work {
  readonly ground: StageGround;
  readonly seat: StackSeat;
  readonly context: DumpContext;
}

/**
 * A database that is written to while it is read may be copied torn. When two copies in a row have the same databases and journals, nothing was
 * written between the reading of a database in the second and of its journal in the first: the copy is one of that moment.
 */
async function fetchAtRest(
  helper: string,
  path: string,
  work: Work,
): Promise<FetchedFiles & { readonly seen: Facts }> {
  const { ground, seat, context } = work;
  const containers = containersOf(seat.engine, ground);
  const into = `stage/services/${path}`;
  const from = `${inside}/${path}`;
  let before: string | null = null;
  for (let looks = 0; looks < mostLooks; looks += 1) {
    context.signal.throwIfAborted();
    // A kill leaves nothing that the next backup would take: the stage is made anew.
    const folder = await ground.files.fresh(into);
    const found = new Map<string, FileFacts>();
    const keep = (at: string, facts: FileFacts): void => void found.set(at, facts);
    const fetched = await containers.fetch(helper, from, folder, context.signal, keep);
    const seen = JSON.stringify(Object.entries(fetched.databases).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    if (seen === '[]' || seen === before) return { ...fetched, seen: found };
    before = seen;
  }
  throw new AutoGitError({
    key: 'backup.dump-failed',
    message: `The part "services" could not be backed up: a database in ${seat.data}/${path} is written to all the time.`,
    next: 'Look at what the service does: autogit stack log. Then try again when it is quieter.',
    fields: { part: 'services', path },
    retry: true,
  });
}

/**
 * Puts the folders back, with the owners, modes and times that everything in them had; what was in them is replaced whole. The stack is taken down for it and
 * brought up again. Done again it does the same again.
 */
export async function putServices(
  ground: PutGround,
  folder: string,
  manifest: NonNullable<BackupManifest['stack']>,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  const from = `${nameBelow(folder, ground.files.root)}/services`;
  const owners = foldersSchema.parse(
    JSON.parse((await ground.files.readText(`${from}/${ownersName}`)) ?? '[]'),
  );
  const facts = factsByFolder(
    await ground.files.readText(`${from}/${entriesName}`),
    owners.map(({ path }) => path),
  );
  if (owners.length === 0) return;
  const seat = await ground.stack(manifest);
  const known = new Set(foldersToKeep(seat));
  const wanted = owners.filter(({ path }) => known.has(path));
  tell({ message: 'Taking the services down for a moment' });
  await ground.compose.down(seat.project, { volumes: false }, signal);
  for (const path of ['', ...wanted.map(({ path: one }) => `/${one}`)])
    await ground.folder.makeData(`${seat.data}${path}`, { mode: 0o755 });
  const places = wanted.map(({ path }) => `${seat.data}/${path}`);
  const image = seat.images[gitlabService] ?? (await helperImage(seat));
  await emptyFolders(places, { image, engine: seat.engine, signal }, ground);
  const mounts = wanted.map(({ path }) => ({
    ...{ source: `${seat.data}/${path}`, target: `${inside}/${path}`, readOnly: false },
  }));
  await withHelper({ image: await helperImage(seat), mounts }, seat.engine, ground, async (helper) => {
    for (const { path, uid, gid } of wanted) {
      tell({ message: `Putting back the data of ${path}` });
      const source = `${folder}/services/${path}`;
      const owner = { uid, gid, facts: facts.get(path) ?? new Map() };
      await containersOf(seat.engine, ground).put(helper, source, `${inside}/${path}`, owner, signal);
    }
  });
  tell({ message: 'Starting the services' });
  await ground.compose.up(seat.project, ({ id, text }) => tell({ message: `${id}: ${text}` }), signal);
}

/** A name below the folder of backups. */
export function nameBelow(folder: string, root: string): string {
  if (!folder.startsWith(`${root}/`)) throw new Error(`${folder} does not lie in ${root}`);
  return folder.slice(root.length + 1);
}

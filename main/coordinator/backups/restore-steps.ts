// The steps of a restore, on and back. Each may be done again, as after a kill.
import type { ResticPlace } from '../../backup-ports.ts';
import { AutoGitError, toAutoGitError } from '../../errors.ts';
import type { BackupRecord, BackupStep } from '../../model/backup/backup.ts';
import { manifestName } from '../../model/backup/hostility.ts';
import { manifestSchema } from '../../model/backup/manifest.ts';
import type { BackupManifest, BackupPart } from '../../model/backup/manifest.ts';
import { backupPasswordName } from '../../model/backup/target.ts';
import { dataThere, withoutSafetyWords } from '../../plan/backups/judge-restore.ts';
import { imageMisfit } from '../../plan/backups/restore-versions.ts';
import { tagsOf } from '../../plan/backups/tags.ts';
import type { BackupNews } from './backup-ground.ts';
import { fetchBackup, judgeFetched, newsOf } from './fetch-backup.ts';
import { loadProject } from './load-project.ts';
import type { RestoreGround } from './restore-ground.ts';
import { swapOf } from './restore-note.ts';
import type { RestoreNote } from './restore-note.ts';
import { keptPlace, limitsOf } from './restore-place.ts';

export interface StepContext {
  readonly ground: RestoreGround;
  readonly tell: (news: BackupNews) => void;
  readonly save: (note: RestoreNote) => Promise<void>;
  readonly signal: AbortSignal;
}

/** The note as it is afterwards, without the step; `reopening`: the core goes on with it. */
type Step = (note: RestoreNote, context: StepContext) => Promise<RestoreNote | 'reopening'>;

const nothing: Step = (note) => Promise.resolve(note);

/** What is done, by step. Steps that no restore has do nothing. */
export const restoreSteps: Readonly<Record<BackupStep, Step>> = {
  check: checkPlace,
  safety: backUpFirst,
  fetch: fetchAll,
  judge,
  load,
  home: (note, context) => reopenWith({ ...note, isHomeTouched: true }, 'on', context),
  gitlab: putData,
  services: putServices,
  ...{ dump: nothing, send: nothing, read: nothing, forget: nothing, prune: nothing, tidy },
};

/** What is taken back. */
export const backSteps: Readonly<Record<BackupStep, Step>> = {
  ...restoreSteps,
  home: (note, context) => reopenWith(note, 'back', context),
  safety: putBack,
};

const scratchOf = ({ id }: RestoreNote): string => `scratch/${id}`;

/** That the repository answers, before anything is copied. */
async function checkPlace(note: RestoreNote, context: StepContext): Promise<RestoreNote> {
  const { restic } = context.ground;
  const place = placeOf(note, context);
  if ((await restic.look(place, context.signal)) === 'new')
    throw new AutoGitError({
      key: 'backup.no-repository',
      message: `There are no backups at ${note.target.name} any more.`,
      next: 'Look at the place; then choose another target: autogit backup targets',
    });
  await restic.unlock(place, context.signal);
  return note;
}

function placeOf(note: RestoreNote, { ground }: StepContext): ResticPlace {
  return keptPlace(note.target, ground.secrets, ground.wanted());
}

/** Rejects with `backup.safety-failed`: then nothing was changed, and somebody may want to go on all the same. */
async function backUpFirst(note: RestoreNote, context: StepContext): Promise<RestoreNote> {
  try {
    return await makeSafety(note, context);
  } catch (error) {
    context.signal.throwIfAborted();
    const { message, next, retry, fields } = toAutoGitError(error);
    throw new AutoGitError({
      key: 'backup.safety-failed',
      message: `What is here now could not be backed up first: ${message}`,
      next: `${next} ${withoutSafetyWords}`,
      ...{ retry, fields, cause: error },
    });
  }
}

/** Backs up what is here into a repository of its own, which only a restore uses. */
async function makeSafety(note: RestoreNote, { ground, tell, signal }: StepContext): Promise<RestoreNote> {
  const { restic, files, clock } = ground;
  const place = await readySafety(ground, signal);
  try {
    const { folder, manifest, sha256 } = await ground.stage({
      id: uuidOf(ground),
      at: clock.now(),
      tell,
      signal,
    });
    tell({ step: 'safety', message: 'Keeping what is here now' });
    const sent = await restic.backup(
      place,
      { folder, host: ground.machine, tags: tagsOf(manifest, sha256), at: manifest.at },
      (progress) => tell(newsOf(progress)),
      signal,
    );
    const parts = manifest.parts.map(({ part }) => part);
    return { ...note, safety: { snapshot: sent.snapshot, manifestSha256: sha256, parts } };
  } finally {
    await files.remove('stage');
  }
}

/** What opens the repository of what was there; a home that a restore has brought keeps the one of the home before it. */
const safetyPasswordName = 'backup/safety';

function safetyPlace({ files, secrets, wanted }: RestoreGround): ResticPlace {
  const password = secrets.get(safetyPasswordName) ?? secrets.get(backupPasswordName) ?? '';
  return {
    ...{ target: { name: 'safety', kind: 'folder', path: `${files.root}/safety` }, password, secrets: {} },
    limits: limitsOf(wanted()),
  };
}

/** Makes the repository where there is none. One that nobody here can open is of no use to anybody, and makes room. */
async function readySafety(ground: RestoreGround, signal: AbortSignal): Promise<ResticPlace> {
  const { files, restic, secrets, words } = ground;
  if (secrets.get(backupPasswordName) === null) await secrets.set(backupPasswordName, words.make());
  const place = safetyPlace(ground);
  const state = await restic.look(place, signal).catch(async (error: unknown) => {
    const isForeign = error instanceof AutoGitError && error.key === 'backup.password-wrong';
    if (!isForeign) throw error;
    await files.remove('safety');
    return 'new' as const;
  });
  if (state === 'new') await restic.init(place, signal);
  else await restic.unlock(place, signal);
  return place;
}

async function fetchAll(note: RestoreNote, context: StepContext): Promise<RestoreNote> {
  const { ground, tell, signal } = context;
  const record = note.plan.backup;
  const place = placeOf(note, context);
  // A kill in an earlier try may have left a lock of ours.
  await ground.restic.unlock(place, signal);
  await fetchBackup({ record, place, into: scratchOf(note), tell, signal }, ground);
  return note;
}

async function judge(note: RestoreNote, { ground, tell, signal }: StepContext): Promise<RestoreNote> {
  const { backup, parts } = note.plan;
  const manifest = await judgeFetched(folderOf(note, ground), { record: backup, tell, signal }, ground);
  const missing = parts.filter((part) => !manifest.parts.some((one) => one.part === part));
  if (missing.length > 0 || manifest.id !== backup.id)
    throw new AutoGitError({
      key: 'backup.manifest-swapped',
      message: 'The manifest in this backup speaks of another one than its snapshot does.',
      next: 'Choose another backup. Find out who else can write to this repository and knows its password.',
    });
  await requireImages(note, manifest, ground);
  await requireNoData(note, manifest, ground);
  return note;
}

/** By the judged manifest; the plan was made from one that nobody had judged, or from none. */
async function requireImages(
  { plan: { to, parts }, project }: RestoreNote,
  { stack }: BackupManifest,
  { imageFacts }: RestoreGround,
): Promise<void> {
  const needed = parts.includes('gitlab') || parts.includes('services');
  if (to !== null || project !== null || stack === null || !needed) return;
  const misfit = imageMisfit(stack.images, await imageFacts());
  if (misfit !== null) throw new AutoGitError({ key: 'backup.restore-architecture', ...misfit });
}

/** Where the plan could not read the manifest, nobody has looked yet; nothing is changed so far. */
export async function requireNoData(
  { plan: { to, parts, withoutSafety }, project }: Pick<RestoreNote, 'plan' | 'project'>,
  { stack }: Pick<BackupManifest, 'stack'>,
  { facts }: Pick<RestoreGround, 'facts'>,
): Promise<void> {
  if (to !== null || project !== null || stack === null || withoutSafety || !parts.includes('gitlab')) return;
  const { unusedData } = await facts(stack);
  if (unusedData !== null)
    throw new AutoGitError({ key: 'backup.restore-data-there', ...dataThere(unusedData) });
}

function folderOf(note: RestoreNote, { files }: Pick<RestoreGround, 'files'>): string {
  return `${files.root}/${scratchOf(note)}`;
}

/** To look at: nothing of what runs here is touched. */
async function load(note: RestoreNote, context: StepContext): Promise<RestoreNote> {
  const { ground } = context;
  const { to } = note.plan;
  if (note.project !== null) {
    await loadProject({ folder: folderOf(note, ground), project: note.project, to }, context);
    return note;
  }
  if (to === null) throw new Error('there is no folder to restore to');
  await ground.files.moveOut(scratchOf(note), to, note.plan.parts, context.signal);
  return note;
}

/** The core closes the home, swaps it and opens it again; this laboratory ends with that. */
async function reopenWith(
  note: RestoreNote,
  way: 'on' | 'back',
  { ground, save }: StepContext,
): Promise<'reopening'> {
  await save(note);
  ground.link.reopen(swapOf(note, way));
  return 'reopening';
}

async function putData(note: RestoreNote, { ground, tell, save, signal }: StepContext): Promise<RestoreNote> {
  const touched = { ...note, isDataTouched: true };
  await save(touched);
  // The node that the backup names may be of another machine; whoever sees the data again says where it is.
  if (note.plan.parts.includes('sandbox')) ground.store.setSandboxNode(null);
  await put(note.plan.parts, ['sandbox', 'gitlab'], folderOf(note, ground), { ground, tell, signal });
  return touched;
}

async function putServices(
  note: RestoreNote,
  { ground, tell, save, signal }: StepContext,
): Promise<RestoreNote> {
  const touched = { ...note, isDataTouched: true };
  await save(touched);
  await put(note.plan.parts, ['services'], folderOf(note, ground), { ground, tell, signal });
  return touched;
}

type DataPart = Exclude<BackupPart, 'home'>;

async function put(
  has: readonly BackupPart[],
  wanted: readonly DataPart[],
  folder: string,
  { ground, tell, signal }: Pick<StepContext, 'ground' | 'tell' | 'signal'>,
): Promise<void> {
  const parts = wanted.filter((one) => has.includes(one));
  if (parts.length === 0) return;
  const manifest = await readManifest(folder, ground);
  for (const part of parts) await ground.puts[part](folder, manifest, tell, signal);
}

/** Of a folder that was judged before. */
async function readManifest(folder: string, { files }: RestoreGround): Promise<BackupManifest> {
  const text = await files.readText(`${folder.slice(files.root.length + 1)}/${manifestName}`);
  return manifestSchema.parse(JSON.parse(text ?? 'null'));
}

/** Of another lab, or where nothing was before, nobody else would. */
async function takeDown(note: RestoreNote, { ground, tell, signal }: StepContext): Promise<void> {
  const { parts } = note.plan;
  if (!parts.includes('gitlab') && !parts.includes('services')) return;
  const folder = folderOf(note, ground);
  // A kill may have come while the backup of what was there was fetched in its place.
  if ((await ground.files.readText(`${scratchOf(note)}/${manifestName}`)) === null) return;
  tell({ message: 'Taking down what the restore has started' });
  // Without a backup of what was there, whatever is left of that stays.
  const wasNothing = note.safety === null && !note.plan.withoutSafety;
  await ground.puts.takeDown(await readManifest(folder, ground), wasNothing, signal);
}

/** GitLab and services as they were: those parts of the backup of what was there that this restore has touched. */
async function putBack(note: RestoreNote, context: StepContext): Promise<RestoreNote> {
  const { ground, tell, signal } = context;
  const { safety, plan } = note;
  await takeDown(note, context);
  if (safety === null) return note;
  const place = safetyPlace(ground);
  const record: Pick<BackupRecord, 'snapshot' | 'target' | 'manifestSha256'> = {
    ...safety,
    target: 'safety',
  };
  const into = scratchOf(note);
  await ground.restic.unlock(place, signal);
  const folder = await fetchBackup({ record, place, into, tell, signal }, ground);
  await judgeFetched(folder, { record, tell, signal }, ground);
  const touched = safety.parts.filter((part) => part !== 'home' && isTouched(part, plan.parts));
  await put(touched, ['sandbox', 'gitlab', 'services'], folder, { ground, tell, signal });
  return note;
}

/** With the home of another lab, all of the data in GitLab's place may be another's. */
function isTouched(part: BackupPart, restored: readonly BackupPart[]): boolean {
  return restored.includes('home') || restored.includes(part);
}

/** Of the ways back only the newest stays: what was there before this restore. */
async function tidy(note: RestoreNote, { ground, tell, signal }: StepContext): Promise<RestoreNote> {
  tell({ message: 'Tidying up' });
  if (note.safety === null) return note;
  try {
    await keepSafetyPassword(note, ground);
    const place = safetyPlace(ground);
    // A kill in an earlier try may have left a lock of ours.
    await ground.restic.unlock(place, signal);
    const old = (await ground.restic.snapshots(place, signal)).filter(
      ({ id }) => id !== note.safety?.snapshot,
    );
    if (old.length > 0)
      await ground.restic.forget(
        place,
        old.map(({ id }) => id),
        signal,
      );
    if (old.length > 0) await ground.restic.prune(place, (progress) => tell(newsOf(progress)), signal);
  } catch (error) {
    signal.throwIfAborted();
    ground.log.warn('old backups of what was there before restores could not be removed', { error });
  }
  return note;
}

/** The home that went away knew what opens the backup of itself. */
async function keepSafetyPassword(
  note: RestoreNote,
  { files, proofs, secrets }: RestoreGround,
): Promise<void> {
  if (!note.isHomeTouched) return;
  const before = `${files.root}/${swapOf(note, 'on').to}`;
  const password =
    (await proofs.homeSecret(before, safetyPasswordName)) ??
    (await proofs.homeSecret(before, backupPasswordName));
  if (password !== null) await secrets.set(safetyPasswordName, password);
}

/** A UUID of the random kind, https://www.rfc-editor.org/rfc/rfc9562#section-5.4 */
function uuidOf({ host }: Pick<RestoreGround, 'host'>): string {
  const hex = host.randomHex(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

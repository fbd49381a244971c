// Queries about backups: how it stands, what is kept, what is in one, and what a rule in time means.
import type { ResticPlace } from '../../backup-ports.ts';
import type { Output, ParsedInput } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import type { BackupRecord, TargetState } from '../../model/backup/backup.ts';
import { manifestSchema } from '../../model/backup/manifest.ts';
import type { BackupTarget } from '../../model/backup/target.ts';
import { placeOf } from '../../model/backup/target.ts';
import { spanWords } from '../../plan/backups/issues.ts';
import { isMeant } from '../../plan/backups/tags.ts';
import { nextTimes, readWhen } from '../../plan/backups/when.ts';
import type { RequestContext } from '../requests.ts';
import { zoneOf } from './backup-ground.ts';
import type { BackupGround } from './backup-ground.ts';
import type { BackupParts } from './backup-parts.ts';
import { lookAtTarget, placeOfTarget, requireTarget, stateOf } from './backup-places.ts';
import { nextRuns, rulesNow } from './backup-schedule.ts';
import { shownRuns } from './backup-seen.ts';
import { newestOf } from './create-backup-desk.ts';

type Context = Pick<RequestContext, 'backups'>;

/** Times of a rule that are shown. */
export const shownTimes = 5;
/** Rows of a folder in a backup. */
const mostEntries = 1_000;
/** Bytes of a manifest: far above any. */
const mostManifest = 16 << 20;
/** Questions of a person are given up after so long. Milliseconds. */
const patienceMs = 300_000;

export function patience(): AbortSignal {
  return AbortSignal.timeout(patienceMs);
}

/** How it stands with a target, as pages show it. */
export function targetRow(
  target: BackupTarget,
  ground: Pick<BackupGround, 'journal'>,
): TargetState & { target: BackupTarget; place: string } {
  return { ...stateOf(target.name, ground), target, place: placeOf(target) };
}

/** `backup.show`. */
export async function showBackups(_: unknown, { backups }: Context): Promise<Output<'backup.show'>> {
  const parts = backups.parts();
  const { ground, runs, memory } = parts;
  const { targets } = ground.wanted();
  const next = nextRuns(rulesNow(ground, memory).rules, ground);
  const newest = newestOf(ground);
  const { version, runs: how, words } = await parts.engine();
  return {
    sentence: sentenceOf(parts, newest),
    engine: { version, runs: how, words },
    targets: targets.map((target) => targetRow(target, ground)),
    next: next.map((one) => ({ ...one })),
    runs: ground.journal.runs(shownRuns).map((run) => ({ ...run, targets: [...run.targets] })),
    progress: runs.progress(),
    ...newest,
    sheetKeptAt: memory.read().sheetKeptAt,
    order: ground.order().map((one) => ({ ...one })),
    issues: backups.issues().map((issue) => ({ ...issue })),
  };
}

function sentenceOf(
  { ground, runs, loop }: BackupParts,
  { lastBackupAt, lastProvenAt }: ReturnType<typeof newestOf>,
): string {
  const now = ground.clock.now();
  const progress = runs.isBusy() ? runs.progress() : null;
  if (ground.wanted().targets.length === 0) return 'Nothing is backed up: no place for backups is set.';
  const last =
    lastBackupAt === null
      ? 'There is no backup yet.'
      : `Last backup: ${agoWords(now - lastBackupAt)}. Last proven restore: ${lastProvenAt === null ? 'never' : agoWords(now - lastProvenAt)}.`;
  const going = progress === null ? loop.waiting() : `${progress.message}.`;
  return going === null ? last : `${last} ${going}`;
}

function agoWords(ms: number): string {
  return ms < 60_000 ? 'just now' : `${spanWords(ms)} ago`;
}

/**
 * `backup.list`. Rejects with `backup.unknown-target`; with `fresh`, what cannot be asked is shown as it was seen last, and where
 * nothing was seen, it rejects with why.
 */
export async function listBackups(
  { target, fresh }: ParsedInput<'backup.list'>,
  { backups }: Context,
): Promise<Output<'backup.list'>> {
  const { ground } = backups.parts();
  const meant = target === undefined ? ground.wanted().targets : [requireTarget(target, ground)];
  if (fresh) for (const one of meant) await lookAtTarget(one, ground, patience());
  const found = recordsAt(meant, ground);
  const [failure] = meant.flatMap(({ name }) => stateOf(name, ground).failure ?? []);
  if (fresh && found.length === 0 && failure !== undefined) throw new AutoGitError(failure);
  return { backups: found.map(copyOf) };
}

function recordsAt(
  targets: readonly BackupTarget[],
  { journal }: Pick<BackupGround, 'journal'>,
): readonly BackupRecord[] {
  const names = new Set(targets.map(({ name }) => name));
  return journal
    .records()
    .filter((record) => names.has(record.target))
    .toSorted((a, b) => b.at - a.at);
}

export function copyOf(record: BackupRecord): BackupRecord {
  return { ...record, parts: [...record.parts], counts: { ...record.counts } };
}

export interface FoundBackup {
  readonly record: BackupRecord;
  readonly target: BackupTarget;
}

/**
 * The backup that a person means: at the named target, or at the first that has it. Places are looked at where none is known: a home
 * that was just restored has asked none yet. Rejects with `backup.unknown-target`, `backup.unknown`, `backup.ambiguous`.
 */
export async function findBackup(
  text: string,
  target: string | undefined,
  ground: BackupGround,
): Promise<FoundBackup> {
  const { targets } = ground.wanted();
  const meant = target === undefined ? targets : [requireTarget(target, ground)];
  const isKnown = recordsAt(meant, ground).some((one) => text === 'newest' || isMeant(one, text));
  if (!isKnown) for (const one of meant) await lookAtTarget(one, ground, patience());
  const names = meant.map(({ name }) => name);
  const record = choose(text, recordsAt(meant, ground), names, ground);
  return { record, target: requireTarget(record.target, ground) };
}

/** One of these, newest first, at the first of the places that has it. Rejects with `backup.unknown`, `backup.ambiguous`. */
export function choose(
  text: string,
  records: readonly BackupRecord[],
  places: readonly string[],
  ground: Pick<BackupGround, 'store'>,
): BackupRecord {
  const own = records.filter(({ instance }) => instance === ground.store.instance);
  const found =
    text === 'newest'
      ? (own.length > 0 ? own : records).slice(0, 1)
      : records.filter((one) => isMeant(one, text));
  const [first] = found;
  if (first === undefined) throw unknownBackup(text);
  if (new Set(found.map(({ id }) => id)).size > 1)
    throw new AutoGitError({
      key: 'backup.ambiguous',
      message: `"${text}" begins the names of ${found.length} backups.`,
      next: 'Give more characters of it: autogit backup list',
    });
  // The same backup at several places: the first of them as the settings have them.
  const at = places.find((name) => found.some((one) => one.target === name));
  return found.find((one) => one.target === at) ?? first;
}

function unknownBackup(text: string): AutoGitError {
  return new AutoGitError({
    key: 'backup.unknown',
    message: text === 'newest' ? 'There is no backup yet.' : `No backup is called "${text}".`,
    next:
      text === 'newest'
        ? 'Make one: autogit backup create'
        : 'See which there are: autogit backup list --fresh',
    fields: { backup: text },
  });
}

/** `backup.inspect`. Rejects with `backup.unknown`, and like `Restic`. */
export async function inspectBackup(
  { backup, target, path }: ParsedInput<'backup.inspect'>,
  { backups }: Context,
): Promise<Output<'backup.inspect'>> {
  const { ground } = backups.parts();
  const found = await findBackup(backup, target, ground);
  const place = placeOfTarget(found.target, ground);
  const { snapshot } = found.record;
  const bytes = await ground.restic.read(place, snapshot, 'manifest.json', mostManifest, patience());
  const listed = path === undefined ? nothingListed : await listFolder(place, { snapshot, path }, ground);
  return { backup: copyOf(found.record), parts: partsOf(bytes), ...listed };
}

type Listed = Pick<Output<'backup.inspect'>, 'entries' | 'more'>;

const nothingListed: Listed = { entries: [], more: false };

/** What lies in one folder; of a huge one the first, and that there are others. */
async function listFolder(
  place: ResticPlace,
  { snapshot, path }: { readonly snapshot: string; readonly path: string },
  { restic }: Pick<BackupGround, 'restic'>,
): Promise<Listed> {
  const folder = path.replace(/^\/+|\/+$/g, '');
  const entries: Listed['entries'] = [];
  for await (const node of restic.list(place, snapshot, folder, patience())) {
    if (entries.length === mostEntries) return { entries, more: true };
    entries.push({ path: node.path, folder: node.type === 'dir', bytes: node.bytes });
  }
  return { entries, more: false };
}

/** What the manifest says; nothing for one that cannot be read: a drill tells why. */
function partsOf(bytes: Uint8Array | null): Output<'backup.inspect'>['parts'] {
  if (bytes === null) return [];
  try {
    const { parts } = manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return parts.map(({ part, version, bytes: size, files, counts }) => ({
      ...{ part, version, bytes: size, files },
      counts: { ...counts },
    }));
  } catch {
    return [];
  }
}

/** `backup.targets`. */
export async function listTargets(
  { fresh }: ParsedInput<'backup.targets'>,
  { backups }: Context,
): Promise<Output<'backup.targets'>> {
  const { ground } = backups.parts();
  const { targets } = ground.wanted();
  if (fresh) for (const target of targets) await lookAtTarget(target, ground, patience());
  const disks = await ground.restic.disks().catch(() => ({}));
  return {
    targets: targets.map((target) => targetRow(target, ground)),
    disks: Object.entries(disks).map(([label, path]) => ({ label, path })),
  };
}

/** `backup.preview-when`. */
export async function previewWhen(
  { when }: ParsedInput<'backup.preview-when'>,
  { settings, clock }: Pick<RequestContext, 'settings' | 'clock'>,
): Promise<Output<'backup.preview-when'>> {
  const read = readWhen(when);
  if (!read.ok) return { words: '', nextRuns: [], problem: read.problem };
  const zone = zoneOf(settings.current().backups);
  return {
    words: read.when.words,
    nextRuns: [...nextTimes(read.when, zone, clock.now(), shownTimes)],
    problem: null,
  };
}

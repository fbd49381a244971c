// A drill: a backup is restored to a scratch folder, judged file by file, and proven with the programs that would use it.
import type { BackupProofs, ResticPlace } from '../../backup-ports.ts';
import type { LoadedDump } from '../../apply/backup/load-dump.ts';
import { AutoGitError, messageOf } from '../../errors.ts';
import type { BackupRecord } from '../../model/backup/backup.ts';
import type { BackupManifest } from '../../model/backup/manifest.ts';
import type { Clock } from '../../ports.ts';
import type { BackupNews } from './backup-ground.ts';
import { fetchBackup, judgeFetched } from './fetch-backup.ts';
import type { FetchTools } from './fetch-backup.ts';

export interface DrillTools extends FetchTools {
  readonly files: FetchTools['files'] & { remove(name: string): Promise<void> };
  readonly proofs: BackupProofs;
  /** Loads the dumps in `db/` of a backed up GitLab into a PostgreSQL that is gone afterwards. Missing: nobody can. */
  readonly loadDump?: (folder: string, manifest: BackupManifest, signal: AbortSignal) => Promise<LoadedDump>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

export interface DrillOptions {
  readonly tell: (news: BackupNews) => void;
  readonly signal: AbortSignal;
}

export interface DrillResult {
  /** To fetch, judge and prove it. */
  readonly ms: number;
  /** What does not restore, each in a sentence; none: all of it does. */
  readonly findings: readonly string[];
  /** What could not be tried whole here, each in a sentence. */
  readonly notes: readonly string[];
}

/** Below `backups/`. */
export const drillFolder = 'scratch/drill';
/** Repositories that git looks through each time. */
const sampleSize = 5;
const day = 24 * 3_600_000;

/**
 * Nothing of this home is changed, and the scratch folder is gone afterwards. Rejects with the errors of restic, which say nothing
 * about the backup itself, and with the signal's reason.
 */
export async function drillBackup(
  record: BackupRecord,
  place: ResticPlace,
  options: DrillOptions & { readonly tools: DrillTools },
): Promise<DrillResult> {
  const { tell, signal, tools } = options;
  const begun = tools.clock.monotonic();
  try {
    tell({ step: 'fetch' });
    const fetching = { record, place, into: drillFolder, tell, signal };
    const folder = await fetchBackup(fetching, tools);
    tell({ step: 'judge' });
    const manifest = await judgeFetched(folder, fetching, tools);
    tell({ step: 'load', message: 'Proving what was restored', bytes: null, files: null });
    const { findings, notes } = await prove(folder, manifest, options);
    return { ms: tools.clock.monotonic() - begun, findings, notes };
  } catch (error) {
    signal.throwIfAborted();
    if (!isOfBackup(error)) throw error;
    return { ms: tools.clock.monotonic() - begun, findings: [messageOf(error)], notes: [] };
  } finally {
    await tools.files.remove(drillFolder);
  }
}

/** Whether an error says something about the backup, and not about the way to it. */
function isOfBackup(error: unknown): boolean {
  if (!(error instanceof AutoGitError)) return false;
  return error.key.startsWith('backup.manifest-') || error.key === 'backup.restore-damaged';
}

interface Proven {
  readonly findings: readonly string[];
  readonly notes: readonly string[];
}

async function prove(
  folder: string,
  manifest: BackupManifest,
  { tools, tell, signal }: DrillOptions & { readonly tools: DrillTools },
): Promise<Proven> {
  const has = (part: string): boolean => manifest.parts.some((one) => one.part === part);
  const { proofs } = tools;
  const findings: string[] = [];
  const notes: string[] = [];
  if (has('home')) {
    tell({ message: "Opening AutoGit's database and secrets" });
    findings.push(...named("AutoGit's database", await proofs.database(`${folder}/home/state.db`)));
    findings.push(...named("AutoGit's secrets", await proofs.homeSecrets(`${folder}/home`)));
  }
  if (has('sandbox'))
    findings.push(...named("The sandbox's database", await proofs.database(`${folder}/sandbox/sandbox.db`)));
  if (has('gitlab')) {
    tell({ message: "Reading GitLab's database dump and secrets" });
    findings.push(
      ...named("GitLab's secrets", await proofs.gitlabSecrets(`${folder}/gitlab/config/gitlab-secrets.json`)),
    );
    const dump = await proveDump(folder, manifest, { tools, tell, signal });
    findings.push(...named("GitLab's database", dump.findings));
    notes.push(...dump.notes);
  }
  findings.push(...(await proveRepositories(folder, { tools, tell, signal })));
  return { findings, notes };
}

/** One that was written to its end is loaded as well, where that can be tried. */
async function proveDump(
  folder: string,
  manifest: BackupManifest,
  { tools, tell, signal }: DrillOptions & { readonly tools: DrillTools },
): Promise<Proven> {
  const { findings, how } = await tools.proofs.dump(folder, signal);
  if (how !== 'read' || findings.length > 0) return { findings, notes: [] };
  tell({ message: "Loading GitLab's database into a PostgreSQL of its own image" });
  const loaded = (await tools.loadDump?.(`${folder}/gitlab/backup/db`, manifest, signal)) ?? {
    why: 'none is at hand',
    findings,
  };
  if (loaded.why === null) return { findings: loaded.findings, notes: [] };
  const note = `GitLab's database dump was read to its end, and not loaded into a PostgreSQL: ${loaded.why}.`;
  return { findings, notes: [note] };
}

async function proveRepositories(
  folder: string,
  { tools, tell, signal }: DrillOptions & { readonly tools: DrillTools },
): Promise<readonly string[]> {
  const all = await tools.proofs.repositories(folder);
  const findings: string[] = [];
  for (const { path, kind, project } of sampleOf(all, Math.floor(tools.clock.now() / day))) {
    signal.throwIfAborted();
    const name = project ?? path.slice(folder.length + 1);
    tell({ message: `git looks through ${name}` });
    findings.push(...named(`The repository ${name}`, await tools.proofs.repository(path, kind, signal)));
  }
  return findings;
}

/** A few that change with the day, so that all have their turn: the ring of them all, begun where the last day's ended. */
export function sampleOf<T>(all: readonly T[], dayNumber: number): readonly T[] {
  if (all.length <= sampleSize) return all;
  const start = (dayNumber * sampleSize) % all.length;
  return [...all.slice(start), ...all.slice(0, start)].slice(0, sampleSize);
}

function named(what: string, findings: readonly string[]): readonly string[] {
  const [first] = findings;
  return first === undefined ? [] : [`${what}: ${findings.slice(0, 3).join('; ')}`];
}

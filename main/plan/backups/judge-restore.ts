// What stands against a restore, or is worth knowing before it.
import type { BackupRecord } from '../../model/backup/backup.ts';
import type { BackupPart } from '../../model/backup/manifest.ts';
import type { Issue } from '../../model/issue.ts';
import { partWords, replaces, sizeWords } from './restore-facts.ts';
import type { RestoreChoice, RestoreFacts } from './restore-facts.ts';
import { judgeVersions } from './restore-versions.ts';

/** Besides what is restored: for databases that are loaded, and for what else needs room meanwhile. */
const spareBytes = 512 * 1024 * 1024;
type Told = Omit<Issue, 'key' | 'subject'>;

/** Everything that stands against a restore (`error`), or is worth knowing before it. */
export function issuesOf(
  backup: BackupRecord,
  wish: RestoreChoice,
  parts: readonly BackupPart[],
  facts: RestoreFacts,
): readonly Issue[] {
  const found: Issue[] = [];
  const addProblem: AddProblem = (key, told) =>
    void found.push({ key, subject: backup.id.slice(0, 8), ...told });
  judgeBackup(backup, wish, parts, facts, addProblem);
  judgeRoom(backup, wish, facts, addProblem);
  if (wish.to === null && wish.project === null) {
    judgeMachine(backup, parts, facts, addProblem);
    judgeVersions(backup, parts, facts, addProblem);
    judgeWayBack(parts, wish, facts, addProblem);
  }
  return found;
}

export type AddProblem = (key: string, told: Told) => void;

function judgeBackup(
  backup: BackupRecord,
  { parts: wished, project, to }: RestoreChoice,
  parts: readonly BackupPart[],
  facts: RestoreFacts,
  addProblem: AddProblem,
): void {
  if (isNewer(backup.autogit, facts.autogit))
    addProblem('backup.restore-newer', {
      severity: 'error',
      message: `This backup was made by AutoGit ${backup.autogit}, and this is ${facts.autogit}, which may not understand it.`,
      next: 'Install the newest AutoGit first, then restore.',
    });
  if (backup.manifestSha256 === null)
    addProblem('backup.manifest-swapped', {
      severity: 'error',
      message:
        'This backup does not carry the digest of its manifest, so nobody can tell whether it is whole.',
      next: 'Choose another backup.',
    });
  if (backup.damage !== null)
    addProblem('backup.restore-damaged', {
      severity: 'error',
      message: `This backup is damaged: ${backup.damage}`,
      next: 'Choose another backup, or another target that has this one.',
    });
  const missing = (wished ?? []).filter((part) => !backup.parts.includes(part));
  if (missing.length > 0 || parts.length === 0)
    addProblem('backup.restore-part-missing', {
      severity: 'error',
      message: `This backup does not have ${missing.length > 0 ? missing.join(', ') : 'a repository'}: only ${backup.parts.join(', ')}.`,
      next: 'Choose parts that it has, or another backup: autogit backup list',
    });
  if (project !== null && wished !== null)
    addProblem('backup.restore-wish-mixed', {
      severity: 'error',
      message: 'A project is restored by itself, not together with parts.',
      next: 'Name either the project or the parts.',
    });
  if (project !== null && to === null)
    addProblem('backup.restore-folder-needed', {
      severity: 'error',
      message: 'A project is restored to a folder, and none is named.',
      next: 'Name one that does not exist yet: --to FOLDER',
    });
  if (to !== null && facts.isToTaken)
    addProblem('backup.restore-folder-there', {
      severity: 'error',
      message: `There is something at ${to} already.`,
      next: 'Name a folder that does not exist yet.',
    });
}

function judgeRoom(
  backup: BackupRecord,
  { to, project, withoutSafety }: RestoreChoice,
  facts: RestoreFacts,
  addProblem: AddProblem,
): void {
  if (backup.bytes === null || facts.freeBytes === null) return;
  // What is here is backed up first; nobody knows how large it is before that is done.
  const isHere = to === null && project === null;
  const needed = backup.bytes + spareBytes;
  if (facts.freeBytes < needed)
    addProblem('backup.no-space', {
      severity: 'error',
      message: `${sizeWords(needed)} are needed where AutoGit's home lies, and ${sizeWords(facts.freeBytes)} are free.`,
      next: 'Free some space on that disk, or restore on another machine.',
    });
  else if (isHere && !facts.isEmpty && !withoutSafety && facts.freeBytes < needed + backup.bytes)
    addProblem('backup.restore-space-close', {
      severity: 'warning',
      message: `${sizeWords(facts.freeBytes)} are free where AutoGit's home lies; the backup and a copy of what is here now may need more.`,
      next: `Free some space first. A restore that runs out of it changes nothing. ${withoutSafetyWords}`,
    });
}

/** Where what is here cannot be kept, somebody may want to go on all the same. */
export const withoutSafetyWords =
  'If what is here may be lost, go on without a backup of it: autogit backup restore --without-safety';

/** Why data of a GitLab that does not run stands against a restore. */
export function dataThere(folder: string): Pick<Issue, 'message' | 'next'> {
  return {
    message: `Data of a GitLab lies in ${folder} that does not run, so it cannot be backed up first, and the restore would remove it.`,
    next: `Bring that GitLab up (autogit stack up), or move the folder away. ${withoutSafetyWords}`,
  };
}

/** Whether there is a way back, and whether it can be had. */
function judgeWayBack(
  parts: readonly BackupPart[],
  wish: RestoreChoice,
  facts: RestoreFacts,
  addProblem: AddProblem,
): void {
  const { gitlab, hasAnswered, unusedData } = facts;
  if (wish.withoutSafety) {
    if (replaces(wish, facts))
      addProblem('backup.restore-no-way-back', {
        severity: 'warning',
        message:
          'What is here now is not backed up first: it is lost, also when the restore fails half-way, and nothing can be put back.',
        next: 'Leave it out unless what is here may be lost.',
      });
    return;
  }
  if (unusedData !== null && parts.includes('gitlab'))
    addProblem('backup.restore-data-there', { severity: 'error', ...dataThere(unusedData) });
  if (facts.isStackUnread && parts.includes('gitlab'))
    addProblem('backup.restore-data-unknown', {
      severity: 'warning',
      message:
        "This backup's manifest cannot be read now, so nobody can tell yet where its data goes, and whether data of a GitLab that does not run lies there.",
      next: `It is looked at again once the backup is fetched, before anything is changed; data that lies there then stands against it. ${withoutSafetyWords}`,
    });
  // A sandbox is backed up also while it sleeps.
  if (gitlab === 'stack' && !hasAnswered)
    addProblem('backup.restore-safety-unlikely', {
      severity: 'warning',
      message:
        'The GitLab that is here does not answer, and what is here is backed up first: most likely that fails, and nothing is changed then.',
      next: `Bring it up first (autogit status). ${withoutSafetyWords}`,
    });
}

function judgeMachine(
  backup: BackupRecord,
  parts: readonly BackupPart[],
  facts: RestoreFacts,
  addProblem: AddProblem,
): void {
  const needsEngine = parts.some((part) => part !== 'home');
  if (facts.isRestoring)
    addProblem('backup.restore-open', {
      severity: 'error',
      message: 'Another restore has not ended.',
      next: 'Wait for it: autogit backup watch',
    });
  if (facts.isStackBusy)
    addProblem('backup.stack-busy', {
      severity: 'error',
      message: 'The stack is being changed just now.',
      next: 'Wait until that has ended: autogit stack watch',
    });
  if (needsEngine && !facts.hasEngine)
    addProblem('backup.restore-no-engine', {
      severity: 'error',
      message: 'No container engine answers, and GitLab runs in containers.',
      next: 'Install or start one: autogit doctor. Or look at the backup first: --to FOLDER',
    });
  if ((parts.includes('gitlab') || parts.includes('services')) && facts.hasEngine && !facts.hasCompose)
    addProblem('backup.restore-no-compose', {
      severity: 'error',
      message: 'Docker Compose is missing, and the stack is brought up with it.',
      next: 'Install its plugin (on Debian: sudo apt install docker-compose-plugin), then restore.',
    });
  judgeParts(backup, parts, facts, addProblem);
  if (facts.jobsRunning > 0 && parts.some((part) => part === 'gitlab' || part === 'sandbox'))
    addProblem('backup.restore-jobs-running', {
      severity: 'warning',
      message: `${String(facts.jobsRunning)} job${facts.jobsRunning === 1 ? ' runs' : 's run'} now; GitLab will not know of ${facts.jobsRunning === 1 ? 'it' : 'them'} afterwards.`,
      next: 'Let jobs end first: autogit drain',
    });
  if (backup.instance !== facts.instance && !facts.isEmpty && parts.includes('home'))
    addProblem('backup.restore-other-lab', {
      severity: 'warning',
      message:
        'This backup is of another home. Containers and data of this one stay on the machine, and no AutoGit looks after them afterwards.',
      next: 'Take this lab down first (autogit sandbox reset, autogit stack destroy), or restore with another AUTOGIT_HOME.',
    });
}

/** Parts that fit together only as they were backed up, and a GitLab that is not AutoGit's to restore. */
function judgeParts(
  backup: BackupRecord,
  parts: readonly BackupPart[],
  facts: RestoreFacts,
  addProblem: AddProblem,
): void {
  if (backup.gitlab === 'elsewhere')
    addProblem('backup.restore-gitlab-elsewhere', {
      severity: 'warning',
      message:
        'GitLab was not part of this lab when the backup was made, so its data is not in it; AutoGit connects to it again.',
      next: 'See that this GitLab still runs, and back it up where it is.',
    });
  if (parts.includes('home')) return;
  const kind = parts.includes('sandbox') ? 'sandbox' : 'stack';
  if (facts.gitlab === kind && backup.instance === facts.instance) return;
  addProblem('backup.restore-needs-home', {
    severity: 'error',
    message: `${parts.map((part) => partWords[part]).join(' and ')} of this backup cannot be used without the settings and secrets that were backed up with ${parts.length > 1 ? 'them' : 'it'}: this home has others.`,
    next: 'Restore the part `home` as well, or look at the backup first: --to FOLDER',
  });
}

/** Whether `one` is a later version than `other`; what cannot be read is not. */
export function isNewer(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => /^(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number) ?? []);
  if (a?.length !== 3 || b?.length !== 3) return false;
  const at = a.findIndex((part, index) => part !== b[index]);
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0);
}

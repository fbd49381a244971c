// Everything that is wrong: what the plan states, joined with what only settings, clock, cards, files and the doctor know.
import { secretName } from '../apply/context.ts';
import { checkAll } from '../checks/index.ts';
import type { Issue } from '../model/issue.ts';
import { tokenIssue } from '../plan/sandbox-trouble.ts';
import type { Clock, Secrets } from '../ports.ts';
import { addressOf } from './addresses.ts';
import type { CaFile } from './ca-file.ts';
import type { Pass } from './coordinator.ts';
import type { HardwareWatch } from './hardware-watch.ts';
import type { SettingsAccess } from './settings-access.ts';
import type { DoctorWatch } from './stack/doctor-watch.ts';
import type { StackRenewals } from './stack/renewals.ts';

interface IssueGround {
  readonly settings: SettingsAccess;
  readonly secrets: Pick<Secrets, 'get'>;
  readonly clock: Pick<Clock, 'aheadMs'>;
}

/** Who else states issues. */
export interface IssueParts {
  readonly hardware: Pick<HardwareWatch, 'issues'>;
  readonly doctor: Pick<DoctorWatch, 'issues'>;
  readonly renewals: Pick<StackRenewals, 'issues'>;
  readonly ca: CaFile;
}

/** What the plan cannot know is joined to what it states. */
export function allIssues(
  { desired, observed, plan }: Pick<Pass, 'desired' | 'observed' | 'plan'>,
  { settings, secrets, clock }: IssueGround,
  { hardware, ca, doctor, renewals }: IssueParts,
): readonly Issue[] {
  const { gitlab } = settings.current();
  const token = secrets.get(gitlab.kind === 'sandbox' ? secretName.sandboxRootToken : secretName.gitlabToken);
  const address = addressOf(settings.current(), observed.nodes, ca.of(gitlab));
  const lost = tokenIssue(gitlab, { address, gitlab: observed.gitlab }, token !== null);
  const known = lost === null ? plan.issues : plan.issues.filter(({ key }) => key !== 'gitlab.unauthorized');
  const own = [settings.issue(), clockIssue(clock.aheadMs?.() ?? 0), ca.issue(), lost].filter(
    (issue) => issue !== null,
  );
  const found = [
    ...[...own, ...known, ...hardware.issues(known), ...checkAll(desired, observed)],
    ...renewals.issues(),
  ];
  const isSaid = ({ key, subject }: Issue): boolean =>
    found.some((issue) => issue.key === key && issue.subject === subject);
  return [...found, ...doctor.issues().filter((issue) => !isSaid(issue))];
}

/** A clock that was set back by less than this is nobody's business. Milliseconds. */
const notableMs = 60_000;

function clockIssue(aheadMs: number): Issue | null {
  if (aheadMs < notableMs) return null;
  return {
    key: 'host.clock-set-back',
    severity: 'warning',
    subject: 'clock',
    message: `The clock of this machine was set back by ${Math.round(aheadMs / 60_000)} min while AutoGit ran. It counts on from the old time, so the times that it shows are ahead.`,
    next: 'Start AutoGit again when it suits; runners go on.',
  };
}

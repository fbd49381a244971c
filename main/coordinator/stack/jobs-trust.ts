// Programs in containers of jobs as a place of trust: a setting decides whether they are given the root.
import type { TrustPlace } from '../../access-ports.ts';
import { trustFolder } from '../../model/job-trust.ts';
import type { Settings } from '../../model/settings.ts';
import type { RequestContext } from '../requests.ts';

/** By which it is named in `certificate.trust`. */
export const jobsPlaceId = 'jobs';

function placeOf({ gitlab }: Settings): TrustPlace {
  const hasRoot = gitlab.kind === 'server' && gitlab.ca !== null;
  const state = !hasRoot ? 'unavailable' : gitlab.trustInJobs ? 'trusted' : 'not-trusted';
  return {
    ...{ id: jobsPlaceId, kind: 'jobs', label: 'Programs in containers of jobs', path: trustFolder, state },
    why: hasRoot ? null : 'This home serves no GitLab whose certificate is of an own root (gitlab.ca).',
    commands: [],
  };
}

/** As the settings have it: runners that have a job are replaced after it. */
export function jobsPlace({
  settings,
}: {
  readonly settings: Pick<RequestContext['settings'], 'current'>;
}): TrustPlace {
  return placeOf(settings.current());
}

/** What became of a wish that is about jobs alone. */
export function jobsWords(on: boolean, isDone: boolean, dryRun: boolean): string {
  const what = on ? 'trust the root in gitlab.ca' : 'are told nothing of the root in gitlab.ca';
  if (!isDone) return `Programs in containers of jobs ${what} already.`;
  return `Programs in containers of jobs ${dryRun ? 'would from then on' : 'from now on'} ${what}.`;
}

/**
 * Whether programs in jobs trust the root from now on; with `dryRun` nothing is changed. Resolves with the place as it then
 * is, the same where there is no root. Idle runners are replaced, and runners themselves trust it in any case. Rejects like
 * `SettingsAccess.edit`.
 */
export async function setJobsTrust(
  {
    settings,
    coordinator,
  }: {
    readonly settings: Pick<RequestContext['settings'], 'edit'>;
    readonly coordinator: Pick<RequestContext['coordinator'], 'reconsider'>;
  },
  on: boolean,
  dryRun: boolean,
): Promise<TrustPlace> {
  const edit = (present: Settings): Settings =>
    present.gitlab.kind === 'server' && present.gitlab.ca !== null
      ? { ...present, gitlab: { ...present.gitlab, trustInJobs: on } }
      : present;
  const { before, after } = await settings.edit(edit, { dryRun });
  if (!dryRun && after !== before) coordinator.reconsider();
  return placeOf(after);
}

// Whether runner and GitLab belong together.
import { isTooOld, oldestGitlab } from '../../model/gitlab-version.ts';
import type { StackCheck } from './check.ts';
import { versionOf } from './check.ts';

/** https://docs.gitlab.com/runner/#gitlab-runner-versions */
export const checkRunnerVersion: StackCheck = ({ around: { gitlabVersion, runnerVersion } }) => {
  const gitlab = gitlabVersion === null ? null : versionOf(gitlabVersion);
  if (gitlab === null || gitlabVersion === null) return [];
  if (isTooOld([gitlab[0], gitlab[1]]))
    return [
      {
        ...{ key: 'stack.gitlab-old', severity: 'error', subject: 'GitLab' },
        message: `GitLab ${gitlabVersion} is too old: AutoGit makes runners in a way that GitLab ${oldestGitlab.join('.')} was the first to know.`,
        next: 'Update it along its upgrade path: https://docs.gitlab.com/update/upgrade_paths/',
        evidence: [`GitLab: ${gitlabVersion}`],
      },
    ];
  const runner = runnerVersion === null ? null : versionOf(runnerVersion);
  if (runner === null) return [];
  const isNewer = runner[0] > gitlab[0] || (runner[0] === gitlab[0] && runner[1] > gitlab[1]);
  const isOld = runner[0] < gitlab[0];
  if (!isNewer && !isOld) return [];
  return [
    {
      ...{ key: 'stack.runner-version', severity: isNewer ? 'info' : 'warning', subject: 'runners' },
      message: isNewer
        ? `Runners have version ${runnerVersion ?? ''} and GitLab has ${gitlabVersion}: a runner that is newer than GitLab mostly works, and is not what GitLab promises.`
        : `Runners have version ${runnerVersion ?? ''} and GitLab has ${gitlabVersion}: runners of an older main version lack what newer jobs ask for.`,
      next: isNewer
        ? 'Update GitLab when it suits.'
        : 'Use a runner image of the same main version in the settings, or update AutoGit.',
      evidence: [`GitLab: ${gitlabVersion}`, `Runner: ${runnerVersion ?? ''}`],
    },
  ];
};

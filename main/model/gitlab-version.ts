// Versions of GitLab that AutoGit works with.

/** https://docs.gitlab.com/ci/runners/new_creation_workflow/: runners are made by `POST /user/runners` since 15.11. */
export const oldestGitlab = [15, 11] as const;

/** `[19, 3]` of `19.3.0-ee`; `null`: it says no version. */
export function versionParts(version: string): readonly [number, number] | null {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  return major === undefined || minor === undefined ? null : [Number(major), Number(minor)];
}

export function isTooOld([major, minor]: readonly [number, number]): boolean {
  const [oldestMajor, oldestMinor] = oldestGitlab;
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

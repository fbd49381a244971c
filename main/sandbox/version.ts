// Which GitLab the sandbox speaks like.

/** The release whose protocol and shapes are followed. */
export const gitlabVersion = { major: 19, minor: 3, patch: 0, text: '19.3.0', revision: 'sandbox' } as const;

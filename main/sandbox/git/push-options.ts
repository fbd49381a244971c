// Push options (`git push -o …`) as GitLab reads them: https://docs.gitlab.com/topics/git/commit/#push-options-for-gitlab-cicd

export interface PushOptions {
  /** `ci.skip`: a skipped pipeline is created. */
  readonly skipCi: boolean;
  /** `ci.variable="KEY=value"`, in the order given. */
  readonly variables: readonly { readonly key: string; readonly value: string }[];
}

/** Reads what the sandbox carries out; every other option is accepted and has no effect, as on GitLab. */
export function parsePushOptions(options: readonly string[]): PushOptions {
  let skipCi = false;
  const variables: { key: string; value: string }[] = [];
  for (const option of options) {
    const equals = option.indexOf('=');
    const name = equals < 0 ? option : option.slice(0, equals);
    const value = equals < 0 ? null : option.slice(equals + 1);
    if (name === 'ci.skip') skipCi = value === null || value !== 'false';
    if (name === 'ci.variable' && value !== null) {
      const variable = parseVariable(unquote(value));
      if (variable !== null) variables.push(variable);
    }
  }
  return { skipCi, variables };
}

function parseVariable(text: string): { key: string; value: string } | null {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text);
  return match === null ? null : { key: match[1] ?? '', value: match[2] ?? '' };
}

function unquote(text: string): string {
  const match = /^(["'])(.*)\1$/s.exec(text);
  return match === null ? text : (match[2] ?? '');
}

/** `[skip ci]` and its spellings in a commit message (GitLab: lib/gitlab/ci/pipeline/chain/skip.rb). */
export function messageSkipsCi(message: string): boolean {
  return /\[(ci[ _-]skip|skip[ _-]ci)\]/i.test(message);
}

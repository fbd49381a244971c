// Secrets of the stack that others on this machine may read.
import { shellWord, withStack } from './check.ts';

export const checkSecretFiles = withStack((stack, { around: { openSecrets } }) =>
  openSecrets.length === 0
    ? []
    : [
        {
          key: 'stack.secret-open',
          severity: 'warning',
          subject: stack.project,
          message: `Others on this machine may read ${openSecrets.length === 1 ? 'a secret' : `${openSecrets.length} secrets`} of the stack.`,
          next: `Close them: chmod 600 ${openSecrets.map(shellWord).join(' ')}`,
          evidence: openSecrets.map((path) => `${path}: readable by others`),
        },
      ],
);

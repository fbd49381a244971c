// The file of people that Authelia reads: without it, or with one that it cannot read, nobody is let in.
import { withStack } from './check.ts';

const words = {
  missing: [
    'warning',
    'is gone: the next start makes one with the first person alone',
    'Bring it back from a backup before that, or add everybody again: autogit user add',
  ],
  empty: [
    'warning',
    'is empty: the next start makes one with the first person alone',
    'Bring it back from a backup before that, or add everybody again: autogit user add',
  ],
  broken: [
    'error',
    'cannot be read, and Authelia does not start with it',
    'Correct the line, or bring the file back from a backup.',
  ],
  nobody: [
    'warning',
    'has nobody who is enabled: nobody can sign in',
    'Let somebody in again: autogit user enable',
  ],
} as const;

export const checkAutheliaPeople = withStack((stack, { around: { people } }) => {
  if (people === undefined || people === null || people.state === 'fine') return [];
  const [severity, what, next] = words[people.state];
  const subject = `${stack.data}/authelia/users_database.yml`;
  return [
    {
      ...{ key: 'stack.authelia-people', severity, subject, next },
      message: `The file of people ${subject} ${what}.`,
      evidence: [`${subject}: ${people.why ?? people.state}`],
    },
  ];
});

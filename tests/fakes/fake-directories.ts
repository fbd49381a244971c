// A directory in memory: two people, to whoever knows the password.
import type { Directories, DirectoryPerson, DirectoryStep } from '../../main/access-ports.ts';
import { AutoGitError } from '../../main/errors.ts';

export const directoryPassword = 'directory password';

export const directoryPeople: readonly DirectoryPerson[] = [
  { name: 'ana', displayName: 'Ana', email: 'ana@example.net', groups: ['admins'] },
  { name: 'ben', displayName: 'Ben', email: '', groups: [] },
];

function bind(password: string): DirectoryStep {
  const isRight = password === directoryPassword;
  return {
    ...{ key: 'directory.bind', label: 'Sign in', state: isRight ? 'good' : 'bad', next: null },
    message: isRight ? 'Signed in.' : 'The password is wrong.',
  };
}

export function fakeDirectories(): Directories {
  return {
    test: async ({ password }, search) => {
      const step = bind(password);
      const found = directoryPeople.filter(({ name }) => search === null || name === search);
      return { steps: [step], people: step.state === 'good' ? found : [] };
    },
    people: async ({ password }) => {
      const { state, message } = bind(password);
      if (state === 'good') return { people: directoryPeople, isCut: false };
      throw new AutoGitError({ key: 'directory.refused', message, next: 'Set it.' });
    },
  };
}

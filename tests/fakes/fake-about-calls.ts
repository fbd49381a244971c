// What a pretended AutoGit says of itself.
import { AutoGitError } from '../../main/errors.ts';
import type { Calls } from './fake-pool-calls.ts';

const packages = [
  { name: '@base-ui/react', version: '1.9.0', licence: 'MIT' },
  { name: 'better-sqlite3', version: '12.4.1', licence: 'MIT' },
  { name: 'node', version: '24.11.0', licence: 'MIT' },
  { name: 'yaml', version: '2.8.1', licence: 'ISC' },
];

/** Requests about the program. */
export const aboutCalls: Pick<Calls, 'about.show' | 'about.licences'> = {
  'about.show': () => ({
    version: '0.11.0',
    versions: [
      { name: 'AutoGit', version: '0.11.0' },
      { name: 'Node', version: '24.11.0' },
      { name: 'SQLite', version: '3.50.4' },
      { name: 'Engine (docker)', version: '28.1.1' },
      { name: 'System', version: 'linux x64 6.12.48' },
    ],
    home: '/home/somebody/.local/share/autogit',
    instance: '12345678-0000-8000-a000-000000000001',
    licence: 'MIT',
  }),
  'about.licences': ({ name }) => {
    const texts = packages
      .filter((one) => one.name === name)
      .map((one) => ({ ...one, text: `The ${one.licence} licence of ${one.name}.` }));
    if (name !== undefined && texts.length === 0)
      throw new AutoGitError({
        key: 'about.unknown-package',
        message: 'It is not there.',
        next: 'Choose another.',
      });
    return { packages, texts };
  },
};

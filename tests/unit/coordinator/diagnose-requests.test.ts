// Collecting what a helper needs: from parts that may fail, and from a whole core.
import { describe, expect, it } from 'vitest';
import { collectDiagnosis } from '../../../main/coordinator/diagnose-requests.ts';
import type { DiagnoseContext } from '../../../main/coordinator/diagnose-requests.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { documents } from '../../../main/plan/diagnose/documents.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import { someAnswers } from '../../fakes/some-stack.ts';

const nothing: DiagnoseContext['sources'] = {
  documents: {
    ...{
      'versions.json': async () => ({}),
      'doctor.json': async () => ({}),
      'machine.json': async () => ({}),
    },
    ...{ 'settings.json': async () => ({}), 'snapshot.json': async () => ({}), 'audit.json': async () => [] },
    ...{ 'stack/status.json': async () => ({}), 'stack/plan.json': async () => null },
    'containers.json': async () => [],
  },
  stackFiles: async () => ({}),
  serviceLogs: async () => ({}),
  ownLog: async () => '',
  secrets: () => [],
};

describe('a diagnosis', () => {
  it('goes without the parts that fail, and says why', async () => {
    const { files } = await collectDiagnosis({
      now: () => 0,
      sources: {
        ...nothing,
        documents: {
          ...nothing.documents,
          'containers.json': () =>
            Promise.reject(new AutoGitError({ key: 'compose.missing', message: 'No Compose.', next: '' })),
        },
        ownLog: () => Promise.reject(new Error('no disk')),
      },
    });
    const paths = files.map(({ path }) => path);
    expect(paths).not.toContain('containers.json');
    expect(paths).toContain('audit.json');
    expect(files[0]?.text).toContain('containers.json: No Compose. (compose.missing)');
    expect(files[0]?.text).toContain('logs/autogit.log: no disk');
  });

  it('of a whole core has every document, and no secret of its home, settings or stack', async () => {
    const secrets = {
      'gitlab.token': 'a token that looks like words',
      'stack/lab/gitlab-root-password': 'rootpasswordinsmallletters',
      'entry.default': 'glrt-t3_9sKdL2mQxZ7vB4nRt1Yw',
    };
    const password = 'a-password-in-the-environment';
    const world = createWorld({ pools: [{ name: 'default', env: { REGISTRY_AUTH: password } }] });
    for (const [name, value] of Object.entries(secrets)) await world.secrets.set(name, value);
    world.stack.journal.setCurrent({ ...someAnswers, templates: { mail: { host: password } } });
    await world.stack.folder.write('lab', 'gitlab/gitlab.rb', `x = '${secrets['gitlab.token']}'\n`, 0o644);
    await world.stack.folder.write('lab', 'mine.txt', 'of a person\n', 0o644);
    world.stack.journal.wrote('lab', 'gitlab/gitlab.rb', 'hash');
    const open = await openLab(world);
    const { files } = await open.call('diagnose.collect', {});
    await closeLab(world, open);
    const whole = files.map(({ path, text }) => `${path}\n${text}`).join('\n');
    for (const secret of [...Object.values(secrets), password]) expect(whole).not.toContain(secret);
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(Object.keys(documents)));
    expect(paths).toContain('stack/files/gitlab/gitlab.rb');
    expect(paths).not.toContain('stack/files/mine.txt');
    expect(whole).toContain('"REGISTRY_AUTH": null');
    expect(whole).toContain('lab.home.arpa');
  });
});

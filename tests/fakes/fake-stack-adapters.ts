// The edges of a stack in memory, for a core that has a home.
import type { StackAdapters } from '../../main/coordinator/stack/stack-desk.ts';
import type { TemplateSource } from '../../main/model/stack/template.ts';
import { FakeCompose } from './fake-stack-compose.ts';
import { fakeCrypto } from './fake-stack-crypto.ts';
import { FakeGitlabServer } from './fake-stack-gitlab.ts';
import { FakeStackFolder } from './fake-stack-folder.ts';
import { FakeStackImages } from './fake-stack-images.ts';
import { FakeStackJournal } from './fake-stack-journal.ts';
import { FakeDnsProvider, FakeResolver } from './fake-stack-names.ts';
import { fakeTemplates } from './fake-stack-templates.ts';

export interface FakeStack extends StackAdapters {
  readonly journal: FakeStackJournal;
  readonly compose: FakeCompose;
  readonly folder: FakeStackFolder;
  readonly images: FakeStackImages;
  readonly gitlab: FakeGitlabServer;
}

/** Everything of a stack that outlives the core. */
export function fakeStackAdapters(templates: readonly TemplateSource[] = []): FakeStack {
  const folder = new FakeStackFolder();
  const images = new FakeStackImages();
  const gitlab = new FakeGitlabServer();
  return {
    ...{
      folder,
      images,
      gitlab,
      journal: new FakeStackJournal(),
      crypto: fakeCrypto(),
      resolver: new FakeResolver(),
    },
    compose: new FakeCompose({ readFile: folder.readFile, onExec: gitlab.railsRunner }),
    templates: fakeTemplates(templates),
    createImages: () => images,
    connectDnsProvider: () => new FakeDnsProvider(),
    lookAtSsh: async () => ({ banner: null, why: 'nothing listens there', keys: [] }),
    lookAtDoor: async (url) => ({
      // As GitLab refuses somebody who is not named.
      ...{ url, status: 401, location: null, cookies: [], body: '', certificate: null, clockAheadMs: null },
    }),
    readText: async (file) => Promise.reject(new Error(`${file} is not there`)),
  };
}

// The edges of a stack in memory, for a core that has a home.
import type { StackAdapters } from '../../main/coordinator/stack/stack-desk.ts';
import type { TemplateSource } from '../../main/model/stack/template.ts';
import { fakeDirectories } from './fake-directories.ts';
import { FakeCompose } from './fake-stack-compose.ts';
import { fakeCrypto } from './fake-stack-crypto.ts';
import { FakeGitlabServer } from './fake-stack-gitlab.ts';
import { FakeStackFolder } from './fake-stack-folder.ts';
import { FakeStackImages } from './fake-stack-images.ts';
import { FakeStackJournal } from './fake-stack-journal.ts';
import { FakeDnsProvider, FakeResolver } from './fake-stack-names.ts';
import { fakeTemplates } from './fake-stack-templates.ts';
import { FakeAuthelia, FakeGitlabPeople, FakePeopleFile } from './fake-people.ts';

export interface FakeStack extends StackAdapters {
  readonly journal: FakeStackJournal;
  readonly compose: FakeCompose;
  readonly folder: FakeStackFolder;
  readonly images: FakeStackImages;
  readonly gitlab: FakeGitlabServer;
  readonly peopleFile: FakePeopleFile;
  readonly gitlabPeople: FakeGitlabPeople;
  readonly authelia: FakeAuthelia;
}

/** Everything of a stack that outlives the core. */
export function fakeStackAdapters(templates: readonly TemplateSource[] = []): FakeStack {
  const folder = new FakeStackFolder();
  const images = new FakeStackImages();
  const gitlab = new FakeGitlabServer();
  const gitlabPeople = new FakeGitlabPeople();
  const authelia = new FakeAuthelia();
  return {
    ...{
      folder,
      images,
      gitlab,
      journal: new FakeStackJournal(),
      crypto: fakeCrypto(),
      resolver: new FakeResolver(),
    },
    compose: new FakeCompose({
      readFile: folder.readFile,
      onExec: (call) => (call.service === 'authelia' ? authelia.exec(call) : gitlab.railsRunner(call)),
    }),
    ...{ gitlabPeople, authelia, peopleFile: new FakePeopleFile(), connectPeople: gitlabPeople.connect },
    renderQr: (text) => [text.length % 2 === 0 ? '10' : '01'],
    templates: fakeTemplates(templates),
    createImages: () => images,
    connectDnsProvider: () => new FakeDnsProvider(),
    changeStore: async () => undefined,
    tryDnsToken: async () => ({ kind: 'not-tried', said: 'a fake' }),
    lookOutside: {
      domain: async () => ({ zone: null, caa: null }),
      name: async () => null,
      ownAddress: async () => null,
    },
    directories: fakeDirectories(),
    lookAtPlace: async () => null,
    signInWeb: {
      resolve: async () => [],
      ask: async (url) => Promise.reject(new Error(`${url} does not answer`)),
    },
    showPage: async () => ({ port: 8899, close: async () => undefined }),
    lookAtSsh: async () => ({ banner: null, why: 'nothing listens there', keys: [] }),
    lookAtDoor: async (url) => ({
      // As GitLab refuses somebody who is not named.
      ...{ url, status: 401, location: null, cookies: [], body: '', certificate: null, clockAheadMs: null },
    }),
    readText: async (file) => Promise.reject(new Error(`${file} is not there`)),
  };
}

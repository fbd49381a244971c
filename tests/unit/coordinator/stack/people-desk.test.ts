// People brought into step by themselves: what is waited for, how often GitLab is asked, and what becomes an issue.
import { beforeEach, describe, expect, it } from 'vitest';
import { secretName } from '../../../../main/apply/context.ts';
import { createPeopleDesk } from '../../../../main/coordinator/stack/people-desk.ts';
import type { PeopleDesk } from '../../../../main/coordinator/stack/people-desk.ts';
import { AutoGitError } from '../../../../main/errors.ts';
import { renderStack } from '../../../../main/templates/render-stack.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { memorySecrets } from '../../../fakes/fake-context.ts';
import { aPerson, FakeAuthelia, FakeGitlabPeople, FakePeopleFile } from '../../../fakes/fake-people.ts';
import { FakeCompose } from '../../../fakes/fake-stack-compose.ts';
import { FakeStackFolder } from '../../../fakes/fake-stack-folder.ts';
import { FakeStackJournal } from '../../../fakes/fake-stack-journal.ts';
import { silentLog } from '../../../fakes/silent-log.ts';
import { bundledTemplates, someAnswers, someFacts } from '../../../fakes/stack-templates.ts';

const minute = 60_000;

let clock: FakeClock;
let journal: FakeStackJournal;
let peopleFile: FakePeopleFile;
let authelia: FakeAuthelia;
let gitlab: FakeGitlabPeople;
let desk: PeopleDesk;
/** Instants at which GitLab's people were asked for. */
let asked: number[];

beforeEach(async () => {
  [clock, journal, peopleFile] = [new FakeClock(), new FakeStackJournal(), new FakePeopleFile()];
  [authelia, gitlab, asked] = [new FakeAuthelia(), new FakeGitlabPeople(), []];
  peopleFile.people = [aPerson({ name: 'ana' }), aPerson({ name: 'ben' })];
  const people = gitlab.people.bind(gitlab);
  gitlab.people = () => {
    asked.push(clock.monotonic());
    return people();
  };
  const secrets = memorySecrets();
  await secrets.set(secretName.gitlabToken, 'its token');
  desk = createPeopleDesk({
    ...{ clock, journal, peopleFile, secrets, log: silentLog, folder: new FakeStackFolder() },
    compose: new FakeCompose({ readFile: () => null, onExec: (call) => authelia.exec(call) }),
    connectPeople: () => gitlab,
    home: { otherGitlab: () => null },
    runs: { aside: (work) => work(new AbortController().signal) },
    engine: () => 'unix:///nowhere.sock',
    render: async (answers) => renderStack({ answers, templates: bundledTemplates(), facts: someFacts() }),
    onChange: () => undefined,
  });
  stands();
});

function stands(change: Readonly<Record<string, unknown>> = {}): void {
  const answers = someAnswers({ sso: 'authelia', ...change });
  journal.setStanding({ answers, isUp: true, isKept: false, services: {} });
}

/** So many minutes, each with a look; what is an issue then. */
async function minutes(count: number): Promise<readonly string[]> {
  for (let passed = 0; passed < count; passed += 1) {
    await desk.look();
    await clock.advance(minute);
  }
  return desk.issues().map(({ message }) => message);
}

describe('people', () => {
  it('wait for an Authelia that is being restarted, which is nobody’s issue', async () => {
    authelia.isUp = false;
    expect(await minutes(3)).toEqual([]);
    authelia.isUp = true;
    expect(await minutes(5)).toEqual([]);
    expect(gitlab.account('ana')?.state).toBe('active');
  });

  it('are an issue where Authelia goes on refusing one, and the others are in step meanwhile', async () => {
    authelia.refusing.add('ana');
    expect(await minutes(5)).toEqual([]);
    expect(gitlab.account('ben')?.state).toBe('active');
    const [message = ''] = await minutes(25);
    expect(message).toContain('ana: ');
    asked = [];
    await minutes(60);
    // Before and after what is done, every ten minutes.
    expect(asked.length).toBeLessThanOrEqual(12);
    authelia.refusing.clear();
    expect(await minutes(11)).toEqual([]);
    expect(gitlab.account('ana')?.state).toBe('active');
  });

  it('are looked at the sooner when their file is another one', async () => {
    authelia.refusing.add('ana');
    await minutes(30);
    peopleFile.people = [aPerson({ name: 'ben' }), aPerson({ name: 'cleo' })];
    expect(await minutes(1)).toEqual([]);
    expect(gitlab.account('cleo')?.state).toBe('active');
  });

  it('are no issue any more once their file is gone', async () => {
    peopleFile.problem = new AutoGitError({ key: 'user.file-invalid', message: 'Line 3.', next: 'Mend it.' });
    expect(await minutes(1)).toHaveLength(1);
    Object.assign(peopleFile, { problem: null, people: null });
    expect(await minutes(1)).toEqual([]);
  });

  it('are left alone while the stack tries certificates that nobody trusts', async () => {
    stands({ tls: { mode: 'acme-http', email: 'ana@example.net', staging: true } });
    expect(await minutes(20)).toEqual([]);
    expect(asked).toEqual([]);
  });
});

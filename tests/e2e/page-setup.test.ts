// The first set-up in a real browser: each decision to its end, by mouse and by keyboard, left and come back to.
import type { Locator, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import type { Output } from '../../main/contract/contract.ts';
import type { SetupDraft } from '../../main/contract/requests/setup.ts';
import { AutoGitError } from '../../main/errors.ts';
import { createFakeAccess } from '../fakes/fake-access-calls.ts';
import { createFakeCore } from '../fakes/fake-core.ts';
import type { FakeCore } from '../fakes/fake-core.ts';
import { createFakeInstall } from '../fakes/fake-install-calls.ts';
import type { FakeInstall } from '../fakes/fake-install-calls.ts';
import { createSetupCalls } from '../fakes/fake-setup-calls.ts';
import { auditedWindows, faultsOf } from './audit.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { button, heading, inputsOf } from './page-parts.ts';

const { serve, open } = usePages();

interface Lab {
  readonly core: FakeCore;
  readonly install: FakeInstall;
}

function lab(draft: Partial<SetupDraft> | null = null, own: Parameters<typeof createFakeCore>[2] = {}): Lab {
  const install = createFakeInstall();
  const nothing = {
    connect: { url: '', runnerUrl: '', ca: '' },
    answers: {},
    way: null,
    step: 'start',
  } as const;
  const kept = createSetupCalls(draft === null ? null : { ...nothing, ...draft });
  const calls = { ...createFakeAccess().calls, ...install.calls, ...kept, ...own };
  return { install, core: createFakeCore(undefined, undefined, calls, undefined, install.streams) };
}

/** What the core would show somebody who comes back. */
const keptStep = async (core: FakeCore): Promise<string | undefined> =>
  (await core.call('setup.show', {})).draft?.step;
const focused = (page: Page): Promise<string> =>
  page.evaluate(`document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.name ?? ''`);
/** Presses Tab until this has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('nothing leads there by Tab');
}

const finding: Output<'doctor.run'>['findings'][number] = {
  ...{ key: 'host.data-folder', subject: '/srv/lab', message: 'The folder /srv/lab is missing.' },
  ...{ next: 'Make it: mkdir /srv/lab', evidence: ['/srv is there'] },
  severity: 'warning',
  area: 'hardware',
  fix: {
    ...{ request: 'doctor.fix', deed: 'make-folder', target: '/srv/lab' },
    summary: 'makes the folder /srv/lab',
  },
};

describe.skipIf(!canBrowse)('the first decision', () => {
  it('is led to from an empty home, and the machine is looked at meanwhile: problems have a fix to press', async () => {
    const { core } = lab(null, {
      'doctor.run': () => ({
        ...{ healthy: false, areas: ['hardware'], checks: 9, unknown: [] },
        findings: [finding],
      }),
    });
    const page = await open(await serve(core));
    await button(page, 'Set up AutoGit').click();
    await heading(page, 'What should AutoGit work with?');
    await page.getByText(/^attic has 16 threads/).waitFor();
    const problem = page.getByRole('list', { name: 'Problems of this machine' }).getByRole('listitem');
    await problem.getByText('mkdir /srv/lab').waitFor();
    await button(problem, /^Mend it/).click();
    await button(page.getByRole('dialog'), /^Mend it: makes the folder/).click();
    await expect
      .poll(() => inputsOf(core, 'doctor.fix'))
      .toContainEqual({ only: ['host.data-folder /srv/lab'], dryRun: false });
  });

  it('to try it ends with the first green job, seen live, and what somebody has now', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/setup');
    await page.getByText('Try it', { exact: true }).click();
    await button(page, 'Next').click();
    await button(page, 'Start the sandbox').click();
    await page.getByRole('link', { name: 'build 2' }).waitFor();
    expect(await button(page, 'Next').getAttribute('aria-disabled')).toBe('true');
    await expect
      .poll(async () => {
        core.world.step();
        return page.getByText('The first green job.').count();
      })
      .toBe(1);
    await button(page, 'Next').click();
    await heading(page, 'What you have now');
    await page.getByText('The first green job.').waitFor();
    await page.getByRole('link', { name: 'http://127.0.0.1:4100' }).waitFor();
    await page.getByRole('link', { name: 'Open Backups' }).waitFor();
    expect(await page.content()).not.toContain('glpat-pretended');
    expect(await keptStep(core)).toBe('end');
  });

  it('to use a GitLab that is there is looked at before it is taken, and keeps no token', async () => {
    const { core } = lab({ way: 'connect', step: 'connect' });
    const page = await open(await serve(core), '/setup');
    await button(page, 'Look whether it can be used').click();
    await page.getByText('2 fields to mend first, in red.').waitFor();
    expect(await focused(page)).toBe('url');
    await page.getByLabel('Address', { exact: true }).fill('https://git.example.org');
    const token = page.getByLabel('Access token of an administrator');
    await token.fill('glpat-a-real-one');
    await page.getByText('It has a certificate of its own authority').click();
    await page.getByLabel('File of the root of its certificate').fill('/etc/ssl/lab-root.pem');
    core.failNext(
      'gitlab.connect',
      new AutoGitError({
        key: 'gitlab.unauthorized',
        message: 'The token is refused.',
        next: 'Make another.',
      }),
    );
    await button(page, 'Look whether it can be used').click();
    await page.getByRole('alert').getByText('The token is refused.').waitFor();
    await button(page, 'Look whether it can be used').click();
    await page.getByText('root, an administrator').waitFor();
    const input = {
      url: 'https://git.example.org',
      token: 'glpat-a-real-one',
      replace: false,
      ca: '/etc/ssl/lab-root.pem',
    };
    expect(inputsOf(core, 'gitlab.connect')).toEqual([{ ...input, dryRun: true }]);
    await button(page, /^Use GitLab/).click();
    await heading(page, 'What you have now');
    expect(inputsOf(core, 'gitlab.connect').at(-1)).toEqual({ ...input, dryRun: false });
    expect(JSON.stringify(inputsOf(core, 'setup.keep'))).not.toContain('glpat-a-real-one');
  });
});

describe.skipIf(!canBrowse)('installing', () => {
  it('asks three things, shows the plan, does what was agreed to, and ends with a sheet', async () => {
    const { core, install } = lab({ way: 'install', step: 'place' });
    const page = await open(await serve(core), '/setup');
    await button(page, 'Next').click();
    await page.getByText(/^The answer data is missing/).waitFor();
    await expect.poll(() => focused(page)).toBe('data');
    await page.getByLabel('Where data lives').fill('/srv/lab');
    await page.getByText('https://gitlab.lab.home.arpa', { exact: true }).waitFor();
    await button(page, 'Next').click();
    await heading(page, 'How do browsers and git know that it is your lab?');
    await button(page, 'Test this way').click();
    await page.getByRole('list', { name: 'What was checked' }).waitFor();
    await button(page, 'Next').click();
    await heading(page, 'Who signs in, and how?');
    await page.getByText('a one-time password by a QR code').waitFor();
    await page.getByLabel('Your user name').fill('ana');
    await button(page, 'Next: the plan').click();
    await heading(page, 'This is what would be done');
    expect(inputsOf(core, 'stack.up')).toEqual([]);
    await button(page, 'Agree, and install it').click();
    await heading(page, 'The lab is being set up');
    const { plan } = await core.call('stack.plan', { answers: answersOf(core) });
    expect(inputsOf(core, 'stack.up')).toMatchObject([
      {
        ...{ plan: plan?.hash, wait: false },
        answers: { lab: 'lab', data: '/srv/lab', tls: { mode: 'local-ca' }, admin: { username: 'ana' } },
      },
    ]);

    await page.getByRole('link', { name: 'Overview' }).first().click();
    install.tell({ step: 'pull', message: 'Pulling 5 images' });
    await page.goto(page.url().replace(/#.*/, '#/setup'));
    await page.getByText('Pulling 5 images').waitFor();
    install.tell({ step: 'runners', message: 'Everything is up.', outcome: 'done' });
    await expect.poll(() => button(page, 'Next').getAttribute('aria-disabled')).toBe(null);
    await button(page, 'Next').click();
    await heading(page, 'What you have now');
    expect(await page.content()).not.toContain('a-pretended-password');
    const sheet = page.getByLabel('Recovery sheet').last();
    expect(await sheet.textContent()).toContain('autogit stack secret gitlab-root-password');
    await button(page, 'Show the first passwords').click();
    await expect.poll(() => sheet.textContent()).toContain('a-pretended-password');
    const saving = page.waitForEvent('download');
    await button(page, 'Save as a file').click();
    expect((await saving).suggestedFilename()).toBe('autogit-recovery-sheet.txt');
    const titles = () => page.getByRole('heading', { name: 'AutoGit: Recovery sheet' });
    expect(await titles().count()).toBe(1);
    await page.emulateMedia({ media: 'print' });
    // The sheet alone, whole, on as many pages as it needs.
    expect(await page.getByRole('heading').allTextContents()).toEqual(
      expect.arrayContaining(['AutoGit: Recovery sheet', 'When the machine is lost']),
    );
    expect(await page.getByRole('button').count()).toBe(0);
    await page.emulateMedia({ media: null });
    await button(page, 'Show a page for them').waitFor();
  });

  it("with Let's Encrypt by DNS tries the token, and gives it to the secrets of the home alone", async () => {
    const { core } = lab({
      way: 'install',
      step: 'certificates',
      answers: { lab: 'lab', data: '/srv/lab', domain: 'lab.example.net' },
    });
    const page = await open(await serve(core), '/setup');
    await page.getByText("Let's Encrypt by DNS", { exact: true }).click();
    await page.getByText('A domain of yours, and a token of whoever keeps its records.').waitFor();
    await page.getByLabel('DNS provider').selectOption('cloudflare');
    await page.getByLabel('E-mail', { exact: true }).fill('ana@example.net');
    await page.getByLabel('Token').fill('bad-token');
    await button(page, 'Test this way').click();
    await page.getByText('does not know this token').waitFor();
    expect(inputsOf(core, 'certificate.check').at(-1)).toMatchObject({
      ...{ domain: 'lab.example.net', tls: { mode: 'acme-dns', provider: 'cloudflare' } },
      secrets: { 'cf-dns-api-token': 'bad-token' },
    });
    await page.getByLabel('Token').fill('good-token-12345');
    await button(page, 'Next').click();
    await heading(page, 'Who signs in, and how?');
    expect(inputsOf(core, 'stack.set-secret')).toEqual([
      { name: 'cf-dns-api-token', lab: 'lab', value: 'good-token-12345', dryRun: false },
    ]);
    expect(JSON.stringify(inputsOf(core, 'setup.keep'))).not.toContain('-token');
  });

  it('with a directory tries it with its password', async () => {
    const { core } = lab({ way: 'install', step: 'people', answers: { lab: 'lab', data: '/srv/lab' } });
    const page = await open(await serve(core), '/setup');
    await page.getByText('A directory', { exact: true }).click();
    await page.getByLabel('Address of the directory').fill('ldaps://ldap.example.net');
    await page.getByLabel('Where it begins').fill('dc=example,dc=net');
    await page.getByLabel('Who searches', { exact: true }).fill('cn=reader,dc=example,dc=net');
    await page.getByLabel('Password of who searches').fill('right');
    await button(page, 'Test this directory').click();
    await page.getByText(/found: ana/).waitFor();
    expect(inputsOf(core, 'directory.test').at(-1)).toMatchObject({
      directory: { kind: 'ldap', address: 'ldaps://ldap.example.net' },
      password: 'right',
    });
  });

  it('opens every other setting to whoever looks for it', async () => {
    const { core } = lab({ way: 'install', step: 'review', answers: { lab: 'lab', data: '/srv/lab' } });
    const page = await open(await serve(core), '/setup');
    await page.getByRole('link', { name: 'Advanced' }).click();
    await page.getByText('Advanced', { exact: true }).last().click();
    await page.getByLabel('Port for https').fill('8443');
    await button(page, 'To the plan').click();
    await page.getByText('https://gitlab.lab.home.arpa:8443').first().waitFor();
  });
});

/** The answers that were given last. */
function answersOf(core: FakeCore): Record<string, unknown> {
  const input = core.calls.findLast(({ name }) => name === 'stack.up')?.input;
  const answers: unknown =
    typeof input === 'object' && input !== null && 'answers' in input ? input.answers : {};
  return typeof answers === 'object' && answers !== null ? { ...answers } : {};
}

describe.skipIf(!canBrowse)('the set-up', () => {
  it('goes by keyboard alone, with the focus where somebody goes on', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/setup');
    await heading(page, 'What should AutoGit work with?');
    await tabTo(page, page.getByRole('radio').first());
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await heading(page, 'What is the lab called');
    await expect.poll(() => focused(page)).toContain('What is the lab called');
    await tabTo(page, page.getByLabel('Where data lives'));
    await page.keyboard.type('/srv/lab');
    await page.keyboard.press('Enter');
    await heading(page, 'How do browsers and git know');
    await tabTo(page, page.getByRole('link', { name: 'Back', exact: true }));
    await page.keyboard.press('Enter');
    await heading(page, 'What is the lab called');
    expect(await page.getByLabel('Where data lives').inputValue()).toBe('/srv/lab');
  });

  it('is there again for whoever comes back, also in another window, until it is begun anew', async () => {
    const { core } = lab({ way: 'install', step: 'place' });
    const doors = await serve(core);
    const page = await open(doors, '/setup');
    await page.getByLabel('Where data lives').fill('/mnt/big/lab');
    await expect
      .poll(async () => (await core.call('setup.show', {})).draft?.answers)
      .toMatchObject({ data: '/mnt/big/lab' });
    const other = await open(doors, '/setup');
    await heading(other, 'What is the lab called');
    expect(await other.getByLabel('Where data lives').inputValue()).toBe('/mnt/big/lab');
    await button(other, 'Begin anew').click();
    await heading(other, 'What should AutoGit work with?');
    expect((await core.call('setup.show', {})).draft).toBeNull();
  });

  it('says so when the answers cannot be kept, and keeps them with the next one', async () => {
    const { core } = lab({ way: 'install', step: 'place' });
    const page = await open(await serve(core), '/setup');
    const data = page.getByLabel('Where data lives');
    await data.waitFor();
    core.failNext(
      'setup.keep',
      new AutoGitError({ key: 'store.full', message: 'The disk is full.', next: 'Free some space.' }),
    );
    await data.fill('/srv/a');
    await page.getByText('Your answers are not kept: The disk is full.').waitFor();
    await data.fill('/srv/b');
    await page.getByText('Your answers are kept').waitFor();
  });

  it('has nothing that those who see it badly, or not at all, would stumble over', async () => {
    const answers = { lab: 'lab', data: '/srv/lab' };
    const steps = ['start', 'place', 'certificates', 'people', 'more', 'review', 'end'] as const;
    const { core } = lab({ way: 'install', step: 'start', answers });
    const doors = await serve(core);
    const looks = auditedWindows.filter(({ colorScheme, viewport }) =>
      colorScheme === 'light' ? viewport.width === 480 : viewport.width !== 480,
    );
    for (const look of looks) {
      const page = await open(doors, '/setup', look);
      for (const step of steps) {
        await page.goto(`${doors.address}/#/setup/${step}`);
        await page.locator('[aria-current="step"]').waitFor();
        await expect.poll(() => page.getByText(/^Reading /).count()).toBe(0);
        // The lines of a difference are not broken: it scrolls by itself.
        const faults = (await faultsOf(page)).filter((line) => !line.startsWith('too wide: DIV._diff'));
        expect(faults, `${step} ${look.colorScheme} ${look.viewport.width}`).toEqual([]);
      }
    }
  });
});

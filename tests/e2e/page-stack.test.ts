// The Stack page in a real browser: services and their logs, another set-up from form to run, secrets, and taking it away.
import type { Locator, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { AutoGitError } from '../../main/errors.ts';
import { createStackPage } from '../fakes/fake-stack-page.ts';
import type { FakeStackPage } from '../fakes/fake-stack-page.ts';
import { auditedWindows, faultsOf, hostileNames } from './audit.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { button, done, inputsOf } from './page-parts.ts';

const { serve, open } = usePages();

const row = (page: Page, name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
const inputs = ({ core }: FakeStackPage, wanted: string): readonly unknown[] => inputsOf(core, wanted);
const given = (answers: object): string =>
  `/stack?tab=change&answers=${encodeURIComponent(JSON.stringify(answers))}`;

describe.skipIf(!canBrowse)('services', () => {
  it('are listed with state, version and restarts; what is ill says so, also when it becomes so', async () => {
    const stack = createStackPage({ services: { authelia: { state: 'restarting', restarts: 14 } } });
    const page = await open(await serve(stack.core), '/stack');
    await page.getByRole('heading', { level: 1, name: 'The lab "lab" is up.' }).waitFor();
    await row(page, 'gitlab').getByText('Healthy').waitFor();
    await row(page, 'gitlab')
      .getByText(/^\d+\.\d+\.\d+-ce\.0$/)
      .waitFor();
    await row(page, 'authelia').getByText('Restarting').waitFor();
    await row(page, 'authelia').getByText('14', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'https://gitlab.lab.home.arpa' }).waitFor();
    const services = (await stack.core.call('stack.status', {})).services.map((one) =>
      one.service === 'gitlab' ? { ...one, health: 'unhealthy' as const } : one,
    );
    stack.change({ state: 'degraded', sentence: 'The lab does not run whole: gitlab.', services });
    await page.getByRole('heading', { level: 1, name: 'does not run whole' }).waitFor();
    await row(page, 'gitlab').getByText('Unhealthy').waitFor();
  });

  it('open by keyboard with their log, and restart after the plan was shown', async () => {
    const stack = createStackPage();
    const page = await open(await serve(stack.core), '/stack');
    await row(page, 'gitlab').waitFor();
    await page.getByRole('grid', { name: 'Services' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'Service traefik' });
    await panel.getByRole('log', { name: 'Log of traefik' }).getByText('traefik-1 | ready').waitFor();
    await panel.getByText('autogit stack logs traefik --follow').waitFor();
    await button(panel, 'Restart it').click();
    await page.getByRole('dialog').getByText('Would restart traefik.').waitFor();
    await done(page, 'Restart traefik');
    expect(inputs(stack, 'stack.restart').at(-1)).toEqual({
      services: ['traefik'],
      wait: false,
      dryRun: false,
    });
    await button(panel, 'Restart it').and(page.locator('[aria-disabled=true]')).waitFor();
    await page.getByRole('link', { name: 'Progress' }).click();
    await page.getByRole('list', { name: 'Steps' }).getByText('Restart services').waitFor();
    stack.tell({ step: 'health', outcome: 'done', message: 'Everything is well.' });
    await page.getByText('Services were restarted').waitFor();
  });

  it('teach where there is none, and say cause and next step when they cannot be told', async () => {
    const none = await open(
      await serve(createStackPage({ answers: null, gitlab: 'sandbox' }).core),
      '/stack',
    );
    await none.getByText('The sandbox stands in for GitLab').waitFor();
    expect(await none.getByRole('link', { name: 'Set one up' }).getAttribute('href')).toBe('#/setup');
    const stack = createStackPage();
    const page = await open(await serve(stack.core));
    const problem = { key: 'stack.none', message: 'Its folder cannot be read.', next: 'Look at it.' };
    stack.core.failNext('stack.status', new AutoGitError(problem));
    await page.getByRole('link', { name: 'Stack', exact: true }).click();
    await page.getByRole('alert').getByText('Its folder cannot be read.').waitFor();
    await button(page, 'Ask again').click();
    await row(page, 'gitlab').waitFor();
  });

  it('that nobody knows of are not said to be gone', async () => {
    const status = { state: 'unknown' as const, services: [], sentence: 'Nobody knows how the lab stands.' };
    const page = await open(await serve(createStackPage({ status }).core), '/stack');
    await page.getByText('Nobody knows which services run').waitFor();
    await page.getByRole('link', { name: 'Look at the engine' }).waitFor();
  });
});

describe.skipIf(!canBrowse)('another set-up', () => {
  const form = (page: Page): Locator => page.getByRole('form', { name: 'Set-up' });

  it('begins with the present answers; what is wrong stands at its field while it is typed', async () => {
    const stack = createStackPage({ answers: { policy: { sessionDays: 14 } } });
    const page = await open(await serve(stack.core), '/stack?tab=change');
    const name = form(page).getByLabel('Name of the lab');
    expect(await name.inputValue()).toBe('lab');
    await name.fill('Lab_x');
    await form(page).getByText('has capital letters').waitFor();
    expect(await name.getAttribute('aria-invalid')).toBe('true');
    await button(form(page), 'Show what changes').click();
    await form(page).getByText('have to be mended first').waitFor();
    await name.fill('lab');
    await expect.poll(() => name.getAttribute('aria-invalid')).toBe(null);
    await form(page).getByText("Let's Encrypt by DNS").click();
    await form(page).getByText('The answer tls.email is missing').waitFor();
    await form(page).getByText('Of this lab', { exact: true }).click();
    await form(page).getByText('Every other setting').click();
    await form(page).getByLabel('Search the settings').fill('sign-out');
    const days = form(page).getByLabel('Days until sign-out');
    expect(await days.inputValue()).toBe('14');
    expect(await form(page).getByLabel('Port for https').count()).toBe(0);
    await days.fill('3');
    await form(page).getByText('Default: 7').waitFor();
    await form(page).getByText('Now: 14').waitFor();
  });

  it('goes from the form to the plan to the run, as agreed', async () => {
    const stack = createStackPage();
    const page = await open(await serve(stack.core), '/stack?tab=change');
    await form(page).getByText('Every other setting').click();
    await form(page).getByLabel('Port for https').fill('8443');
    await form(page).getByText('Now: 443').waitFor();
    await expect
      .poll(() => inputs(stack, 'stack.plan').at(-1))
      .toMatchObject({ answers: { ports: { https: 8443 }, tls: { mode: 'local-ca' } } });
    await form(page).getByText('Nothing is changed before').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^It makes anew .* and writes \d+ files\.$/ }).waitFor();
    await page.getByText('gitlab does not answer for about').waitFor();
    await page.getByText('ports.https').waitFor();
    await page.getByText('Files', { exact: true }).click();
    await page.getByText('traefik/traefik.yml', { exact: true }).click();
    await page
      .getByRole('region', { name: 'Difference of traefik/traefik.yml' })
      .getByText('8443')
      .first()
      .waitFor();
    await button(page, 'Apply this plan').click();
    const steps = page.getByRole('list', { name: 'Steps' });
    stack.tell({
      ...{ step: 'pull', message: 'Pulling 2 images' },
      pulls: [
        { reference: 'gitlab/gitlab-ce:19', layers: [], current: 4e8, total: 16e8, done: false },
        { reference: 'traefik:v3', layers: [], current: 0, total: 0, done: false },
      ],
    });
    await steps.getByText('400 MB of 1.6 GB').waitFor();
    await steps.getByText('its size is not known yet').waitFor();
    expect(await steps.getByRole('progressbar').count()).toBe(1);
    const [up] = inputs(stack, 'stack.up');
    expect(up).toMatchObject({ answers: { ports: { https: 8443 } }, wait: false });
    expect(up).toHaveProperty('plan');
    stack.tell({ step: 'runners', outcome: 'done', message: 'Everything is up.' });
    await page.getByText('The stack is up', { exact: true }).waitFor();
  });

  it('asks what becomes of a file that somebody has changed, and for secrets, before it can be applied', async () => {
    const stack = createStackPage({ byHand: ['gitlab/gitlab.rb'] });
    const mail = { host: 'smtp.example.net', from: 'a@example.net', username: 'x' };
    const page = await open(await serve(stack.core), given({ templates: { mail } }));
    await page.getByRole('heading', { name: '2 things stand against it.' }).waitFor();
    const apply = button(page, 'Apply this plan');
    expect(await apply.getAttribute('aria-disabled')).toBe('true');
    const secret = page.getByRole('textbox', { name: 'Password at the mail server' });
    expect(await secret.getAttribute('type')).toBe('password');
    await secret.fill('a-pretended-password');
    await secret.press('Enter');
    await page.getByRole('heading', { name: 'One thing stands against it.' }).waitFor();
    expect(stack.secrets.get('mail-password')).toBe('a-pretended-password');
    expect(await page.content()).not.toContain('a-pretended-password');
    const file = page.getByRole('group', { name: 'What becomes of gitlab/gitlab.rb' });
    await button(file, "Take AutoGit's").click();
    await expect.poll(() => apply.getAttribute('aria-disabled')).toBe(null);
    await apply.click();
    await page.getByRole('list', { name: 'Steps' }).waitFor();
    expect(inputs(stack, 'stack.up')).toMatchObject([{ replace: ['gitlab/gitlab.rb'], keep: [] }]);
  });

  it('is opened by another page with its answers in place, of which nothing can do harm', async () => {
    const stack = createStackPage();
    const doors = await serve(stack.core);
    const page = await open(doors, '/certificates?tab=other');
    const way = page.getByRole('form', { name: 'Try another way' });
    await way.getByText("Let's Encrypt by HTTP").click();
    await way.getByLabel('E-mail address').fill('ana@example.net');
    await way.getByLabel('Domain', { exact: true }).fill('lab.example.net');
    await button(way, 'Change the stack to this way').click();
    await page.getByText('tls.mode').first().waitFor({ state: 'attached' });
    await page.getByText(/GitLab is at https:\/\/gitlab\.lab\.example\.net\./).waitFor();
    expect(inputs(stack, 'stack.plan').at(-1)).toMatchObject({
      answers: {
        tls: { mode: 'acme-http', email: 'ana@example.net' },
        domain: 'lab.example.net',
        lab: 'lab',
      },
    });
    await page.goto(`${doors.address}/#/stack?tab=change&answers={"__proto__":{"x":1},"lab":["`);
    await form(page).getByLabel('Name of the lab').waitFor();
    expect(inputs(stack, 'stack.up')).toEqual([]);
  });

  it('whose plan is not the agreed one any more is made anew', async () => {
    const stack = createStackPage();
    const page = await open(await serve(stack.core), given({ policy: { sessionDays: 3 } }));
    const refused = { key: 'stack.plan-changed', message: 'Something has changed.', next: 'Look again.' };
    stack.core.failNext('stack.up', new AutoGitError(refused));
    await button(page, 'Apply this plan').click();
    await page.getByRole('alert').getByText('Something has changed.').waitFor();
    await button(page, 'Make the plan anew').click();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  });
});

describe.skipIf(!canBrowse)('a run that did not come to its end', () => {
  const error = { key: 'stack.port-taken', message: 'Port 443 is taken by nginx.', next: 'End it.' };
  const ended = { run: 1, verb: 'up' as const, step: 'start' as const, pulls: [], error };

  it('says where, why, what now, and whether the stack before has its place again', async () => {
    const message = 'The stack that stood before was started again.';
    const last = { ...ended, outcome: 'rolled-back', message };
    const page = await open(await serve(createStackPage({ last }).core), '/stack?tab=run');
    await page.getByText('the one before has its place again').waitFor();
    await page.getByRole('alert').getByText('Port 443 is taken by nginx.').waitFor();
    const steps = page.getByRole('list', { name: 'Steps' });
    await steps.getByRole('listitem').filter({ hasText: 'Start services' }).getByText('Ended here').waitFor();
    await steps.getByRole('listitem').filter({ hasText: 'Set GitLab up' }).getByText('Not done').waitFor();
  });
});

describe.skipIf(!canBrowse)('secrets, and the end of a stack', () => {
  it('show a value only on request, and hide it again', async () => {
    const stack = createStackPage();
    const page = await open(await serve(stack.core), '/stack?tab=about');
    const secret = page.getByRole('listitem', { name: "Password of GitLab's administrator, root" });
    await secret.waitFor();
    expect(inputs(stack, 'stack.secret')).toEqual([{}]);
    await button(secret, /^Show: /).click();
    await secret.getByText('kei7-Wah4-quo9-Aeng').waitFor();
    await button(secret, /^Hide: /).click();
    expect(await page.content()).not.toContain('kei7-Wah4');
  });

  it('is removed with its data only by who says so twice', async () => {
    const stack = createStackPage();
    const page = await open(await serve(stack.core), '/stack?tab=about');
    await button(page, 'Remove it with all data').click();
    const dialog = page.getByRole('dialog');
    const name = dialog.getByLabel('To go on, type the name of the lab: lab');
    await name.fill('la');
    await name.press('Enter');
    await button(dialog, 'Show what would be deleted').and(page.locator('[aria-disabled=true]')).waitFor();
    expect(inputs(stack, 'stack.destroy')).toEqual([]);
    await name.fill('lab');
    await name.press('Enter');
    await dialog.getByText('all data in /srv/lab').first().waitFor();
    expect(inputs(stack, 'stack.destroy')).toEqual([{ deleteData: true, wait: false, dryRun: true }]);
    await done(page, 'Delete all repositories and data in /srv/lab for ever');
    expect(inputs(stack, 'stack.destroy').at(-1)).toMatchObject({ deleteData: true, dryRun: false });
  });

  it('is removed without its data, or taken down, by a press each after the plan', async () => {
    const stack = createStackPage();
    const page = await open(await serve(stack.core), '/stack?tab=about');
    await button(page, 'Take it down').click();
    await page.getByRole('dialog').getByText('autogit stack down').waitFor();
    await done(page, 'Take GitLab and all services down');
    stack.tell({ outcome: 'done' });
    await button(page, 'Remove it, keep its data').and(page.locator(':not([aria-disabled])')).click();
    await done(page, 'Remove it, keep its data');
    expect(inputs(stack, 'stack.destroy').at(-1)).toMatchObject({ deleteData: false, dryRun: false });
  });
});

describe.skipIf(!canBrowse)('the Stack page', () => {
  it('is in order for those who do not see it well, in every state, light and dark, narrow and wide', async () => {
    const states: readonly (readonly [string, string, FakeStackPage])[] = [
      ['services', '/stack', createStackPage({ services: { gitlab: { health: 'unhealthy', restarts: 9 } } })],
      ['form', '/stack?tab=change', createStackPage()],
      ['plan', given({ sso: 'off' }), createStackPage({ byHand: ['gitlab/gitlab.rb'] })],
      ['secrets', '/stack?tab=about', createStackPage({ status: { needsCodes: true, isNew: true } })],
      ['none', '/stack', createStackPage({ answers: null })],
    ];
    for (const [name, route, stack] of states) {
      const page = await open(await serve(stack.core), route);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(() => page.getByText(/^(?:Reading|Looking) /).count()).toBe(0);
      for (const fold of await page.locator('summary').all()) await fold.click();
      for (const { colorScheme, viewport } of auditedWindows) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(viewport);
        expect(await faultsOf(page), `${name} ${colorScheme} ${viewport.width}`).toEqual([]);
      }
    }
  });

  it('with hostile names stays text', async () => {
    const status = { sentence: hostileNames[0], folder: hostileNames[1], data: hostileNames[2] };
    const [first] = (await createStackPage().core.call('stack.status', {})).services;
    if (first === undefined) throw new Error('the stack has no service');
    const services = hostileNames.map((name) => ({ ...first, service: name, container: name, image: name }));
    const doors = await serve(createStackPage({ status: { ...status, services } }).core);
    const page = await open(doors, '/stack');
    await page.getByRole('heading', { level: 1, name: hostileNames[0] }).waitFor();
    await page.getByText(hostileNames[1]).first().waitFor();
    await page.goto(`${doors.address}/#/stack?tab=about`);
    await page.getByText(hostileNames[1]).first().waitFor();
    expect(await page.title()).toBe('Stack · AutoGit');
    expect(await page.locator('main img, main script').count()).toBe(0);
  });
});

// The People page in a real browser: who is there, what is done with them, and how signing in is tried.
import jsqr from 'jsqr';
import type { Locator, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { AutoGitError } from '../../main/errors.ts';
import { noStack } from '../fakes/fake-access-calls.ts';
import { manyPeople, somePassword, somePeople, somePerson, someTotp } from '../fakes/fake-user-calls.ts';
import { accessLab as lab } from '../fakes/page-labs.ts';
import { auditedWindows, faultsOf, hostileNames } from './audit.ts';
import { launchBrowser } from './browser.ts';
import { measureLongTasks, countLongTasks } from './long-tasks.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { button, heading, lastInput } from './page-parts.ts';

const { serve, open } = usePages();

const row = (page: Page, name: string): Locator => page.getByRole('row').filter({ hasText: name });

/** What a camera reads from the QR code on the screen. */
async function scan(page: Page): Promise<string | undefined> {
  const code = page.getByRole('dialog').getByRole('img');
  const png = await code.screenshot();
  const pixels = await page.evaluate<{ width: number; height: number; data: number[] }>(
    `createImageBitmap(new Blob([Uint8Array.from(atob('${png.toString('base64')}'), (c) => c.charCodeAt(0))]))
      .then((image) => {
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        const { width, height, data } = context.getImageData(0, 0, image.width, image.height);
        return { width, height, data: [...data] };
      })`,
  );
  return jsqr.default(Uint8ClampedArray.from(pixels.data), pixels.width, pixels.height)?.data;
}

describe.skipIf(!canBrowse)('people', () => {
  it('are listed after the sentence, found by words, and each has an address', async () => {
    const page = await open(await serve(lab().core), '/people');
    await heading(page, '5 people; 2 not in step with GitLab.');
    await row(page, 'Ana Núñez').getByText('Both factors').waitFor();
    await row(page, 'Chloé Martin').getByText('GitLab does not have her in the group photos.').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('photos');
    await expect.poll(() => row(page, 'lab.home.arpa').count()).toBe(1);
    expect(page.url()).toContain('#/people?text=photos');
    await page.getByRole('grid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Person chloe' }).waitFor();
    expect(page.url()).toContain('#/people/chloe?text=photos');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('complementary').count()).toBe(0);
    await page.getByRole('link', { name: /^No second factor/ }).click();
    await page.getByText('Nobody fits this filter').waitFor();
  });

  it('that are not there are said to be so', async () => {
    const page = await open(await serve(lab().core), '/people/zoe');
    await page.getByText('There is nobody named zoe.').waitFor();
  });

  it('whose account was found by its address are confirmed there, after the plan was shown', async () => {
    const ana = somePerson({
      name: 'ana',
      decision: 'confirm',
      differences: ['Found by its address alone.'],
    });
    const { core } = lab({ people: { users: [ana] } });
    const page = await open(await serve(core), '/people/ana');
    await button(page, 'The account is theirs').click();
    await page.getByText('autogit user sync --confirm ana').waitFor();
    expect(lastInput(core, 'user.sync')).toEqual({ confirm: ['ana'], dryRun: true });
    await button(page.getByRole('dialog'), "Say that GitLab's account is ana's").click();
    await expect.poll(() => lastInput(core, 'user.sync')).toEqual({ confirm: ['ana'], dryRun: false });
  });

  it('who were taken out by hand are blocked there, after the plan was shown', async () => {
    const ben = somePerson({ name: 'ben', decision: 'block', differences: ['Taken out by hand.'] });
    const { core } = lab({ people: { users: [ben] } });
    const page = await open(await serve(core), '/people/ben');
    await button(page, 'Block in GitLab').click();
    await page.getByText('autogit user remove ben').waitFor();
    expect(lastInput(core, 'user.remove')).toEqual({ name: 'ben', dryRun: true });
  });

  it('are as many as a thousand without holding up their reader', async () => {
    const browser = await launchBrowser();
    try {
      const doors = await serve(lab({ people: { users: manyPeople(1_000) } }).core);
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await countLongTasks(page);
      await page.goto(`${doors.address}/#token=${doors.token}`);
      await page.getByRole('link', { name: 'People', exact: true }).click();
      await row(page, 'Person 7 of the House').waitFor();
      expect(await page.getByRole('row').count()).toBeLessThan(60);
      const scroll = async (): Promise<void> => {
        await page.getByRole('grid', { name: 'People' }).hover();
        for (let turn = 0; turn < 10; turn += 1) {
          await page.mouse.wheel(0, turn < 5 ? 3_000 : -3_000);
          await page.waitForTimeout(100);
        }
      };
      expect(await measureLongTasks(browser, page, scroll)).toEqual([]);
      await page.getByRole('grid').focus();
      await page.keyboard.press('End');
      await row(page, 'Person 999 of the House').waitFor();
    } finally {
      await browser.close();
    }
  });

  it('with hostile names stay text', async () => {
    const users = hostileNames.map((name, index) =>
      somePerson({ name: `p${index}`, displayName: name, email: name, groups: [name], differences: [name] }),
    );
    const page = await open(
      await serve(lab({ people: { users, sentence: hostileNames[0] } }).core),
      '/people',
    );
    await heading(page, hostileNames[0]);
    for (const { name, displayName } of users) {
      await page.getByRole('link', { name: displayName, exact: true }).click();
      await page.getByRole('complementary', { name: `Person ${name}` }).waitFor();
    }
    expect(await page.title()).toBe('People · AutoGit');
    expect(await page.locator('main img, main script').count()).toBe(0);
  });
});

describe.skipIf(!canBrowse)('a new person', () => {
  it('is told what is wrong, is added after the plan, and gets what is shown once', async () => {
    const { core, access } = lab();
    const page = await open(await serve(core), '/people');
    await button(page, 'Add a person').click();
    const form = page.getByRole('dialog', { name: 'Add a person' });
    await button(form, 'Show what changes').click();
    await form.getByText('2 fields to mend first').waitFor();
    await form.getByLabel('Name to sign in with').fill('ana');
    await form.getByText('There is somebody named ana already.').waitFor();
    await form.getByLabel('Name to sign in with').fill('');
    await form.getByLabel('Name, as others see it').fill('Frida Öster');
    await form.getByLabel('E-mail address').fill('frida@example.net');
    await button(form, 'admins').click();
    await page.keyboard.press('Escape');
    await button(page, 'Add a person').click();
    // Escape has thrown away what was typed: nothing of a person lingers in a form.
    expect(await form.getByLabel('E-mail address').inputValue()).toBe('');
    await form.getByLabel('Name, as others see it').fill('Frida Öster');
    expect(await form.getByLabel('Name to sign in with').inputValue()).toBe('frida.oster');
    await form.getByLabel('E-mail address').fill('frida@example.net');
    await button(form, 'developers').click();
    await form.getByLabel('E-mail address').press('Enter');
    const plan = page.getByRole('dialog', { name: 'Add frida.oster' });
    await plan
      .getByText(
        "autogit user add frida.oster --email 'frida@example.net' --display-name 'Frida Öster' --groups developers --totp",
      )
      .waitFor();
    expect(access.people.get().users).toHaveLength(5);
    await button(plan, 'Add frida.oster').click();
    await plan.getByText('This is shown only now.').waitFor();
    await plan.getByText(somePassword).waitFor();
    await plan.getByText(someTotp('frida.oster').secret).waitFor();
    expect(await scan(page)).toBe(someTotp('frida.oster').uri);
    await row(page, 'Frida Öster').waitFor();
  });

  it('is shown what is shown once until somebody says that it is kept, and nothing of it stays', async () => {
    const page = await open(await serve(lab().core), '/people/ben');
    await button(page, 'New access').click();
    await button(page.getByRole('dialog'), 'Show what changes').click();
    await button(page, 'Give ben a new password').click();
    const shown = page.getByText(somePassword);
    await shown.waitFor();
    for (const key of ['Escape', 'Escape', 'Escape']) await page.keyboard.press(key);
    await page.mouse.click(5, 5);
    expect(await shown.isVisible()).toBe(true);
    expect(await button(page.getByRole('dialog'), 'Close (Escape)').count()).toBe(0);
    await button(page, 'It is kept; close').click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(await page.content()).not.toContain(somePassword);
    const kept =
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])';
    expect(await page.evaluate(kept)).not.toContain(somePassword);
  });

  it('whose dialog was closed before it was done is shown it all the same', async () => {
    const { core, access } = lab();
    let finish: (() => void) | undefined;
    const late = new Promise<void>((resolve) => (finish = resolve));
    const call = core.call.bind(core);
    core.call = async (name, input) => {
      const answer = await call(name, input);
      if (name === 'user.reset' && JSON.stringify(input).includes('"dryRun":false')) await late;
      return answer;
    };
    const page = await open(await serve(core), '/people/ben');
    await button(page, 'New access').click();
    await button(page.getByRole('dialog'), 'Show what changes').click();
    await button(page, 'Give ben a new password').click();
    await button(page, 'Close; it goes on').click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('link', { name: 'Overview' }).click();
    finish?.();
    await page.getByText(somePassword).waitFor();
    expect(access.people.get().users).toHaveLength(5);
  });
});

describe.skipIf(!canBrowse)('a person', () => {
  it('is let in no longer and again, and removed by a button that names the effect', async () => {
    const { core, access } = lab();
    const page = await open(await serve(core), '/people/ben');
    const panel = page.getByRole('complementary');
    const close = button(page.getByRole('dialog'), 'Close');
    await button(panel, 'Disable').click();
    await page.getByText('autogit user disable ben').waitFor();
    await button(page, 'Let ben in no longer').click();
    await close.click();
    await panel.getByText('no, disabled').waitFor();
    await button(panel, 'Let in again').click();
    await button(page, 'Let ben in again').click();
    await close.click();
    await panel.getByText('yes', { exact: true }).waitFor();
    await button(panel, 'Remove').click();
    await page.getByText('autogit user remove ben --yes').waitFor();
    expect(access.people.get().users).toHaveLength(5);
    await button(page, 'Remove ben, block them in GitLab').click();
    await close.click();
    await page.getByText('There is nobody named ben.').waitFor();
  });

  it('is put into a group and taken out of it', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/people/ben');
    const panel = page.getByRole('complementary');
    await panel.getByLabel('Put into a group').fill('photos/all');
    await panel.getByText('One group, of letters, digits, dots and hyphens.').waitFor();
    await panel.getByLabel('Put into a group').fill('admins');
    await panel.getByLabel('Put into a group').press('Enter');
    await page.getByText('Whoever is in it administrates GitLab.').waitFor();
    await button(page, 'Put ben into admins').click();
    await button(page.getByRole('dialog'), 'Close').click();
    await panel.getByText('yes, by the group admins').waitFor();
    await button(panel, 'Take ben out of admins').click();
    await button(page.getByRole('dialog'), 'Take ben out of admins').click();
    await button(page.getByRole('dialog'), 'Close').click();
    expect(lastInput(core, 'user.groups')).toMatchObject({ name: 'ben', remove: ['admins'], dryRun: false });
    await panel.getByText('no', { exact: true }).waitFor();
  });

  it('whom GitLab has otherwise is brought into step after the plan', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/people/eve');
    const panel = page.getByRole('complementary');
    await panel.getByText('GitLab has no account for them.').waitFor();
    await button(panel, 'Bring GitLab into step').click();
    await page.getByRole('dialog').getByText('GitLab has no account for them.').waitFor();
    await page.getByRole('dialog').getByText('autogit user sync').waitFor();
    expect(lastInput(core, 'user.sync')).toEqual({ dryRun: true });
    await button(page.getByRole('dialog'), 'Bring GitLab into step').click();
    await button(page.getByRole('dialog'), 'Close').click();
    await heading(page, '5 people, in step with GitLab.');
  });
});

describe.skipIf(!canBrowse)('what cannot be done, or known', () => {
  it.each([
    ['ldap', 'AutoGit only reads'],
    ['oidc', 'your provider of OpenID Connect'],
    ['gitlab', 'GitLab keeps its people by itself'],
  ] as const)('is said where people are kept by %s', async (source, words) => {
    const { core } = lab({ people: { source } });
    const page = await open(await serve(core), '/people/ben');
    await page.getByText(words).first().waitFor();
    for (const name of ['Add a person', 'Disable', 'Remove', 'New access']) {
      await button(page, name).waitFor();
      expect(await button(page, name).getAttribute('aria-disabled')).toBe('true');
      expect(await button(page, name).getAttribute('title')).toContain(words);
    }
    await button(page, 'Add a person').focus();
    await page.keyboard.press('Enter');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.getByLabel('Put into a group').count()).toBe(0);
  });

  it('is unknown while GitLab does not answer, and what is known is there', async () => {
    const gitlab = { state: 'unknown', admin: false, username: null } as const;
    const users = somePeople.map((person) => ({ ...person, gitlab, differences: [] }));
    const gitlabProblem = 'GitLab does not answer at https://gitlab.lab.home.arpa.';
    const page = await open(await serve(lab({ people: { users, gitlabProblem } }).core), '/people');
    await page.getByRole('status').getByText(gitlabProblem).waitFor();
    const unknown = row(page, 'Ben Okafor').getByText('Unknown').first();
    expect(await unknown.getAttribute('data-tone')).toBe('unknown');
    await row(page, 'Ben Okafor').getByText('ben@lab.home.arpa').waitFor();
  });

  it('is taught where nobody is, and where no stack is', async () => {
    const empty = await open(await serve(lab({ people: { users: [] } }).core), '/people');
    await empty.getByText('autogit user add ana --email ana@example.net').waitFor();
    const none = await open(await serve(lab(noStack).core), '/people');
    await none.getByText('autogit stack up').waitFor();
    expect(await button(none, 'Add a person').getAttribute('aria-disabled')).toBe('true');
  });

  it('keeps what it showed when asking fails, with cause and next step', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/people/ben');
    await page.getByRole('complementary').waitFor();
    const problem = { key: 'stack.busy', message: 'The lab is busy.', next: 'Wait for it.' };
    await button(page, 'Disable').click();
    await button(page, 'Let ben in no longer').waitFor();
    core.failNext('user.list', new AutoGitError(problem));
    await button(page, 'Let ben in no longer').click();
    await button(page.getByRole('dialog'), 'Close').click();
    await page.getByRole('alert').getByText('The lab is busy.').waitFor();
    await row(page, 'Ana Núñez').waitFor();
    await button(page, 'Ask again').click();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  });
});

describe.skipIf(!canBrowse)('for those who see it badly or not at all', () => {
  it.each(auditedWindows)('in $colorScheme at $viewport.width px nothing is amiss', async (look) => {
    const doors = await serve(lab().core);
    const page = await open(doors, '/people', look);
    const check = async (where: string): Promise<void> =>
      expect([where, ...(await faultsOf(page))]).toEqual([where]);
    await row(page, 'Ana Núñez').waitFor();
    await check('list');
    await button(page, 'Add a person').click();
    await button(page.getByRole('dialog'), 'Show what changes').click();
    await check('form');
    await page.keyboard.press('Escape');
    await page.goto(`${doors.address}/#/people/eve`);
    await page.getByRole('complementary').waitFor();
    await check('panel');
    await button(page, 'New access').click();
    await page.getByLabel('A new one-time password').check();
    await check('reset');
    await button(page.getByRole('dialog'), 'Show what changes').click();
    await button(page, 'Give eve a new password and a new one-time password').click();
    await page.getByText(somePassword).waitFor();
    await check('once');
    await button(page, 'It is kept; close').click();
    await page.goto(`${doors.address}/#/people?tab=sign-in`);
    await button(page, 'Test a directory').click();
    await button(page, 'Keycloak, Okta, authentik, Google…').click();
    await page.getByLabel('Issuer', { exact: true }).waitFor();
    await check('sign-in');
  });

  it('the last page of the rail can be reached where it is a bar', async () => {
    const page = await open(await serve(lab().core), '/people', { viewport: { width: 360, height: 640 } });
    const link = page.getByRole('link', { name: 'People', exact: true }).first();
    await expect.poll(() => link.getAttribute('aria-current')).toBe('page');
    const box = await link.boundingBox();
    expect(box === null ? -1 : box.x + box.width).toBeLessThanOrEqual(361);
    expect(box?.x ?? -1).toBeGreaterThanOrEqual(0);
  });
});

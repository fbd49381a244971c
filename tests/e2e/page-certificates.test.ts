// The Certificates page in a real browser: what is served, who trusts it, other devices, and another way that is tried.
import type { Locator, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { AutoGitError } from '../../main/errors.ts';
import { createFakeAccess, noStack } from '../fakes/fake-access-calls.ts';
import { accessLab as lab } from '../fakes/page-labs.ts';
import { auditedWindows, faultsOf, hostileNames } from './audit.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { button, done, lastInput } from './page-parts.ts';

const { serve, open } = usePages();

const place = (page: Page, name: string): Locator => page.getByRole('listitem', { name, exact: true });

describe.skipIf(!canBrowse)('certificates', () => {
  it('are shown with names, end, fingerprint, key and who renews them', async () => {
    const page = await open(await serve(lab().core), '/certificates');
    await page.getByRole('heading', { level: 1, name: 'good for 70 days' }).waitFor();
    const served = place(page, 'What browsers are shown');
    for (const words of [
      'Holds',
      'gitlab.lab.home.arpa',
      ', in 70 d',
      'EC P-256',
      /^AutoGit renews it 30 days/,
    ])
      await served.getByText(words).first().waitFor();
    await served.getByText(/^0B:6D:93:/).waitFor();
    await place(page, 'The root that devices trust').getByText('in 9 years').waitFor();
  });

  it('are renewed after the plan was shown', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/certificates');
    await button(page, 'Renew now').click();
    await page.getByText('autogit certificate renew').waitFor();
    expect(lastInput(core, 'certificate.renew')).toEqual({ dryRun: true });
    await done(page, 'Renew the certificate now');
    await place(page, 'What browsers are shown').getByText(', in 90 d').waitFor();
  });

  it('are checked, each finding with its state and the next step', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/certificates');
    await button(page, 'Check').click();
    const checks = page.getByRole('list', { name: 'What was checked' });
    await checks.getByText('It ends in 12 days.').waitFor();
    await checks.getByText('Warning').waitFor();
    await checks.getByText('autogit certificate renew').waitFor();
    expect(lastInput(core, 'certificate.check')).toEqual({});
    await button(page, 'Close').click();
    await expect.poll(() => checks.count()).toBe(0);
  });

  it('that have ended, or end soon, say so', async () => {
    const { certificates } = createFakeAccess().certificates.get();
    const now = Date.now();
    const ended = certificates.map((one, at) => ({ ...one, until: now + (at === 0 ? -1 : 5 * 86_400_000) }));
    const page = await open(
      await serve(lab({ certificates: { certificates: ended } }).core),
      '/certificates',
    );
    await place(page, 'What browsers are shown').getByText('Expired').waitFor();
    await place(page, 'The root that devices trust').getByText('Ends soon').waitFor();
  });

  it('teach where there is no stack, and say cause and next step when they cannot be told', async () => {
    const none = await open(await serve(lab(noStack).core), '/certificates');
    await none.getByText('autogit stack up').waitFor();
    await none.getByRole('link', { name: 'Try a way before' }).click();
    await none.getByRole('form', { name: 'Try another way' }).waitFor();
    const { core } = lab();
    const page = await open(await serve(core));
    const problem = { key: 'stack.busy', message: 'The lab is busy.', next: 'Wait for it.' };
    core.failNext('certificate.list', new AutoGitError(problem));
    await page.getByRole('link', { name: 'Certificates' }).click();
    await page.getByRole('alert').getByText('The lab is busy.').waitFor();
    await button(page, 'Ask again').click();
    await place(page, 'What browsers are shown').waitFor();
  });

  it('with hostile names stay text', async () => {
    const [first] = createFakeAccess().certificates.get().certificates;
    const [shown] = createFakeAccess().certificates.get().places;
    if (first === undefined || shown === undefined) throw new Error('the lab has no certificate');
    const certificates = hostileNames.map((name) => ({
      ...{ ...first, fingerprint: name, names: [name], subject: name },
      ...{ issuer: name, renewal: name, key: name },
    }));
    const places = hostileNames.map((name) => ({
      ...{ ...shown, id: name, label: name, path: name },
      ...{ why: name, commands: [name] },
    }));
    const page = await open(
      await serve(lab({ certificates: { certificates, places } }).core),
      '/certificates',
    );
    await expect.poll(() => page.getByText(hostileNames[1]).count()).toBeGreaterThan(5);
    expect(await page.title()).toBe('Certificates · AutoGit');
    expect(await page.locator('main img, main script').count()).toBe(0);
  });
});

describe.skipIf(!canBrowse)('places of this machine', () => {
  it('come to trust the root and stop, one by one, after the plan was shown', async () => {
    const { core, access } = lab();
    const page = await open(await serve(core), '/certificates');
    await page.getByText("1 of 5 places on this machine trusts the lab's root.").waitFor();
    const firefox = place(page, 'Firefox of ana');
    await button(firefox, 'Trust: Firefox of ana').click();
    await page.getByText(/^autogit certificate trust '?firefox:/).waitFor();
    expect(access.certificates.get().places[2]?.state).toBe('not-trusted');
    await done(page, 'Trust it there');
    await firefox.getByText('Trusted', { exact: true }).waitFor();
    await button(firefox, 'Stop trusting: Firefox of ana').click();
    await done(page, 'Stop trusting it there');
    await firefox.getByText('Not trusted').waitFor();
    expect(lastInput(core, 'certificate.untrust')).toMatchObject({
      places: ['firefox:/home/ana/.mozilla/firefox/a1b2.default'],
      dryRun: false,
    });
  });

  it('do so all at once, but for those that AutoGit may not change: these have commands', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/certificates');
    const system = place(page, 'Programs of this machine');
    await system.getByText('sudo update-ca-certificates').waitFor();
    expect(await system.getByRole('button', { name: /^(?:Trust|Stop)/ }).count()).toBe(0);
    await place(page, 'Programs in jobs').getByText('No job has run since the stack came up.').waitFor();
    await button(page, 'Trust everywhere').click();
    await page.getByRole('dialog').getByText('Docker, for images of the lab').waitFor();
    await done(page, 'Trust it on this machine');
    await page.getByText("3 of 5 places on this machine trust the lab's root.").waitFor();
    await button(page, 'Stop trusting everywhere').click();
    await done(page, 'Stop trusting it on this machine');
    await page.getByText("0 of 5 places on this machine trust the lab's root.").waitFor();
  });
});

describe.skipIf(!canBrowse)('a root that nothing needs any more', () => {
  it('can be taken out of where it is, and be trusted nowhere', async () => {
    const places = createFakeAccess()
      .certificates.get()
      .places.filter(({ state }) => state === 'other');
    const { core } = lab({ ...noStack, certificates: { ...noStack.certificates, places } });
    const page = await open(await serve(core), '/certificates');
    await page.getByText('A root of this home is still trusted in 1 place').waitFor();
    expect(await page.getByRole('button', { name: /^Trust/ }).count()).toBe(0);
    await button(page, 'Stop trusting everywhere').click();
    await done(page, 'Stop trusting it on this machine');
    expect(lastInput(core, 'certificate.untrust')).toEqual({ dryRun: false });
  });
});

describe.skipIf(!canBrowse)('other devices', () => {
  it('find a page for some minutes by address and QR code, with what to compare and to do', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/certificates');
    const section = page.getByRole('region', { name: 'Other devices' });
    await section.getByText(/^A4:1F:0C:/).waitFor();
    await section.getByText('Open the page in Safari and tap "Load the root".').waitFor();
    await section.getByLabel('How it is done on').selectOption('Android');
    await section.getByText('In Settings, Security: install a CA certificate.').waitFor();
    await button(section, 'Show a page for them').click();
    await page.getByLabel('Minutes').fill('45');
    await page.getByText('autogit certificate share --minutes 45').waitFor();
    await done(page, 'Show it for 45 minutes');
    await section.getByRole('img', { name: 'QR code of http://192.168.1.20:41999/k3x9' }).waitFor();
    await section.getByText(/^Shown for 44 min \d+ s more\.$/).waitFor();
    expect(lastInput(core, 'certificate.share')).toEqual({ minutes: 45, dryRun: false });
    await page.reload();
    await section.getByRole('img', { name: /^QR code/ }).waitFor();
    await button(section, 'Stop showing it').click();
    await done(page, 'Show the page no longer');
    await button(section, 'Show a page for them').waitFor();
  });

  it('need nothing where a public authority has signed', async () => {
    const { core } = lab({ certificates: { mode: 'acme-dns', places: [] } });
    const page = await open(await serve(core), '/certificates');
    await page.getByText('They trust it by themselves').waitFor();
    await page.getByRole('region', { name: "Let's Encrypt by DNS" }).waitFor();
    expect(await page.getByRole('region', { name: 'Trusted by this machine' }).count()).toBe(0);
  });
});

describe.skipIf(!canBrowse)('another way', () => {
  const form = (page: Page): Locator => page.getByRole('form', { name: 'Try another way' });

  const works = (page: Page): Locator => page.getByRole('heading', { name: 'This way would work.' });

  it('by DNS is tried with a token, of which nothing is left after the test', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/certificates?tab=other');
    await form(page).getByText("Let's Encrypt by DNS").click();
    await button(form(page), 'Test this way').click();
    await form(page).getByText('2 fields to mend first').waitFor();
    expect(await form(page).evaluate('document.activeElement.name')).toBe('email');
    await form(page).getByLabel('Provider of the DNS records').selectOption('cloudflare');
    await form(page).getByText('A token with the right Zone: DNS: Edit').waitFor();
    await form(page).getByLabel('E-mail address').fill('ana@example.net');
    await form(page).getByLabel('Domain', { exact: true }).fill('example');
    await form(page).getByText('A domain has at least two parts').waitFor();
    await form(page).getByLabel('Domain', { exact: true }).fill('example.net');
    const token = form(page).getByLabel('Token');
    expect(await token.getAttribute('type')).toBe('password');
    await token.fill('a-bad-token');
    await token.press('Enter');
    await form(page).getByText('Cloudflare does not know this token.').waitFor();
    expect(lastInput(core, 'certificate.check')).toMatchObject({
      ...{ domain: 'example.net', secrets: { 'cf-dns-api-token': 'a-bad-token' } },
      tls: { mode: 'acme-dns', provider: 'cloudflare', email: 'ana@example.net' },
    });
    expect(await token.inputValue()).toBe('');
    await form(page).getByText('What was secret is forgotten').waitFor();
    expect(await page.content()).not.toContain('a-bad-token');
    await form(page).getByText('autogit certificate check --answers lab.yaml --domain example.net').waitFor();
    await form(page).getByText('autogit stack set-secret cf-dns-api-token').waitFor();
    await form(page).getByText('provider: "cloudflare"').waitFor();
  });

  it('forgets secrets when another provider is chosen, another way, or the page is left', async () => {
    const page = await open(await serve(lab().core), '/certificates?tab=other');
    await form(page).getByText("Let's Encrypt by DNS").click();
    const provider = form(page).getByLabel('Provider of the DNS records');
    const token = form(page).getByLabel('Token');
    await provider.selectOption('cloudflare');
    await token.fill('a-token');
    await provider.selectOption('ovh');
    await provider.selectOption('cloudflare');
    expect(await token.inputValue()).toBe('');
    await token.fill('a-token');
    await form(page).getByText("Let's Encrypt by HTTP").click();
    await form(page).getByText("Let's Encrypt by DNS").click();
    expect(await token.inputValue()).toBe('');
    await token.fill('a-token');
    await page.getByRole('link', { name: 'In use' }).click();
    await page.goBack();
    await form(page).getByText("Let's Encrypt by DNS").click();
    expect(await provider.inputValue()).toBe('');
    expect(await page.content()).not.toContain('a-token');
  });

  it('with options of a provider sends them beside its secrets', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/certificates?tab=other');
    await form(page).getByText("Let's Encrypt by DNS").click();
    await form(page).getByLabel('Provider of the DNS records').selectOption('ovh');
    await form(page).getByLabel('Region').fill('ovh-eu');
    await form(page).getByLabel('Application key').fill('key');
    await form(page).getByLabel('Application secret').fill('secret');
    await form(page).getByLabel('E-mail address').fill('ana@example.net');
    await form(page).getByLabel('With the staging authority first').check();
    await button(form(page), 'Test this way').click();
    await works(page).waitFor();
    expect(lastInput(core, 'certificate.check')).toMatchObject({
      tls: { provider: 'ovh', staging: true, options: { OVH_ENDPOINT: 'ovh-eu' } },
      secrets: { 'ovh-application-key': 'key', 'ovh-application-secret': 'secret' },
    });
  });

  it('by HTTP, and by the local authority, are tried with what they ask for', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/certificates?tab=other');
    await button(form(page), 'Test this way').click();
    await works(page).waitFor();
    expect(lastInput(core, 'certificate.check')).toEqual({ tls: { mode: 'local-ca' } });
    await form(page).getByText("Let's Encrypt by HTTP").click();
    await form(page).getByLabel('E-mail address').fill('ana@example.net');
    await form(page).getByLabel('E-mail address').press('Enter');
    await expect
      .poll(() => lastInput(core, 'certificate.check'))
      .toMatchObject({ tls: { mode: 'acme-http', email: 'ana@example.net' } });
  });

  it('with an own certificate reads files, or what is pasted, and forgets the key', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/certificates?tab=other');
    await form(page).getByText('Own certificate').click();
    await form(page).getByLabel('File of the certificate').fill('lab.pem');
    await button(form(page), 'Test this way').click();
    await form(page).getByText('The whole path of a file on this machine').first().waitFor();
    await form(page).getByLabel('File of the certificate').fill('/etc/ssl/lab.pem');
    await form(page).getByLabel('File of its key').fill('/etc/ssl/lab.key');
    await button(form(page), 'Test this way').click();
    await works(page).waitFor();
    expect(lastInput(core, 'certificate.check')).toMatchObject({
      tls: { mode: 'own', certificate: '/etc/ssl/lab.pem', key: '/etc/ssl/lab.key' },
    });
    await button(form(page), 'Pasted').click();
    const key = '-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----';
    await form(page)
      .getByLabel(/^Certificate, with/)
      .fill('-----BEGIN CERTIFICATE-----\nMIIB');
    await form(page).getByLabel('Its key', { exact: true }).fill(key);
    await button(form(page), 'Test this way').click();
    await expect
      .poll(() => lastInput(core, 'certificate.check'))
      .toMatchObject({ pasted: { certificate: '-----BEGIN CERTIFICATE-----\nMIIB', key } });
    expect(await form(page).getByLabel('Its key', { exact: true }).inputValue()).toBe('');
  });

  it('keeps the form when the test itself fails', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/certificates?tab=other');
    const problem = {
      key: 'dns.unreachable',
      message: 'No name server answers.',
      next: 'Look at the network.',
    };
    await form(page).getByLabel('Domain', { exact: true }).fill('lab.example.net');
    core.failNext('certificate.check', new AutoGitError(problem));
    await button(form(page), 'Test this way').click();
    await form(page).getByRole('alert').getByText('No name server answers.').waitFor();
    expect(await form(page).getByLabel('Domain', { exact: true }).inputValue()).toBe('lab.example.net');
  });
});

describe.skipIf(!canBrowse)('for those who see it badly or not at all', () => {
  it.each(auditedWindows)('in $colorScheme at $viewport.width px nothing is amiss', async (look) => {
    const { core, access } = lab();
    access.certificates.set({
      sharing: { url: 'http://192.168.1.20:1/k', until: Date.now() + 60_000, qr: ['1'] },
    });
    const doors = await serve(core);
    const page = await open(doors, '/certificates', look);
    const check = async (where: string): Promise<void> =>
      expect([where, ...(await faultsOf(page))]).toEqual([where]);
    await page.getByRole('timer').waitFor();
    await button(page, 'Check').click();
    await page.getByRole('list', { name: 'What was checked' }).waitFor();
    await check('in use');
    await button(page, 'Trust everywhere').click();
    await button(page.getByRole('dialog'), 'Trust it on this machine').waitFor();
    await check('plan');
    await page.keyboard.press('Escape');
    await page.goto(`${doors.address}/#/certificates?tab=other`);
    await page.getByText("Let's Encrypt by DNS").click();
    await page.getByLabel('Provider of the DNS records').selectOption('ovh');
    await button(page, 'Test this way').click();
    await check('another way');
    await page.getByText('Own certificate').click();
    await button(page, 'Pasted').click();
    await check('pasted');
  });
});

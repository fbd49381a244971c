// The Hardware page in a real browser: machines with no card, one, eight, in slices, of a WSL2, and in trouble.
import type { Locator, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { AutoGitError } from '../../main/errors.ts';
import { someHost } from '../fakes/fake-hardware.ts';
import { createHardwareWorld, machineKinds } from './hardware-world.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';

const { serve, open } = usePages();

const cards = (page: Page): Locator => page.getByRole('list', { name: 'GPUs' }).locator(':scope > li');
const chart = (page: Page, name: string): Locator => page.getByRole('slider', { name: `${name} over time` });

describe.skipIf(!canBrowse)('a graphics card', () => {
  it('shows what it does, who has it, and how it is, as the core pushes it', async () => {
    const world = createHardwareWorld('one');
    const page = await open(await serve(world.core), '/hardware');
    await page.getByRole('heading', { name: '1 GPU: 1 in use. The machine has room.' }).waitFor();
    const card = cards(page).first();
    await card.getByRole('meter', { name: 'Memory in use' }).waitFor();
    await card.getByRole('link', { name: 'job 9 of music/player' }).waitFor();
    await card.getByText('No trouble is seen.').waitFor();
    const asked = world.core.calls.length;
    world.set({ host: (at) => ({ ...someHost(at), memoryUsedMiB: 32_000 }) });
    await page.getByRole('heading', { name: 'The machine is nearly out of memory.' }).waitFor();
    // What is new was pushed: nothing was asked again.
    expect(world.core.calls).toHaveLength(asked);
  });

  it('is given to one job at a time after its plan was shown', async () => {
    const world = createHardwareWorld('one');
    const page = await open(await serve(world.core), '/hardware');
    const choice = page.getByRole('group', { name: 'Jobs that may have RTX 5080' });
    await choice.getByRole('button', { name: 'One at a time' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^autogit gpu use GPU-5a1c77de-\S+ exclusive$/).waitFor();
    expect(world.core.world.snapshot().gpus[0]?.use).toBe('shared');
    await dialog.getByRole('button', { name: 'Give the GPU to one job at a time' }).click();
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await expect
      .poll(() => choice.getByRole('button', { name: 'One at a time' }).getAttribute('aria-pressed'))
      .toBe('true');
  });

  it('has an address, with everything that is known of it, and is closed by Escape', async () => {
    const world = createHardwareWorld('one');
    const page = await open(await serve(world.core), '/hardware');
    await page.getByRole('link', { name: 'RTX 5080' }).click();
    const panel = page.getByRole('complementary');
    await panel
      .getByText('Device files')
      .or(panel.getByText('Driver', { exact: true }))
      .first()
      .waitFor();
    await panel.getByText('python3').waitFor();
    expect(page.url()).toContain('#/hardware/GPU-5a1c77de');
    await page.keyboard.press('Escape');
    await expect.poll(() => panel.count()).toBe(0);
  });

  it('that is not there is said to be so', async () => {
    const page = await open(await serve(createHardwareWorld('none').core), '/hardware/GPU-gone');
    await page.getByText('There is no GPU GPU-gone.').waitFor();
  });
});

describe.skipIf(!canBrowse)('machines of every kind', () => {
  it('without a card teach what would be there', async () => {
    const page = await open(await serve(createHardwareWorld('none').core), '/hardware');
    await page.getByRole('heading', { name: 'No GPU was found', level: 2 }).waitFor();
    await page.getByText('autogit doctor --area hardware').waitFor();
    await chart(page, 'Processor').waitFor();
  });

  it('whose cards nobody can see are not said to have none', async () => {
    const page = await open(await serve(createHardwareWorld('unseen').core), '/hardware');
    await page.getByRole('heading', { name: 'The GPUs are not known', level: 2 }).waitFor();
    await page.getByText('whose GPUs cannot be seen from here').first().waitFor();
    await page.getByText('autogit engine list').waitFor();
    expect(await page.getByText('No GPU').count()).toBe(0);
  });

  it('with eight cards show them all', async () => {
    const page = await open(await serve(createHardwareWorld('eight').core), '/hardware');
    await expect.poll(() => cards(page).count()).toBe(8);
    await page.getByRole('heading', { name: /^8 GPUs: 6 in use and 2 free\./ }).waitFor();
  });

  it('show slices in their card, each with its own address', async () => {
    const page = await open(await serve(createHardwareWorld('slices').core), '/hardware');
    await expect.poll(() => cards(page).count()).toBe(1);
    await page.getByRole('link', { name: 'H100 80GB HBM3 1g.10gb' }).click();
    await page.getByRole('complementary').getByText('It is kept for the notebook.').waitFor();
  });

  it('show the cards of a WSL2 in one, as jobs get them', async () => {
    const page = await open(await serve(createHardwareWorld('wsl').core), '/hardware');
    await expect.poll(() => cards(page).count()).toBe(1);
    await expect.poll(() => cards(page).getByRole('meter').count()).toBe(2);
    await cards(page).getByText('2 cards that come and go together').waitFor();
  });

  it('say cause and next step on the card that is in trouble, and keep one for who has it', async () => {
    const world = createHardwareWorld('trouble');
    const page = await open(await serve(world.core), '/hardware');
    await cards(page).nth(0).getByText('Slower because of heat').waitFor();
    await cards(page).nth(1).getByText('RTX 5080 has fallen off the bus (Xid 79).').waitFor();
    await cards(page).nth(1).getByText('unknown').first().waitFor();
    await page.getByText('rocm-smi has not answered within 5 s').waitFor();
    await cards(page).nth(2).getByRole('button', { name: 'Off' }).click();
    await page.getByText('autogit gpu use GPU-0foreign off --for Ollama').last().waitFor();
  });

  it.each(machineKinds)(
    '(%s) have no element without a name, and no text that scrolls sideways',
    async (kind) => {
      const doors = await serve(createHardwareWorld(kind).core);
      for (const width of [480, 1280]) {
        const page = await open(doors, '/hardware', { viewport: { width, height: 800 } });
        await chart(page, 'Network').waitFor();
        const faults = await page.evaluate<string[]>(
          `[
          ...[...document.querySelectorAll('button, a[href], [role=slider], [role=meter]')]
            .filter((one) => !(one.getAttribute('aria-label') ?? one.textContent).trim())
            .map((one) => 'no name: ' + one.outerHTML.slice(0, 120)),
          ...[...document.querySelectorAll('main, main *')]
            .filter((one) => ['auto', 'scroll', 'visible'].includes(getComputedStyle(one).overflowX))
            .filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1)
            .map((one) => 'too wide: ' + one.tagName + '.' + one.className),
        ]`,
        );
        expect(faults).toEqual([]);
      }
    },
  );
});

describe.skipIf(!canBrowse)('the machine over time', () => {
  it('is read by keyboard, and as a table', async () => {
    const page = await open(await serve(createHardwareWorld('none').core), '/hardware');
    await chart(page, 'Processor').focus();
    const reading = (): Promise<string | null> => chart(page, 'Processor').getAttribute('aria-valuetext');
    await expect.poll(reading).toMatch(/^\d+ % at /);
    const newest = await reading();
    await page.keyboard.press('Home');
    await expect.poll(() => chart(page, 'Processor').getAttribute('aria-valuenow')).toBe('0');
    expect(await reading()).toMatch(/^\d+ % at /);
    expect(await reading()).not.toBe(newest);
    await page.getByRole('button', { name: 'Network as a table' }).click();
    const table = page.getByRole('region', { name: 'Network in numbers' });
    await table.getByRole('columnheader', { name: 'out' }).waitFor();
    // A gap is a gap in numbers, too.
    await table.getByRole('cell', { name: 'unknown' }).first().waitFor();
  });

  it('goes back as far as its address says', async () => {
    const world = createHardwareWorld('none');
    const doors = await serve(world.core);
    const page = await open(doors, '/hardware');
    await page.getByRole('button', { name: '7 days' }).click();
    await expect.poll(() => page.url()).toBe(`${doors.address}/#/hardware?range=week`);
    await expect
      .poll(() => world.core.calls.findLast(({ name }) => name === 'machine.history')?.input)
      .toMatchObject({ minutes: 10_080 });
    await page.reload();
    const week = page.getByRole('button', { name: '7 days' });
    await expect.poll(() => week.getAttribute('aria-pressed')).toBe('true');
  });

  it('says why it cannot be told, in place of lines', async () => {
    const world = createHardwareWorld('none');
    const hidden = { cpuPercent: null, unknown: { cpuPercent: 'this system does not tell it' } };
    world.set({ host: (at) => ({ ...someHost(at), ...hidden }) });
    const page = await open(await serve(world.core), '/hardware');
    await page.getByText('Not known: this system does not tell it.').waitFor();
  });

  it('keeps what it showed when asking fails, and says what to do', async () => {
    const world = createHardwareWorld('one');
    world.core.failNext(
      'machine.history',
      new AutoGitError({
        key: 'store.unreadable',
        message: 'The history cannot be read.',
        next: 'Free the disk.',
      }),
    );
    const page = await open(await serve(world.core), '/hardware');
    await page.getByRole('alert').getByText('The history cannot be read.').waitFor();
    await cards(page).first().waitFor();
  });

  it('says when the examination of the machine fails', async () => {
    const world = createHardwareWorld('one');
    const message = 'The machine cannot be examined.';
    world.core.failNext(
      'doctor.run',
      new AutoGitError({ key: 'engine.unreachable', message, next: 'Look.' }),
    );
    const page = await open(await serve(world.core), '/hardware');
    await page.getByRole('alert').getByText(message).waitFor();
    await cards(page).first().waitFor();
  });

  it('is taken up again when the core comes back', async () => {
    const world = createHardwareWorld('one');
    const page = await open(await serve(world.core), '/hardware');
    await cards(page).first().getByRole('meter').waitFor();
    await page.context().setOffline(true);
    await page.reload().catch(() => undefined);
    await page.context().setOffline(false);
    await page.reload();
    await cards(page).first().getByRole('meter').waitFor();
  });
});

describe.skipIf(!canBrowse)('architectures', () => {
  it('say what is emulated and what that costs, and are tried and emulated after the plan', async () => {
    const world = createHardwareWorld('none');
    const page = await open(await serve(world.core), '/hardware');
    const arm = page.getByRole('listitem', { name: 'arm64' });
    await arm.getByText('Emulated', { exact: true }).waitFor();
    await arm.getByText(/expect about 5 times the time/).waitFor();
    await arm.getByText('Pool arm asks for it.').waitFor();
    await page
      .getByRole('listitem', { name: 'riscv64' })
      .getByText(/registered without F/)
      .waitFor();
    await arm.getByRole('button', { name: 'Try arm64' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('autogit arch test arm64').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Emulate s390x' }).click();
    await dialog.getByText('autogit arch enable s390x --privileged').waitFor();
  });
});

describe.skipIf(!canBrowse)('the machine itself', () => {
  it('is told with what is not known and why, and looked at again on demand', async () => {
    const world = createHardwareWorld('none');
    const page = await open(await serve(world.core), '/hardware');
    await page.getByText('AMD Ryzen 7 7700').waitFor();
    await page.getByText('unknown: only root can see the rules').waitFor();
    await page
      .getByRole('region', { name: 'Container engine' })
      .getByText('Docker 29.1.2, API 1.52')
      .waitFor();
    const asked = (): number => world.core.calls.filter(({ name }) => name === 'machine.detect').length;
    const before = asked();
    await page.getByRole('button', { name: 'Look again' }).click();
    await expect.poll(asked).toBe(before + 1);
  });
});

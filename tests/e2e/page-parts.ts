// What tests of pages do and look at again and again.
import type { Locator, Page } from 'playwright';
import type { FakeCore } from '../fakes/fake-core.ts';

export function button(within: Page | Locator, name: string | RegExp): Locator {
  return within.getByRole('button', { name, exact: true });
}

export async function heading(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** Agrees to the plan that is shown, and closes the dialog that says what came of it. */
export async function done(page: Page, effect: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await button(dialog, effect).click();
  await button(dialog, 'Close').click();
}

/** With what the core was asked this, each time. */
export function inputsOf({ calls }: Pick<FakeCore, 'calls'>, wanted: string): readonly unknown[] {
  return calls.filter(({ name }) => name === wanted).map(({ input }) => input);
}

export function lastInput(core: Pick<FakeCore, 'calls'>, wanted: string): unknown {
  return inputsOf(core, wanted).at(-1);
}

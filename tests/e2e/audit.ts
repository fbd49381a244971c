// What those who do not see the page, or see it badly, would stumble over: by rules of our own, and by axe-core.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright';

/** Evaluated in the page: what the page loads by itself is held by its policy, which stays as it is. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Names of controls, labels of fields, ids that stand once, order of headings, text that scrolls sideways. */
const ownRules = `(() => {
  const named = (one) =>
    (one.getAttribute('aria-label') ?? '').trim() !== '' || one.textContent.trim() !== '' ||
    (one.labels?.length ?? 0) > 0 || one.getAttribute('aria-labelledby') !== null;
  const short = (one) => one.outerHTML.slice(0, 140);
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  const levels = [...document.querySelectorAll('main h1, main h2, main h3')].map(({ tagName }) => Number(tagName[1]));
  return [
    ...[...document.querySelectorAll('button:not([hidden]), a[href], input, select, textarea, [role=img], [role=grid]')]
      .filter((one) => !named(one)).map((one) => 'no name: ' + short(one)),
    ...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => 'twice: #' + id),
    ...[...document.querySelectorAll('[aria-describedby]')]
      .filter((one) => one.getAttribute('aria-describedby').split(' ').some((id) => document.getElementById(id) === null))
      .map((one) => 'described by nothing: ' + short(one)),
    ...levels.flatMap((level, at) => (level > (levels[at - 1] ?? 0) + 1 ? ['heading skipped before level ' + level] : [])),
    ...[...document.querySelectorAll('[style]')]
      .filter((one) => one.closest('[role=grid]') === null).map((one) => 'a style of its own: ' + short(one)),
    ...[document.documentElement, ...document.querySelectorAll('main, main *, dialog *')]
      .filter((one) => ['auto', 'scroll', 'visible'].includes(getComputedStyle(one).overflowX))
      .filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1)
      .map((one) => 'too wide: ' + one.tagName + '.' + one.className),
  ];
})()`;

const axeRules = (rules: string): string => `axe.run(document, ${rules}).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 140)).join(' | ')))`;

/** Colours on their way are nobody's; what never ends (a skeleton's pulse) is not waited for. */
const atRest = `Promise.all(document.getAnimations()
    .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime))
    .map((one) => one.finished.catch(() => undefined)))
  .then(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))`;

/** What is found twice the same: a page on its way to what it shows has no faults yet. */
async function lasting(page: Page, look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  let before: readonly string[] | null = null;
  for (;;) {
    await page.evaluate(atRest);
    const found = await look();
    if (found.length === 0 || JSON.stringify(found) === JSON.stringify(before)) return found;
    before = found;
  }
}

/** Everything that is wrong with what is shown, a line each. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  return lasting(page, async () => [
    ...(await page.evaluate<string[]>(ownRules)),
    ...(await axeFaults(page)),
  ]);
}

/** What axe-core finds, a line each, by all its rules or by some: https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md */
export async function axeFaultsOf(page: Page, only: readonly string[] = []): Promise<readonly string[]> {
  return lasting(page, () => axeFaults(page, only));
}

async function axeFaults(page: Page, only: readonly string[] = []): Promise<readonly string[]> {
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(axe);
  const rules = only.length === 0 ? {} : { runOnly: { type: 'rule', values: only } };
  return page.evaluate<string[]>(axeRules(JSON.stringify(rules)));
}

/** Windows that every state is looked at in. */
export const auditedWindows = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [480, 1024].map((width) => ({ colorScheme, viewport: { width, height: 800 } })),
);

/** What hostile names are made of: none of it may ever be read as anything but text. */
export const hostileNames = [
  '<img src=x onerror="document.title=1">',
  '"><script>document.title = 1</script>',
  'javascript:alert(1)',
  '\u202Egpj.exe {{ 7*7 }} ${7*7}',
] as const;

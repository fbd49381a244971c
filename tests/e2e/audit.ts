// What those who do not see the page, or see it badly, would stumble over; by axe-core as well, where somebody has it.
import { existsSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright';

/** Path of axe-core's `axe.min.js`; `null`: the page is looked at by what follows here alone. */
const axePath: string | null = (() => {
  const given = process.env['AUTOGIT_AXE'];
  return given !== undefined && existsSync(given) ? given : null;
})();

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

const axeRules = `axe.run(document).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 140)).join(' | ')))`;

/** Everything that is wrong with what is shown, a line each. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  const own = await page.evaluate<string[]>(ownRules);
  if (axePath === null) return own;
  const found = await page.evaluate<string[]>(`${readFileSync(axePath, 'utf8')};${axeRules}`);
  return [...own, ...found];
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

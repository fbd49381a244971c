// Every setting of a pool has a page in docs/pools that says its default and range as the schema has them.
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { describeAllowed } from '../../../main/config/allowed.ts';
import { defaultSettingsText } from '../../../main/config/default-text.ts';
import { parseSettings } from '../../../main/config/parse-settings.ts';
import { poolSchema } from '../../../main/model/pool.ts';

const folder = new URL('../../../docs/pools/', import.meta.url).pathname;
const defaults = new Map<string, unknown>(Object.entries(poolSchema.parse({ name: 'default' })));
const settings = Object.keys(poolSchema.shape);

const factsOf = (setting: string): { readonly initial: string; readonly allowed: string } => ({
  initial: setting === 'name' ? 'it must be given' : `\`${JSON.stringify(defaults.get(setting))}\``,
  allowed: describeAllowed(['pools', 0, setting], { pools: [{}] }) ?? '',
});

describe('the pages of pools', () => {
  it('are one for each setting, and no other', async () => {
    const pages = (await readdir(folder)).filter((name) => name !== 'README.md');
    expect(pages.sort()).toEqual(settings.map((setting) => `${setting}.md`).sort());
  });

  it.each(settings)(
    '%s: default, range, an example that is valid, and what GitLab does with it',
    async (setting) => {
      const page = await readFile(`${folder}${setting}.md`, 'utf8');
      const { initial, allowed } = factsOf(setting);
      expect(page.startsWith(`# ${setting}\n`)).toBe(true);
      expect(page).toContain(`\n- Default: ${initial}\n- Allowed: ${allowed}\n`);
      expect(page).toContain('\nAt GitLab: ');
      const example = /```yaml\n([^`]+)```/.exec(page)?.[1] ?? '';
      expect(parseSettings(example).problems).toEqual([]);
      expect(example).toContain(`${setting}:`);
      expect(page.length).toBeLessThan(1_500);
    },
  );

  it.each(settings)(
    '%s stands in the list of all, in the list of settings and in the file of a new home',
    async (setting) => {
      const { initial, allowed } = factsOf(setting);
      const list = await readFile(`${folder}README.md`, 'utf8');
      expect(list).toContain(`| [\`${setting}\`](${setting}.md) | ${initial} | ${allowed} |`);
      expect(await readFile(`${folder}../settings.md`, 'utf8')).toContain(`| \`pools[].${setting}\` |`);
      const { pools } = z
        .object({ pools: z.array(z.record(z.string(), z.unknown())) })
        .parse(parse(defaultSettingsText));
      expect(pools[0]).toHaveProperty(setting);
    },
  );
});

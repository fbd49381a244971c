// The look of a page: kept, applied, and never broken by what stands in the storage.
import { describe, expect, it } from 'vitest';
import { dateFormat, numeral, setLocale } from '../../../renderer/language/locale.ts';
import { applyLook, createLooks, lookKey, parseLook, usualLook } from '../../../renderer/state/look.ts';
import type { Look, LookRoot } from '../../../renderer/state/look.ts';

describe('the look', () => {
  it.each([
    [null, usualLook],
    ['', usualLook],
    ['[]', usualLook],
    ['{"theme":"pink","text":"300","motion":1,"locale":"no such tag!"}', usualLook],
    ['{"theme":"dark","text":"200"}', { ...usualLook, theme: 'dark', text: '200' }],
    ['{"locale":"de-AT"}', { ...usualLook, locale: 'de-AT' }],
  ] as const)('is read from %j', (text, expected) => {
    expect(parseLook(text)).toEqual(expected);
  });

  it('is put on the page as the reader has it, else as the system', () => {
    const root: LookRoot = { dataset: {}, lang: 'en' };
    applyLook(usualLook, root, true);
    expect(root.dataset).toEqual({ theme: 'dark' });
    applyLook({ ...usualLook, theme: 'light', text: '150', motion: 'reduced' }, root, true);
    expect(root.dataset).toEqual({ theme: 'light', text: '150', motion: 'reduced' });
    applyLook(usualLook, root, false);
    expect(root.dataset).toEqual({ theme: 'light' });
  });

  it('is shown at once, kept, and taken over from another window; a storage that refuses changes nothing', () => {
    const kept = new Map<string, string>();
    const shown: Look[] = [];
    const elsewhere: (() => void)[] = [];
    let isRefused = false;
    const looks = createLooks({
      storage: {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => {
          if (isRefused) throw new Error('full');
          kept.set(key, value);
        },
      },
      show: (look) => void shown.push(look),
      onElsewhere: (listener) => void elsewhere.push(listener),
    });
    looks.change({ theme: 'dark' });
    expect(shown.at(-1)).toMatchObject({ theme: 'dark' });
    expect(parseLook(kept.get(lookKey) ?? null).theme).toBe('dark');
    kept.set(lookKey, '{"theme":"light"}');
    for (const listener of elsewhere) listener();
    expect(looks.get().theme).toBe('light');
    isRefused = true;
    looks.change({ text: '125' });
    expect(looks.get().text).toBe('125');
  });
});

describe('dates and numbers', () => {
  it('follow the language that was chosen, also in formats that were made before', () => {
    const day = dateFormat({ dateStyle: 'short', timeZone: 'UTC' });
    setLocale('de-DE');
    expect([numeral(12_345.5), day.format(0)]).toEqual(['12.345,5', '01.01.70']);
    setLocale('en-US');
    expect([numeral(12_345.5), day.format(0)]).toEqual(['12,345.5', '1/1/70']);
    setLocale('');
  });
});

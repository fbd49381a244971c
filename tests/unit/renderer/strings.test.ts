// The page's texts: what they say in English, in another language, and that translators have all of them.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { count, speak, t } from '../../../renderer/language/strings.ts';
import { collectStrings, englishFile, renderStrings, textsIn } from './collect-strings.ts';

describe('a text', () => {
  it('says what is given for its holes, whatever that is', () => {
    const hostile = '<b>{{name}} $t(other) \\ &amp;';
    expect(t('Pool {{name}} is paused.', { name: hostile })).toBe(`Pool ${hostile} is paused.`);
  });

  it('may hold any sign, as it is its own key', () => {
    expect(t('Not: known. Yet_other: {0} $t(x)')).toBe('Not: known. Yet_other: {0} $t(x)');
  });

  it('of a number is that of one or of many', () => {
    const jobs = [0, 1, 2, 1_000].map((number) => count(number, '{{n}} job', '{{n}} jobs'));
    expect(jobs).toEqual(['0 jobs', '1 job', '2 jobs', `${(1_000).toLocaleString()} jobs`]);
  });
});

describe('another language', () => {
  afterEach(() => speak('en', {}));

  it('says what its catalogue has, with the forms that it needs, and the rest in English', () => {
    speak('cs', {
      'Pool {{name}}': 'Skupina {{name}}',
      '{{n}} jobs_one': '{{n}} úloha',
      '{{n}} jobs_few': '{{n}} úlohy',
      '{{n}} jobs_other': '{{n}} úloh',
    });
    expect(t('Pool {{name}}', { name: 'gpu' })).toBe('Skupina gpu');
    expect([1, 3, 5].map((number) => count(number, '{{n}} job', '{{n}} jobs'))).toEqual([
      '1 úloha',
      '3 úlohy',
      '5 úloh',
    ]);
    expect(t('Not translated yet')).toBe('Not translated yet');
    expect(count(2, '{{n}} runner', '{{n}} runners')).toBe('2 runners');
  });
});

describe('what translators get', () => {
  it('are all texts of the page: `node tests/unit/renderer/collect-strings.ts`', () => {
    expect(readFileSync(englishFile, 'utf8') === renderStrings(collectStrings())).toBe(true);
  });

  it('are texts with and without number, but none that is made of parts', () => {
    const source = "t('Jobs'); count(n, '{{n}} job', '{{n}} jobs'); other('x');";
    expect(Object.fromEntries(textsIn('a.ts', source))).toEqual({
      ...{ Jobs: 'Jobs', '{{n}} jobs_one': '{{n}} job', '{{n}} jobs_other': '{{n}} jobs' },
    });
    expect(() => textsIn('a.ts', "\nt('a' + b);")).toThrow('a.ts:2: a text has to stand there as it is');
  });

  it('come back with the same holes, and with no text that the page has not', () => {
    const english = collectStrings();
    const holes = (text: string): string[] => [...new Set(text.match(/\{\{\w+\}\}|<\/?\w+\/?>/g))].sort();
    const baseOf = (key: string): string => key.replace(/_(?:zero|one|two|few|many|other)$/, '');
    for (const name of readdirSync(path.dirname(englishFile)).filter((file) => file.endsWith('.json'))) {
      const texts: unknown = JSON.parse(readFileSync(path.join(path.dirname(englishFile), name), 'utf8'));
      for (const [key, text] of Object.entries(Object(texts) as object)) {
        expect([name, key, english[key] ?? english[`${baseOf(key)}_other`]]).not.toContain(undefined);
        expect([key, holes(String(text))]).toEqual([key, holes(english[key] ?? baseOf(key))]);
      }
    }
  });
});

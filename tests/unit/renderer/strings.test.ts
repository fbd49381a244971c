// The page's texts: what they say in English, in another language, and that translators have all of them.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { count, speak, t } from '../../../renderer/language/strings.ts';
import { wantedLanguage } from '../../../renderer/language/wanted.ts';
import { collectStrings, englishFile, faultsIn, renderStrings, textsIn } from './collect-strings.ts';

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
    const folder = path.dirname(englishFile);
    const english = collectStrings();
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
    expect(files).toContain('en.json');
    for (const name of files) {
      const texts = z
        .record(z.string(), z.string())
        .parse(JSON.parse(readFileSync(path.join(folder, name), 'utf8')));
      expect(faultsIn(texts, english), name).toEqual([]);
    }
  });
});

describe('a translation', () => {
  const english = {
    'Read <guide>the guide</guide> of {{name}}': 'Read <guide>the guide</guide> of {{name}}',
    ...{ '{{n}} jobs_one': '{{n}} job', '{{n}} jobs_other': '{{n}} jobs' },
  };

  it('may place holes as it likes, and have the forms that its numbers need', () => {
    const good = {
      'Read <guide>the guide</guide> of {{name}}': '{{name}}: <guide>příručka</guide>',
      ...{
        '{{n}} jobs_one': '{{n}} úloha',
        '{{n}} jobs_few': '{{n}} úlohy',
        '{{n}} jobs_other': '{{n}} úloh',
      },
    };
    expect(faultsIn(good, english)).toEqual([]);
  });

  it('without a hole or an element of its text, or of no text of the page, is named', () => {
    const bad = {
      'Read <guide>the guide</guide> of {{name}}': 'Příručka {{nazev}}',
      ...{ '{{n}} jobs_few': 'úlohy', Gone: 'Pryč' },
    };
    expect(faultsIn(bad, english)).toEqual([
      'Read <guide>the guide</guide> of {{name}}: has to have </guide> <guide> {{name}}',
      '{{n}} jobs_few: has to have {{n}}',
      'Gone: the page has no such text',
    ]);
  });

  it('is taken for the first language of the reader that there is, and English where that comes before', () => {
    expect(wantedLanguage(['de-AT', 'en'], ['cs', 'de'])).toBe('de');
    expect(wantedLanguage(['fr', 'cs-CZ'], ['cs', 'de'])).toBe('cs');
    expect(wantedLanguage(['en-GB', 'de'], ['de'])).toBeNull();
    expect(wantedLanguage(['fr'], ['de'])).toBeNull();
  });
});

// Settings in words, and what somebody means who types.
import { describe, expect, it } from 'vitest';
import { defaultSettingsText } from '../../../main/config/default-text.ts';
import { createSettingsCalls } from '../../fakes/fake-settings-calls.ts';
import { changeSettingDeed, settingCommand } from '../../../renderer/state/settings-deeds.ts';
import {
  defaultWords,
  draftOf,
  filterSettings,
  groupWords,
  meantBy,
  settingFilterOf,
  settingsSentence,
  valueWords,
  wrongDraft,
} from '../../../renderer/state/settings.ts';
import type { Setting } from '../../../renderer/state/settings.ts';

const told = createSettingsCalls(defaultSettingsText)['settings.describe']({});
const changed = createSettingsCalls('log: {level: debug}\n')['settings.describe']({});
const of = (path: string, from = told): Setting => {
  const found = from.settings.find((one) => one.path === path);
  if (found === undefined) throw new Error(path);
  return found;
};

describe('settings', () => {
  it('have words for every group there is', () => {
    expect(told.groups.map(({ path }) => path).filter((path) => groupWords[path] === undefined)).toEqual([]);
  });

  it('are those that apply; who searches finds all', () => {
    const paths = (query: Record<string, string>): readonly string[] =>
      filterSettings(changed.settings, settingFilterOf(query)).map(({ path }) => path);
    expect(paths({})).not.toContain('gitlab.url');
    expect(paths({})).not.toContain('pools.NAME.max');
    expect(paths({ text: 'idle' })).toContain('pools.NAME.idleTime');
    expect(paths({ text: 'address runners' })).toContain('gitlab.runnerUrl');
    expect(paths({ show: 'changed' })).toEqual(['log.level', ...paths({ show: 'changed' }).slice(1)]);
  });

  it('say in one sentence how many are not as usual, and that the file is broken', () => {
    expect(settingsSentence(told)).toBe('Every setting has its default.');
    expect(settingsSentence(changed)).toBe('1 setting differs from the default.');
    const broken = createSettingsCalls('log: 3\npools: 4\n')['settings.describe']({});
    expect(settingsSentence(broken)).toBe('The settings file has 2 problems; the defaults are in force.');
  });

  it('show values as people write them', () => {
    expect(valueWords(of('engine.host'))).toBe('none');
    expect(valueWords({ ...of('pools.NAME.idleTime'), value: 300 })).toBe('300 s');
    expect(defaultWords(of('pools.NAME.idleTime'))).toBe('300 s');
    expect(defaultWords(of('gitlab.url'))).toBeNull();
    expect(draftOf({ ...of('gpus.exclusive'), value: ['a', 'b'] })).toBe('a, b');
  });

  it('mean by a text what their kind makes of it', () => {
    expect(meantBy(of('pools.NAME.max'), ' 7 ')).toBe(7);
    expect(meantBy(of('gpus.exclusive'), 'a, b')).toEqual(['a', 'b']);
    expect(meantBy(of('engine.host'), '  ')).toBeNull();
    expect(wrongDraft(of('pools.NAME.max'), '1001')).toBe('Give a whole number from 0 to 1000.');
    expect(wrongDraft(of('pools.NAME.max'), '4.5')).not.toBeNull();
    expect(wrongDraft(of('pools.NAME.cpus'), '0.5')).toBeNull();
  });

  it('are changed by a deed with the same command, which agrees to a loss only where there is one', () => {
    const level = changeSettingDeed(of('log.level'), 'debug', 'x');
    expect(level).toMatchObject({ grave: false, commands: ['autogit settings set log.level debug'] });
    const kind = changeSettingDeed(of('gitlab.kind'), 'sandbox', 'x');
    expect(kind).toMatchObject({
      ...{ grave: true, effect: 'Change it and forget those jobs' },
      commands: ['autogit settings set gitlab.kind sandbox --forget --yes'],
    });
    expect(settingCommand('gpus.exclusive', ['a', 'b c'], false)).toBe("settings set gpus.exclusive 'a,b c'");
    expect(settingCommand('log.level', null, false)).toBe('settings set log.level none');
  });
});

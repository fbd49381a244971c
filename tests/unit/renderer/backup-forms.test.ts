// Forms about backups: places by kind, twelve words, rules of keeping, and what of a backup is restored.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  backupTargetSchema,
  noHostKey,
  targetKinds,
  targetSecrets,
} from '../../../main/model/backup/target.ts';
import { defaultBackupSettings, keepSchema } from '../../../main/model/backup/settings.ts';
import {
  afterwards,
  asksForSafety,
  blocking,
  changeGroups,
  choiceErrors,
  firstChoice,
  planSentence,
  restoreCommand,
  safetyWords,
  versionWords,
  wishOf,
} from '../../../renderer/state/backup-restore.ts';
import {
  keepSentence,
  keepTexts,
  readKeep,
  rulesOf,
  scheduleNameError,
} from '../../../renderer/state/backup-rules.ts';
import { sheetSections } from '../../../renderer/state/backup-sheet.ts';
import {
  fieldsOf,
  readPlace,
  suggestedPlaceName,
  withoutPlaceSecrets,
} from '../../../renderer/state/backup-target-form.ts';
import {
  askedWords,
  namedWords,
  noWords,
  passwordOf,
  withTyped,
  wordProblem,
  wordsLeft,
} from '../../../renderer/state/backup-words.ts';
import { sheetText } from '../../../renderer/state/sheet.ts';
import { somePlan, someRecord, someSheet, someTargets, someWords } from '../../fakes/backup-lab.ts';

describe('a place that is typed', () => {
  it('is one of the contract, with its secrets beside it', () => {
    const sftp = {
      ...{ name: 'nas', host: 'nas.home.arpa', user: 'backup', path: '/lab' },
      'ssh-key': '-----BEGIN KEY-----\nabc\n-----END KEY-----',
    };
    const { target, secrets, errors } = readPlace({ kind: 'sftp', texts: sftp }, []);
    expect(errors).toEqual({});
    expect(target).toMatchObject({ kind: 'sftp', port: 22, hostKey: noHostKey });
    // Without its last line break a key is none.
    expect(secrets).toEqual({ 'ssh-key': '-----BEGIN KEY-----\nabc\n-----END KEY-----\n' });
    const usb = readPlace({ kind: 'usb', texts: { name: 'usb', label: 'BACKUP', onPlugIn: 'yes' } }, []);
    expect(usb.target).toEqual({
      ...{ name: 'usb', kind: 'usb', label: 'BACKUP', path: 'autogit-backup', onPlugIn: true },
    });
  });

  it('says by field what is wrong with it', () => {
    const wrong = (kind: (typeof targetKinds)[number], texts: Readonly<Record<string, string>>) =>
      Object.keys(readPlace({ kind, texts }, ['nas']).errors).toSorted();
    expect(wrong('folder', { name: 'nas', path: 'mnt/x' })).toEqual(['name', 'path']);
    expect(wrong('sftp', { name: 'x', host: 'a b', port: '99999', user: 'u', path: '/x' })).toEqual(
      ['host', 'port', 'ssh-key'].toSorted(),
    );
    expect(wrong('s3', { name: 'x', endpoint: 'nowhere' })).toEqual(
      ['access-key-id', 'bucket', 'endpoint', 'secret-access-key'].toSorted(),
    );
    expect(wrong('rclone', { name: 'x', remote: 'drive' })).toEqual([]);
  });

  it('keeps no secret once it was used, and asks for every one that its kind needs', () => {
    for (const kind of targetKinds) {
      const names = fieldsOf(kind).map(({ name }) => name);
      for (const secret of targetSecrets[kind]) expect(names).toContain(secret);
      const texts = Object.fromEntries(names.map((name) => [name, 'x']));
      const left = Object.keys(withoutPlaceSecrets({ kind, texts }).texts);
      for (const secret of targetSecrets[kind]) expect(left).not.toContain(secret);
    }
  });

  it('is never good where the contract would refuse it', () => {
    const text = fc.string({ maxLength: 30 });
    fc.assert(
      fc.property(
        fc.constantFrom(...targetKinds),
        fc.dictionary(
          fc.constantFrom('path', 'label', 'host', 'user', 'name', 'remote', 'bucket', 'endpoint', 'port'),
          text,
        ),
        (kind, texts) => {
          const { target, errors } = readPlace({ kind, texts }, []);
          if (target === null) expect(Object.keys(errors).length).toBeGreaterThan(0);
          else expect(backupTargetSchema.safeParse(target).success).toBe(true);
        },
      ),
    );
  });

  it('gets a name that nobody has', () => {
    expect(suggestedPlaceName('sftp', [])).toBe('nas');
    expect(suggestedPlaceName('sftp', ['nas', 'nas-2'])).toBe('nas-3');
  });
});

describe('twelve words', () => {
  it('are pasted at once, with or without their numbers, wherever that is', () => {
    const numbered = someWords.map((word, at) => `${at + 1}. ${word.toUpperCase()}`).join('\n');
    for (const [at, text] of [
      [0, someWords.join(' ')],
      [7, numbered],
    ] as const)
      expect(passwordOf(withTyped(noWords, at, text))).toBe(someWords.join(' '));
  });

  it('are typed one by one, and a part of them fills only what is behind', () => {
    const typed = someWords.reduce((words, word, at) => withTyped(words, at, `${word} `), noWords);
    expect(passwordOf(typed)).toBe(someWords.join(' '));
    const some = withTyped(noWords, 3, 'alpha beta');
    expect(some.slice(2, 6)).toEqual(['', 'alpha', 'beta', '']);
    expect(wordsLeft(some)).toBe('2 of 12 words are there.');
  });

  it('are looked at each by itself', () => {
    expect(
      ['orbit', '', 'or', 'naïve', 'abcdefghi', 'or1'].map(wordProblem).map((one) => one === ''),
    ).toEqual([...[true, true, false, false, false, false]]);
    expect(wordsLeft(withTyped(noWords, 4, 'x'))).toMatch(/^Word 5: /);
    expect(passwordOf(withTyped(noWords, 0, 'orbit'))).toBeNull();
    expect(namedWords('Word 3 is not in the list, and word 12 neither; word 13 is none.')).toEqual([3, 12]);
  });

  it('are asked for two at a time, never the same one twice', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (one, other) => {
          const dice = [one, other];
          const [first, second] = askedWords(() => dice.shift() ?? 0);
          expect(first).toBeLessThan(second);
          expect(first).toBeGreaterThanOrEqual(1);
          expect(second).toBeLessThanOrEqual(12);
        },
      ),
    );
  });
});

describe('the recovery sheet of backups', () => {
  it('has twelve numbered words, the places, and the way back with and without AutoGit', () => {
    const text = sheetText('Recovery sheet', 'today', sheetSections(someSheet(someTargets(), null)));
    someWords.forEach((word, at) => expect(text).toContain(`${at + 1}.: ${word}`));
    for (const words of ['nas: backup@nas.home.arpa:/lab', 'Restore from a backup', 'restic -r sftp:'])
      expect(text).toContain(words);
  });
});

describe('the rules of keeping', () => {
  it('are said in a sentence', () => {
    expect(keepSentence(keepSchema.parse({}))).toBe('Kept: all of the last 30 days.');
    expect(keepSentence(keepSchema.parse({ days: 7, last: 1, monthly: 12, yearly: 1 }))).toBe(
      'Kept: all of the last 7 days, the newest, the last of each of 12 months and the last of each of 1 year.',
    );
    expect(keepSentence(keepSchema.parse({ days: 0 }))).toMatch(/nothing is ever removed/);
  });

  it('are read as they were written, and wrong ones named', () => {
    const keep = keepSchema.parse({ days: 14, weekly: 8 });
    expect(readKeep(keepTexts(keep)).keep).toEqual(keep);
    const { keep: none, errors } = readKeep({ ...keepTexts(keep), days: '-1', yearly: 'x' });
    expect(none).toBeNull();
    expect(Object.keys(errors).toSorted()).toEqual(['days', 'yearly']);
  });

  it('come from the settings; unreadable ones are the defaults', () => {
    expect(rulesOf({ backups: { keep: { days: 3 } } }).keep.days).toBe(3);
    expect(rulesOf({ backups: 'nonsense' })).toEqual(defaultBackupSettings);
    expect(scheduleNameError('nightly', ['nightly'])).toContain('already');
    expect(scheduleNameError('Not a name', [])).not.toBeNull();
    expect(scheduleNameError('weekly', ['nightly'])).toBeNull();
  });
});

describe('a restore that is chosen', () => {
  it('asks only for what it is about', () => {
    expect(wishOf('newest', firstChoice)).toEqual({ backup: 'newest' });
    const choice = {
      ...firstChoice,
      parts: ['gitlab'] as const,
      project: ' a/b ',
      to: '/tmp/look',
      target: 'nas',
    };
    expect(wishOf('x', { ...choice, kind: 'parts' })).toEqual({
      backup: 'x',
      target: 'nas',
      parts: ['gitlab'],
    });
    expect(wishOf('x', { ...choice, kind: 'project' })).toEqual({
      ...{ backup: 'x', target: 'nas', project: 'a/b', to: '/tmp/look' },
    });
    expect(restoreCommand(wishOf('0123456789', { ...choice, kind: 'look' }))).toBe(
      "autogit backup restore 01234567 --target nas --to '/tmp/look'",
    );
  });

  it('says what is missing', () => {
    expect(choiceErrors(firstChoice)).toEqual({});
    expect(Object.keys(choiceErrors({ ...firstChoice, kind: 'parts' }))).toEqual(['parts']);
    expect(Object.keys(choiceErrors({ ...firstChoice, kind: 'project', to: 'x' }))).toEqual([
      'project',
      'to',
    ]);
    expect(choiceErrors({ ...firstChoice, kind: 'look', to: '/tmp/look' })).toEqual({});
  });

  it('says what becomes of what is there, and asks for no way back only where there could be one', () => {
    const plan = somePlan(someRecord(0, 'nas'));
    const bare = { ...plan, safety: false, withoutSafety: true };
    const empty = { ...plan, safety: false };
    const issue = {
      key: 'backup.restore-data-there',
      severity: 'error',
      subject: '',
      message: '',
      next: '',
    } as const;
    expect(safetyWords(plan)).toContain('is backed up first');
    expect(safetyWords(bare)).toContain('there is no way back');
    expect(safetyWords(empty)).toContain('Nothing is there yet');
    expect([plan, bare, empty, { ...empty, issues: [issue] }].map(asksForSafety)).toEqual([
      true,
      true,
      false,
      true,
    ]);
    const look = { ...plan, to: '/tmp/look', safety: false };
    expect([safetyWords(look), asksForSafety(look)]).toEqual([null, false]);
    expect(restoreCommand({ backup: 'newest', withoutSafety: true })).toBe(
      'autogit backup restore newest --without-safety',
    );
    const kept = (safety: boolean | null) => afterwards({ to: null, project: false, safety }).join(' ');
    expect(kept(true)).toContain('kept as a safety backup');
    for (const safety of [false, null]) expect(kept(safety)).not.toContain('safety backup');
  });

  it('says which version GitLab is now where it comes up as another', () => {
    const { versions } = somePlan(someRecord(0, 'nas'));
    if (versions === null) throw new Error('there is no GitLab in it');
    expect(versionWords({ versions: { ...versions, now: '19.3.4' } })).toMatch(
      /^GitLab is 19.3.4 now\. GitLab comes/,
    );
    for (const now of ['', '19.3.0'])
      expect(versionWords({ versions: { ...versions, now } })).toBe(versions.words);
    expect(versionWords({ versions: null })).toBeNull();
  });

  it('shows its plan by part, replaced things first, and what stands against it', () => {
    const plan = somePlan(someRecord(0, 'nas'));
    expect(changeGroups(plan).map(({ title, summary }) => [title, summary])).toEqual([
      ['AutoGit itself', '1 replaced, 1 the same'],
      ['GitLab', '1 replaced, 2 the same'],
      ['The other services', '1 new, 1 stays'],
    ]);
    expect(changeGroups(plan)[1]?.changes[0]?.what).toBe('projects');
    expect(planSentence(plan)).toBe('Replaced: AutoGit itself and GitLab.');
    const issue = {
      key: 'backup.newer',
      severity: 'error',
      subject: 'backup',
      message: 'It is newer.',
      next: 'Update.',
    } as const;
    expect(blocking({ issues: [issue] })).toBe('One thing stands against it');
    expect(planSentence({ ...plan, issues: [issue] })).toMatch(/nothing was changed/);
    expect(planSentence({ ...plan, to: '/tmp/look' })).toBe(
      'It goes to /tmp/look; nothing of the lab is changed.',
    );
  });
});

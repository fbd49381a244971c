// What becomes of a rendered file: the one rule that the plan shows and the run carries out.
import { describe, expect, it } from 'vitest';
import { fateOf, keptMark } from '../../../../main/model/stack/kept.ts';

const [ours, theirs, older] = ['hash of ours', 'hash of theirs', 'hash of older'];

describe('a rendered file', () => {
  it.each([
    ['is made where there is none', undefined, ours, undefined, 'create'],
    ['stays away where a person wants it so', undefined, ours, 'keep', 'kept'],
    ['stays where it is as it should be', ours, older, undefined, 'same'],
    ['is written anew where nobody has changed it', older, older, undefined, 'update'],
    ['is asked about where a person has changed it', theirs, older, undefined, 'ask'],
    ['is asked about where it is not ours at all', theirs, undefined, undefined, 'ask'],
    ['gives way to ours where a person says so', theirs, older, 'replace', 'update'],
    ['stays where a person says so', theirs, older, 'keep', 'kept'],
    ['stays where a person has said so before', theirs, keptMark(theirs, ours), undefined, 'kept'],
    ['is asked about where ours has changed since', theirs, keptMark(theirs, older), undefined, 'ask'],
    ['is asked about where theirs has changed since', theirs, keptMark(older, ours), undefined, 'ask'],
    ['gives way also after it was kept', theirs, keptMark(theirs, ours), 'replace', 'update'],
  ] as const)('%s', (_, onDisk, written, wish, fate) => {
    expect(fateOf({}, { wanted: ours, onDisk, written }, wish)).toBe(fate);
  });

  it('that is made once stays as it is from then on', () => {
    expect(fateOf({ once: true }, { wanted: ours, onDisk: undefined, written: undefined }, undefined)).toBe(
      'create',
    );
    expect(fateOf({ once: true }, { wanted: ours, onDisk: theirs, written: undefined }, 'replace')).toBe(
      'same',
    );
  });
});

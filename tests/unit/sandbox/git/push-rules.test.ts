import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageSkipsCi, parsePushOptions } from '../../../../main/sandbox/git/push-options.ts';
import { checkRefChange } from '../../../../main/sandbox/git/push-rules.ts';
import { matchesPattern } from '../../../../main/sandbox/pipelines/refs.ts';
import type { PushFacts, RefChange } from '../../../../main/sandbox/git/push-rules.ts';

const BLANK = '0'.repeat(40);
const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

const facts: PushFacts = {
  accessLevel: 40,
  admin: false,
  defaultBranch: 'main',
  empty: false,
  projectPath: 'g/p',
  membersUrl: 'http://x/g/p/-/project_members',
  protectedBranches: [{ name: 'main', pushAccessLevel: 40, mergeAccessLevel: 40, allowForcePush: false }],
  protectedTags: [{ name: 'v*', createAccessLevel: 40 }],
  fromWeb: false,
};
const update = (ref: string, forced = false): RefChange => ({ ref, before: A, after: B, forced });
const creation = (ref: string): RefChange => ({ ref, before: BLANK, after: B, forced: false });
const deletion = (ref: string): RefChange => ({ ref, before: A, after: BLANK, forced: false });
const developer: PushFacts = { ...facts, accessLevel: 30 };

describe('checkRefChange', () => {
  it('lets maintainers push to a protected branch and developers not', () => {
    expect(checkRefChange(update('refs/heads/main'), facts)).toBeNull();
    expect(checkRefChange(update('refs/heads/main'), developer)).toMatch(/push code to protected branches/);
    expect(checkRefChange(update('refs/heads/topic'), developer)).toBeNull();
  });

  it('refuses everybody where nobody may push, and only administrators pass level 60', () => {
    const rule = { name: 'main', mergeAccessLevel: 40, allowForcePush: false };
    const nobody = { ...facts, admin: true, protectedBranches: [{ ...rule, pushAccessLevel: 0 }] };
    expect(checkRefChange(update('refs/heads/main'), nobody)).not.toBeNull();
    const admins = { ...facts, accessLevel: 50, protectedBranches: [{ ...rule, pushAccessLevel: 60 }] };
    expect(checkRefChange(update('refs/heads/main'), admins)).not.toBeNull();
    expect(checkRefChange(update('refs/heads/main'), { ...admins, admin: true })).toBeNull();
  });

  it('allows a force push where the branch allows it', () => {
    const forced = update('refs/heads/main', true);
    expect(checkRefChange(forced, facts)).toMatch(/force push/);
    const [rule] = facts.protectedBranches;
    const open = {
      ...facts,
      protectedBranches: rule === undefined ? [] : [{ ...rule, allowForcePush: true }],
    };
    expect(checkRefChange(forced, open)).toBeNull();
  });

  it('lets nobody delete a protected branch by git, and maintainers by the API', () => {
    const rules = { ...facts, defaultBranch: 'other' };
    expect(checkRefChange(deletion('refs/heads/main'), rules)).toMatch(/using the web interface/);
    expect(checkRefChange(deletion('refs/heads/main'), { ...rules, fromWeb: true })).toBeNull();
    expect(checkRefChange(deletion('refs/heads/main'), { ...rules, accessLevel: 30 })).toMatch(
      /Only a project maintainer/,
    );
  });

  it('treats every branch of an empty repository as protected', () => {
    const empty = { ...developer, empty: true, protectedBranches: [], defaultBranch: null };
    expect(checkRefChange(creation('refs/heads/main'), empty)).toMatch(
      /default branch .* does not yet exist for g\/p/,
    );
    expect(checkRefChange(creation('refs/heads/main'), { ...empty, accessLevel: 40 })).toBeNull();
  });

  it('guards protected tags', () => {
    expect(checkRefChange(creation('refs/tags/v1'), developer)).toMatch(/create this tag as it is protected/);
    expect(checkRefChange(creation('refs/tags/v1'), facts)).toBeNull();
    expect(checkRefChange(update('refs/tags/v1'), facts)).toBe('Protected tags cannot be updated.');
    expect(checkRefChange(update('refs/tags/other'), developer)).toBeNull();
  });

  it('refuses people below developer and names that look like commits', () => {
    expect(checkRefChange(update('refs/heads/x'), { ...facts, accessLevel: 20 })).toMatch(
      /not allowed to push code/,
    );
    expect(checkRefChange(creation(`refs/heads/${A}`), facts)).toMatch(/40-character hexadecimal/);
    expect(checkRefChange(creation(`refs/tags/${A}`), facts)).toMatch(/SHA-1/);
  });
});

describe('matchesPattern', () => {
  it('matches every name with the pattern made from it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (start, middle, end) => {
        expect(
          matchesPattern(
            `${start.replaceAll('*', '')}*${end.replaceAll('*', '')}`,
            start.replaceAll('*', '') + middle + end.replaceAll('*', ''),
          ),
        ).toBe(true);
      }),
    );
  });

  it('takes everything but the star literally', () => {
    expect(matchesPattern('v1.0', 'v1x0')).toBe(false);
    expect(matchesPattern('release/*', 'release/1/2')).toBe(true);
    expect(matchesPattern('release/*', 'xrelease/1')).toBe(false);
  });
});

describe('push options', () => {
  it('reads what concerns CI and leaves the rest alone', () => {
    expect(
      parsePushOptions(['ci.skip', 'merge_request.create', "ci.variable='A=b'", 'ci.variable=bad']),
    ).toEqual({
      skipCi: true,
      variables: [{ key: 'A', value: 'b' }],
    });
  });

  it('never raises', () => {
    fc.assert(fc.property(fc.array(fc.string()), (options) => void parsePushOptions(options)));
  });

  it('knows the spellings of [skip ci]', () => {
    for (const text of ['[skip ci]', '[ci skip]', 'x [CI-SKIP] y', '[skip_ci]'])
      expect(messageSkipsCi(text)).toBe(true);
    for (const text of ['skip ci', '[skipci]', '']) expect(messageSkipsCi(text)).toBe(false);
  });
});

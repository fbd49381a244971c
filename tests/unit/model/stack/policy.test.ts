// GitLab's policy by its API: what is wanted, and what of it is missing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers } from '../../../../main/model/stack/certificate-names.ts';
import { policyDifference, wantedPolicy } from '../../../../main/model/stack/policy.ts';
import { benchAnswers } from '../../../fakes/stack-bench.ts';

const answers = benchAnswers();

describe('wantedPolicy', () => {
  it('has the answers in the words and units of GitLab', () => {
    expect(wantedPolicy(answers, null, {})).toEqual({
      ...{ signup_enabled: false, minimum_password_length: 12, session_expire_delay: 10_080 },
      ...{ default_branch_name: 'main', allow_local_requests_from_web_hooks_and_services: false },
      ...{ allow_local_requests_from_system_hooks: false, outbound_local_requests_whitelist: [] },
    });
  });

  it('allows hooks our address alone, beside what a person has allowed', () => {
    const present = { outbound_local_requests_whitelist: ['a.lan'] };
    const allowed = wantedPolicy(answers, 'autogit-gateway:8080', present)[
      'outbound_local_requests_whitelist'
    ];
    expect(allowed).toEqual(['a.lan', 'autogit-gateway:8080']);
  });

  it('is not missing anything once it was set', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.option(fc.domain()), (list, host) => {
        const present = { outbound_local_requests_whitelist: list };
        const wanted = wantedPolicy(answers, host, present);
        const after = { ...present, ...policyDifference(wanted, present) };
        expect(policyDifference(wantedPolicy(answers, host, after), after)).toEqual({});
      }),
    );
  });
});

describe('policyDifference', () => {
  it('has what differs and nothing else, whatever the order of a list', () => {
    expect(policyDifference({ a: 1, b: ['x', 'y'], c: true }, { a: 2, b: ['y', 'x'], d: 1 })).toEqual({
      a: 1,
      c: true,
    });
  });
});

describe('covers', () => {
  it.each([
    [['lab.home.arpa'], 'lab.home.arpa', true],
    [['*.lab.home.arpa'], 'GitLab.lab.home.arpa', true],
    [['*.lab.home.arpa'], 'a.gitlab.lab.home.arpa', false],
    [['*.lab.home.arpa'], 'lab.home.arpa', false],
    [['*.home.arpa'], 'gitlab.lab.home.arpa', false],
    [['*.lab.home.arpa'], '*.lab.home.arpa', true],
    [[], 'lab.home.arpa', false],
  ])('%j is for %s: %s', (names, name, is) => {
    expect(covers(names, name)).toBe(is);
  });
});

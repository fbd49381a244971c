// Rules about who may what: access control.
import { at, has, isFilledIn, list, names, text } from './document.ts';
import { broken, fine } from './rule.ts';
import type { Broken, Rule } from './rule.ts';

const policies: readonly string[] = ['bypass', 'one_factor', 'two_factor', 'deny'];
const policyWords = 'Write one of deny, one_factor, two_factor, bypass.';

function rule(id: string, judge: (one: unknown, position: number) => readonly Broken[]): Rule {
  return {
    id,
    judge: ({ configuration }) =>
      list(configuration, 'access_control.rules').flatMap((one, index) => judge(one, index + 1)),
  };
}

/** Everything that begins so is a name of somebody or something. */
const subject = /^(?:user|group|oauth2:client):\S/;

function isNetwork(text: string): boolean {
  const [, prefix] = /^[0-9a-fA-F.:]+(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  return (
    /^[0-9a-fA-F.:]+(?:\/\d{1,3})?$/.test(text) && Number(prefix ?? 0) <= (text.includes(':') ? 128 : 32)
  );
}

export const accessRules: readonly Rule[] = [
  {
    id: 'default-policy',
    judge: ({ configuration }) => {
      const policy = text(configuration, 'access_control.default_policy') ?? 'deny';
      return policies.includes(policy)
        ? fine
        : broken(`access_control.default_policy is ${policy}, which is no policy`, policyWords);
    },
  },
  {
    id: 'default-policy-alone',
    judge: ({ configuration }) => {
      const policy = text(configuration, 'access_control.default_policy') ?? 'deny';
      const isAlone = list(configuration, 'access_control.rules').length === 0;
      return isAlone && !['one_factor', 'two_factor'].includes(policy)
        ? broken(
            `access_control has no rules, and its default_policy is ${policy}`,
            'Give a rule, or the default_policy one_factor or two_factor.',
          )
        : fine;
    },
  },
  rule('rule-policy', (one, position) => {
    const policy = text(one, 'policy') ?? '';
    return policies.includes(policy)
      ? fine
      : broken(`rule ${position} of access_control has no policy that Authelia knows`, policyWords);
  }),
  rule('rule-domain', (one, position) =>
    has(one, 'domain') || has(one, 'domain_regex')
      ? fine
      : broken(`rule ${position} of access_control names no domain`, 'Give it domain or domain_regex.'),
  ),
  rule('rule-bypass', (one, position) =>
    text(one, 'policy') === 'bypass' && has(one, 'subject')
      ? broken(
          `rule ${position} of access_control lets pass without asking (bypass), but only some people (subject)`,
          'Take the subject out, or ask for a sign-in: one_factor.',
        )
      : fine,
  ),
  rule('rule-subject', (one, position) =>
    list(one, 'subject')
      .flat()
      .every((name) => subject.test(String(name)))
      ? fine
      : broken(
          `a subject of rule ${position} of access_control begins with none of user:, group:, oauth2:client:`,
          'Write it like group:admins.',
        ),
  ),
  {
    id: 'rule-network',
    judge: ({ configuration }) => {
      const named = [
        ...names(at(configuration, 'definitions.network')),
        // As versions before 4.39 have written it, and as it may still be written.
        ...list(configuration, 'access_control.networks').map((one) => text(one, 'name') ?? ''),
      ];
      const wrong = list(configuration, 'access_control.rules')
        .flatMap((one) => list(one, 'networks').map(String))
        .find((network) => !named.includes(network) && !isNetwork(network) && !isFilledIn(network));
      return wrong === undefined
        ? fine
        : broken(
            `the network ${wrong} of access_control is neither a network nor a name of one`,
            'Write it like 192.168.1.0/24.',
          );
    },
  },
];

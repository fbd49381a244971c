// What GitLab is told by its API, in its own words, and what of it GitLab has not kept.
import type { StackAnswers } from './answers.ts';

/** A value of GitLab's settings. */
export type PolicyValue = string | number | boolean | readonly string[];
export type Policy = Readonly<Record<string, PolicyValue>>;

/** GitLab's list of local addresses that hooks may reach. */
const allowList = 'outbound_local_requests_whitelist';

/**
 * `hookHost`: the one local address that hooks may reach, `host:port`; `null`: none. `present` has what people allowed
 * themselves, which stays. https://docs.gitlab.com/api/settings/
 */
export function wantedPolicy(
  { policy }: Pick<StackAnswers, 'policy'>,
  hookHost: string | null,
  present: Policy,
): Policy {
  const allowed = listOf(present[allowList]);
  return {
    signup_enabled: policy.signUp,
    minimum_password_length: policy.passwordLength,
    /** Minutes. */
    session_expire_delay: policy.sessionDays * 24 * 60,
    default_branch_name: policy.defaultBranch,
    allow_local_requests_from_web_hooks_and_services: false,
    allow_local_requests_from_system_hooks: false,
    [allowList]: hookHost === null || allowed.includes(hookHost) ? allowed : [...allowed, hookHost],
  };
}

function listOf(value: PolicyValue | undefined): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' && value !== '' ? [value] : [];
}

/** The part of `wanted` that `present` does not have. A list may have its entries in any order. */
export function policyDifference(wanted: Policy, present: Policy): Policy {
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => !isSame(value, present[name])));
}

function isSame(wanted: PolicyValue, present: PolicyValue | undefined): boolean {
  if (typeof wanted !== 'object') return wanted === present;
  const found = listOf(present);
  return wanted.length === found.length && wanted.every((one) => found.includes(one));
}

// What a push may do to a ref: GitLab's branch and tag checks, as pure functions.
// Messages from GitLab's lib/gitlab/checks/branch_check.rb and tag_check.rb.
import { matchesPattern } from '../pipelines/refs.ts';
import { BLANK_SHA } from './repository.ts';

export interface PushFacts {
  /** 0 when the person is not a member; administrators count as owner (50). */
  readonly accessLevel: number;
  readonly admin: boolean;
  readonly defaultBranch: string | null;
  /** The repository has no branch yet. */
  readonly empty: boolean;
  readonly projectPath: string;
  readonly membersUrl: string;
  readonly protectedBranches: readonly BranchProtection[];
  readonly protectedTags: readonly TagProtection[];
  /** By the API or the web: may create and delete protected branches. */
  readonly fromWeb: boolean;
}

export interface BranchProtection {
  readonly name: string;
  readonly pushAccessLevel: number;
  readonly mergeAccessLevel: number;
  readonly allowForcePush: boolean;
}

export interface TagProtection {
  readonly name: string;
  readonly createAccessLevel: number;
}

export interface RefChange {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  /** `before` is not reachable from `after`. */
  readonly forced: boolean;
}

const MAINTAINER = 40;
const DEVELOPER = 30;

/** Access level 0 is nobody, 60 administrators only, others a minimum. */
function allows(level: number, facts: PushFacts): boolean {
  if (level === 0) return false;
  if (facts.admin) return true;
  return level !== 60 && facts.accessLevel >= level;
}

/** Why a ref may not change so; `null` when it may. */
export function checkRefChange(change: RefChange, facts: PushFacts): string | null {
  if (!facts.admin && facts.accessLevel < DEVELOPER)
    return 'You are not allowed to push code to this project.';
  if (change.ref.startsWith('refs/heads/')) return checkBranch(change.ref.slice(11), change, facts);
  if (change.ref.startsWith('refs/tags/')) return checkTag(change.ref.slice(10), change, facts);
  return null;
}

function checkBranch(branch: string, change: RefChange, facts: PushFacts): string | null {
  const creates = change.before === BLANK_SHA;
  const deletes = change.after === BLANK_SHA;
  if (deletes && branch === facts.defaultBranch) return 'The default branch of a project cannot be deleted.';
  if (!deletes && /^[0-9a-f]{40}(-\/|\/|$)/i.test(branch)) {
    return 'You cannot create a branch with a 40-character hexadecimal branch name.';
  }
  const rules = branchRules(branch, facts);
  if (rules.length === 0) return null;
  if (change.forced && !creates && !deletes && !rules.some((rule) => rule.allowForcePush)) {
    return 'You are not allowed to force push code to a protected branch on this project.';
  }
  const mayPush = rules.some((rule) => allows(rule.pushAccessLevel, facts));
  if (deletes) return checkProtectedDeletion(facts);
  if (mayPush) return null;
  if (facts.empty) {
    return `\nA default branch (e.g. main) does not yet exist for ${facts.projectPath}\nAsk a project Owner or Maintainer to create a default branch:\n\n  ${facts.membersUrl}\n`;
  }
  if (!creates) return 'You are not allowed to push code to protected branches on this project.';
  const mayMerge = rules.some((rule) => allows(rule.mergeAccessLevel, facts));
  return mayMerge && !facts.fromWeb
    ? 'You can only create protected branches using the web interface and API.'
    : 'You are not allowed to create protected branches on this project.';
}

/** In an empty repository every branch counts as protected: it may become the default branch. */
function branchRules(branch: string, facts: PushFacts): readonly BranchProtection[] {
  if (facts.empty)
    return [{ name: branch, pushAccessLevel: 40, mergeAccessLevel: 40, allowForcePush: false }];
  return facts.protectedBranches.filter((rule) => matchesPattern(rule.name, branch));
}

function checkProtectedDeletion(facts: PushFacts): string | null {
  if (!facts.admin && facts.accessLevel < MAINTAINER) {
    return 'You are not allowed to delete protected branches from this project. Only a project maintainer or owner can delete a protected branch.';
  }
  return facts.fromWeb ? null : 'You can only delete protected branches using the web interface.';
}

function checkTag(tag: string, change: RefChange, facts: PushFacts): string | null {
  const creates = change.before === BLANK_SHA;
  const deletes = change.after === BLANK_SHA;
  const maintainer = facts.admin || facts.accessLevel >= MAINTAINER;
  if (creates && tag === facts.defaultBranch) return 'You cannot use default branch name to create a tag';
  if (!deletes && /^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(tag)) {
    return 'You cannot create a tag with a SHA-1 or SHA-256 tag name.';
  }
  const rules = facts.protectedTags.filter((rule) => matchesPattern(rule.name, tag));
  if (rules.length === 0) return null;
  if (!creates && !deletes) return 'Protected tags cannot be updated.';
  if (deletes) {
    if (!maintainer) {
      return 'You are not allowed to delete protected tags from this project. Only a project maintainer or owner can delete a protected tag.';
    }
    return facts.fromWeb ? null : 'You can only delete protected tags using the web interface.';
  }
  return rules.some((rule) => allows(rule.createAccessLevel, facts))
    ? null
    : 'You are not allowed to create this tag as it is protected.';
}

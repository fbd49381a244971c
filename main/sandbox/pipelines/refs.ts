// Branch and tag rules that pipelines depend on.
import { RE2JS } from 're2js';
import type { SandboxStore } from '../store.ts';

/** Whether a name fits a rule's name, in which `*` stands for anything. */
export function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => RE2JS.quote(part))
    .join('.*');
  return RE2JS.compile(source, RE2JS.DOTALL).matches(name);
}

/** Whether the branch or tag is protected in this project. */
export function isProtectedRef(
  store: SandboxStore,
  projectId: number,
  refType: 'branch' | 'tag',
  ref: string,
): boolean {
  const rules =
    refType === 'tag'
      ? store.protectedTags.by('projectId', projectId)
      : store.protectedBranches.by('projectId', projectId);
  return rules.some((rule) => matchesPattern(rule.name, ref));
}

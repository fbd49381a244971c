// Runners on an engine that was used before and is not in use now.
import type { Issue } from '../model/issue.ts';
import type { FormerNode, Observed } from '../model/world.ts';
import { lastValue } from './freshness.ts';
import { awayRecords } from './runners.ts';

/** One issue for each engine that has runners of ours and is not in use. */
export function awayIssues(observed: Observed): readonly Issue[] {
  const { nodes, formerNodes } = observed;
  // Before the first look they may be at home all the same.
  if (nodes.length === 0 || nodes.some((node) => lastValue(node.engine) === null)) return [];
  const away = awayRecords(observed);
  return [...new Set(away.map(({ node }) => node))].map((id) => {
    const { length } = away.filter(({ node }) => node === id);
    return awayIssue(length, formerNodes.find((node) => node.id === id) ?? null);
  });
}

function awayIssue(runners: number, node: FormerNode | null): Issue {
  const what = runners === 1 ? '1 runner is' : `${runners} runners are`;
  const where = node === null ? 'another container engine' : `another container engine, ${node.host}`;
  const state =
    node?.answers === true ? ', which answers' : node?.answers === false ? ', which does not answer' : '';
  const use = node === null ? 'engine list' : `engine use ${node.host}`;
  const start = node?.answers === false ? 'Start that engine, go back to it' : 'Go back to that engine';
  return {
    key: 'runner.node-away',
    severity: 'warning',
    subject: node === null ? 'runners' : `runners on ${node.host}`,
    message: `${what} on ${where}${state}: AutoGit has used it before, and counts them still.`,
    next: `${start} with \`autogit ${use}\` and let them finish with \`autogit lab drain\`. If it is gone for good, stop AutoGit and move state.db out of its home.`,
  };
}

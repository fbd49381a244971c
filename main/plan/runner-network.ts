// The network on which runners stand: the home's own, or that of the stack with the GitLab of this home.
import type { Issue } from '../model/issue.ts';
import type { Desired, GitlabAddress, Observed } from '../model/world.ts';
import { freshValue } from './freshness.ts';

/** Where runners and the gateway are. On the stack's network GitLab has its public name, and GitLab finds the gateway. */
export function runnerNetwork({ network, stackNetwork }: Pick<Desired, 'network' | 'stackNetwork'>): string {
  return stackNetwork ?? network;
}

/** What of the way to GitLab is part of a runner's container; nothing where it is as runners of before have it. */
export function wayOf({
  network,
  ca,
  trustInJobs = false,
}: GitlabAddress): Pick<GitlabAddress, 'network' | 'ca' | 'trustInJobs'> {
  return {
    ...(network === undefined || network === null ? {} : { network }),
    ...(ca === undefined || ca === null ? {} : { ca }),
    ...(trustInJobs ? { trustInJobs } : {}),
  };
}

/** A stack that is down is nobody's failure: no runner is started, and an issue says why. */
export function stackNetworkIssues(
  { stackNetwork, mode, pools }: Desired,
  { nodes }: Observed,
): readonly Issue[] {
  if (stackNetwork === undefined || mode !== 'serve' || pools.length === 0) return [];
  return nodes.flatMap(({ name, engine }): readonly Issue[] => {
    const view = freshValue(engine);
    if (view === null || view.networks.includes(stackNetwork)) return [];
    return [
      {
        key: 'runner.stack-network-missing',
        severity: 'error',
        subject: `network ${stackNetwork}`,
        message: `No runner starts: the network ${stackNetwork}, on which runners find GitLab, is not on ${name}.`,
        next: 'The stack is down, or on another engine. Start it with autogit stack up; runners then start by themselves. If GitLab is elsewhere now, remove gitlab.stack from settings.yaml.',
      },
    ];
  });
}

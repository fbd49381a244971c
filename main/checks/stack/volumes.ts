// Volumes of the engine that the stack had, and that are gone.
import { withStack } from './check.ts';

export const checkVolumes = withStack((stack, { present, around: { volumes, wantedVolumes } }) => {
  if (
    volumes === null ||
    Object.keys(present?.started ?? {}).length === 0 ||
    present?.answers?.lab !== stack.lab
  )
    return [];
  const program = 'docker volume ls';
  return wantedVolumes
    .filter((name) => !volumes.includes(name))
    .map((name) => ({
      key: 'stack.volume-missing',
      severity: 'warning' as const,
      subject: name,
      message: `The volume ${name} is gone, though the stack has been up. It is made again, empty, by the next start.`,
      next: 'If it was removed by mistake, restore it from a backup before the next `autogit stack up`. A `docker volume prune` removes volumes of stacks that are down.',
      evidence: [`${program}: ${volumes.length === 0 ? 'none of this stack' : volumes.join(', ')}`],
    }));
});

// Another Traefik on the same engine: it reads the labels of our containers, too, and answers for them.
import { imageName, withStack } from './check.ts';

export const checkOtherProxy = withStack((stack, { around: { containers } }) =>
  (containers ?? [])
    .filter(
      ({ image, project, isRunning, isOfStack }) =>
        isRunning && !isOfStack && project !== stack.project && imageName(image) === 'traefik',
    )
    .map(({ name, image, ports }) => ({
      key: 'stack.other-proxy',
      severity: 'warning' as const,
      subject: name,
      message: `Another Traefik runs on this engine (${name}). Where it reads the engine's labels it takes the stack's routes for its own, and asks for their certificates.`,
      next: 'Give it a constraint, so that it keeps to its own: --providers.docker.constraints=!LabelRegex(`autogit.stack.lab`,`.+`); or give its engine account another one.',
      evidence: [`Container ${name}: ${image}${ports.length === 0 ? '' : `, ports ${ports.join(', ')}`}`],
    })),
);

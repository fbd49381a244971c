// Services of a stack that is up, and that are ill or gone.
import type { RenderedService, StackContainer } from '../../model/stack/stack.ts';
import type { Finding } from '../hardware/check.ts';
import { fixBy, isUp, withStack } from './check.ts';

function gone({ name }: RenderedService): Finding {
  return {
    key: 'stack.service-missing',
    severity: 'error',
    subject: name,
    message: `The service ${name} has no container, though the stack is up: somebody has removed it.`,
    next: 'Let it be made again: autogit stack up, or autogit doctor --fix',
    evidence: [`Containers of ${name}: none`],
    fix: fixBy('apply-stack', '', `brings the stack up as it was, with ${name}`),
  };
}

function ill({ name, service, state, health, exitCode }: StackContainer): readonly Finding[] {
  const isEnded = state === 'exited' || state === 'dead';
  if (health !== 'unhealthy' && !isEnded && state !== 'paused') return [];
  const how = isEnded
    ? `has ended${exitCode === null ? '' : ` with ${exitCode}`}`
    : state === 'paused'
      ? 'is paused'
      : 'runs and does not answer as it should';
  return [
    {
      key: 'stack.service-unhealthy',
      severity: 'error',
      subject: service,
      message: `The service ${service} ${how}.`,
      next: `See why with autogit stack logs ${service}; then autogit stack restart ${service}, or autogit doctor --fix`,
      evidence: [`Container ${name}: ${state}, health ${health}`],
      // A paused one was paused by a person, and a restart would end what they look at.
      ...(state === 'paused'
        ? {}
        : { fix: fixBy('restart-service', service, `restarts the service ${service}`) }),
    },
  ];
}

export const checkServices = withStack((stack, subject) => {
  const { present } = subject;
  const containers = present?.containers ?? [];
  if (present === null || !isUp(subject) || present.answers?.lab !== stack.lab) return [];
  const missing = stack.services.filter(
    ({ name }) => present.started[name] !== undefined && !containers.some(({ service }) => service === name),
  );
  return [...missing.map(gone), ...containers.flatMap(ill)];
});

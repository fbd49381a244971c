// Images come to the engine, one after the other, with progress by layer.
import { AutoGitError } from '../../errors.ts';
import type { PullState } from '../../model/stack/stack.ts';
import { heedStop, stackError } from './context.ts';
import type { ApplyStep, StepContext } from './context.ts';

/** Layers that have come stay at the engine, so that another try goes on where the last one broke off. */
const tries = 3;
const pauseMs = 5_000;

/** Rejects with `stack.image-labels` and the errors of the engine; those that may pass are tried again. */
export const pullImages: ApplyStep = async (context) => {
  const { stack, images, signal } = context;
  const states = new Map<string, PullState>();
  const total = stack.images.length;
  for (const [index, { reference }] of stack.images.entries()) {
    heedStop(signal);
    if (await images.has(reference)) continue;
    context.tell({ message: `Pulling ${shortName(reference)} (${index + 1} of ${total})` });
    const tell = (state: PullState): void => {
      states.set(reference, state);
      context.tell({ pulls: [...states.values()] });
    };
    await pullOne(reference, tell, context);
  }
  await requirePlain(context);
};

/**
 * By such labels Traefik routes, and AutoGit knows its own containers. Engines give a container those of its image, and
 * no constraint of Traefik's provider tells them apart: what compose.yaml sets has been judged, and wins.
 * https://docs.docker.com/reference/cli/docker/container/run/#label
 */
const telling = /^(?:traefik|autogit)\./i;

async function requirePlain({ stack, images, signal }: StepContext): Promise<void> {
  for (const { reference } of stack.images) {
    heedStop(signal);
    const names = Object.keys(await images.labels(reference)).filter((name) => telling.test(name));
    for (const { name, image, labels = [], template } of stack.services) {
      const hidden = image === reference ? names.filter((one) => !labels.includes(one)) : [];
      if (hidden.length === 0) continue;
      throw stackError(
        'stack.image-labels',
        `The image ${shortName(reference)} of ${name} has labels that would lead requests or be taken for AutoGit's: ${hidden.join(', ')}.`,
        `Use an image without them, or set each in compose.yaml of the template "${template}", where it is judged: what stands there counts.`,
        { image: reference, labels: hidden.join(', ') },
      );
    }
  }
}

async function pullOne(
  reference: string,
  tell: (state: PullState) => void,
  { images, clock, signal, ...context }: StepContext,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await images.pull(reference, tell, signal);
      return;
    } catch (error) {
      const mayPass = error instanceof AutoGitError && (error.retry || error.key === 'engine.pull-stalled');
      if (!mayPass || attempt === tries || signal.aborted) throw error;
      context.tell({ message: `Pulling ${shortName(reference)} again: ${error.message}` });
      await clock.sleep(pauseMs * attempt, signal);
      heedStop(signal);
    }
  }
}

/** Without the digest. */
function shortName(reference: string): string {
  return reference.replace(/@sha256:.*$/, '');
}

// Whether a run of the stack asks for a backup first: for another version of what keeps data, and not where a person goes without.
import { beforeEach, expect, it } from 'vitest';
import type { RenderedStack } from '../../../../main/model/stack/stack.ts';
import { benchAnswers, benchWish, StackWorld } from '../../../fakes/stack-bench.ts';

const answers = benchAnswers();
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

/** GitLab in another version or image, which keeps its data. */
function withGitlab(image: string): (stack: RenderedStack) => RenderedStack {
  return (stack) => ({
    ...stack,
    services: stack.services.map((one) =>
      one.name === 'gitlab' ? { ...one, image, keepsForward: true, hash: image } : one,
    ),
    images: stack.images.map((one) => (one.services.includes('gitlab') ? { ...one, reference: image } : one)),
    files: stack.files.map((file) =>
      file.path === 'compose.yaml'
        ? {
            ...file,
            content: file.content.replace(
              /(gitlab:\n {4}image: ).*\n( {4}labels: \{autogit.stack.hash: ).*\}/,
              (_all, first: string, second: string) => `${first}${image}\n${second}${image}}`,
            ),
          }
        : file,
    ),
  });
}

let world: StackWorld;
let asked: (readonly string[])[];
beforeEach(async () => {
  world = new StackWorld();
  asked = [];
  world.change = withGitlab(`gitlab:18.5.1@${digest('a')}`);
  expect(await world.up()).toMatchObject({ outcome: 'done' });
  world.beforeUpgrade = (services) => {
    asked.push(services);
    return Promise.resolve();
  };
});

it('asks for one before another version', async () => {
  world.change = withGitlab(`gitlab:18.8.0@${digest('b')}`);
  expect(await world.up()).toMatchObject({ outcome: 'done' });
  expect(asked).toEqual([['gitlab']]);
});

it('asks for none before another build of the same version', async () => {
  world.change = withGitlab(`gitlab:18.5.1@${digest('b')}`);
  expect(await world.up()).toMatchObject({ outcome: 'done' });
  expect(asked).toEqual([]);
});

it('asks for none where a person goes without', async () => {
  world.change = withGitlab(`gitlab:18.8.0@${digest('b')}`);
  const core = world.core();
  await core.begin('up', answers, { ...benchWish, withoutBackup: true });
  expect(await core.ended()).toMatchObject({ outcome: 'done' });
  expect(asked).toEqual([]);
});

it('upgrades nothing without the backup that was asked for', async () => {
  world.change = withGitlab(`gitlab:18.8.0@${digest('b')}`);
  world.beforeUpgrade = () => Promise.reject(new Error('the target is full'));
  const before = world.compose.all().map(({ image }) => image);
  expect((await world.up())?.outcome).not.toBe('done');
  expect(world.compose.all().map(({ image }) => image)).toEqual(before);
});

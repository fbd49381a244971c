// The fake Compose under the suite that the real one passes: what tests believe of Compose is true.
import { describeComposePort } from '../../peers/compose-suite.ts';
import { FakeCompose } from '../../fakes/fake-stack-compose.ts';
import type { ExecCall, ExecResult } from '../../fakes/fake-stack-compose.ts';

/** What the suite's programs do. */
function runProgram({ command, input }: ExecCall): ExecResult {
  return command[0] === 'cat'
    ? { code: 0, stdout: input, stderr: '' }
    : { code: 7, stdout: '', stderr: 'no\n' };
}

describeComposePort('the fake Compose', () => {
  let content: string | null = null;
  const compose = new FakeCompose({
    readFile: () => content,
    hasImage: (reference) => reference !== 'autogit-test/absent:1',
    onExec: runProgram,
  });
  compose.behaviour.set('short', { state: 'exited', exitCode: 1 });
  compose.printed.set('one', 'it has begun\n');
  return Promise.resolve({
    compose,
    project: { name: 'autogit-fake', folder: '/home/.autogit/stack/fake', engine: 'unix:///fake.sock' },
    image: 'autogit-test/fake:1',
    writeFile: (text) => {
      content = text;
      return Promise.resolve();
    },
    holdPort: () => {
      compose.takenPorts.add(4430);
      return Promise.resolve({
        port: 4430,
        letGo: async () => void compose.takenPorts.delete(4430),
      });
    },
    close: () => Promise.resolve(),
  });
});

// A command line and the core that runs with its home; both are gone after their test.
import { afterEach } from 'vitest';
import { startServe } from '../../../main/serve/serve.ts';
import { fakeCli } from '../../fakes/fake-cli.ts';
import type { FakeCli, FakeCliOptions } from '../../fakes/fake-cli.ts';
import { createFakeCore } from '../../fakes/fake-core.ts';
import type { FakeCore } from '../../fakes/fake-core.ts';
import { keptLog } from '../../fakes/open-doors.ts';

export interface OpenCli {
  readonly cli: FakeCli;
  readonly core: FakeCore;
}

/** At the top of a file of tests. */
export function useCli(): (options?: FakeCliOptions, core?: FakeCore) => Promise<OpenCli> {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  return async (options = {}, core = createFakeCore()) => {
    const cli = await fakeCli(options);
    ends.push(cli.remove);
    const paths = cli.access.homePaths(cli.world.env, { demo: false });
    const own = await cli.access.createCore({
      ...{ env: cli.world.env, home: 'default', act: false, terminalLogLevel: 'error' },
    });
    const doors = await startServe({ core, paths, log: keptLog([]) });
    await own.announce(doors);
    ends.push(async () => {
      await doors.close();
      await own.stop();
    });
    return { cli, core };
  };
}

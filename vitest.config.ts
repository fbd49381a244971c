// The tiers of tests: unit needs git and bash, engine a container engine, e2e a screen and a browser, peers and stacks
// real programs of other projects.
import { defineConfig } from 'vitest/config';

interface Files {
  readonly globalSetup?: string[];
  readonly include?: string[];
  readonly exclude?: string[];
}

/** Peers that bring whole stacks up: they take as long as all others together, which run beside them. */
const stackFiles = [
  ...['up', 'faults', 'rootless', 'renewal', 'login', 'oidc', 'people', 'restore'].map(
    (name) => `tests/peers/stack-${name}.test.ts`,
  ),
  'tests/peers/compose.test.ts',
];

/** Tests of a tier beside one another would share the machine's engine: only unit tests run in parallel. */
const tier = (
  name: string,
  order: number,
  seconds: number,
  parallel: boolean,
  { globalSetup = [], include = [`tests/${name}/**/*.test.ts`], exclude = [] }: Files = {},
) => ({
  test: {
    name,
    include,
    exclude,
    pool: 'forks' as const,
    maxWorkers: parallel ? 2 : 1,
    testTimeout: seconds * 1000,
    hookTimeout: seconds * 1000,
    sequence: { groupOrder: order },
    globalSetup,
  },
});

export default defineConfig({
  test: {
    projects: [
      tier('unit', 0, 20, true),
      tier('engine', 1, 120, false, { globalSetup: ['tests/engine/start-engines.ts'] }),
      tier('e2e', 2, 120, false),
      tier('peers', 3, 240, false, { exclude: stackFiles }),
      tier('stacks', 4, 240, false, { include: stackFiles }),
    ],
  },
});

// The repository that the demo pushes: a small pipeline of any size, made of short and honest jobs. Pure.

/** How many jobs of the pipeline are in which stage. */
export function splitJobs(jobs: number): {
  readonly build: number;
  readonly test: number;
  readonly report: number;
} {
  if (jobs < 3) return { build: 1, test: jobs - 1, report: 0 };
  const build = Math.max(1, Math.floor(jobs / 4));
  return { build, test: jobs - build - 1, report: 1 };
}

function parallel(count: number): string {
  return count > 1 ? `\n  parallel: ${count}` : '';
}

function buildJob(count: number): string {
  return `
build:
  stage: build${parallel(count)}
  script:
    - echo "Building part \${CI_NODE_INDEX:-1} of \${CI_NODE_TOTAL:-1} of $CI_PROJECT_NAME at $CI_COMMIT_SHORT_SHA"
    - mkdir -p out
    - for file in src/*.txt; do sha256sum "$file" >> "out/build-\${CI_NODE_INDEX:-1}.sum"; done
    - sleep 1
    - cat out/*.sum
  artifacts:
    paths: [out/]
    expire_in: 1 day
`;
}

function testJob(count: number): string {
  return `
test:
  stage: test${parallel(count)}
  script:
    - echo "Test \${CI_NODE_INDEX:-1} of \${CI_NODE_TOTAL:-1} on $(uname -m) as $(id -un)"
    - ls out
    - for file in src/*.txt; do wc -w "$file"; sleep 0.3; done
    - echo "All good"
`;
}

const reportJob = `
report:
  stage: report
  script:
    - cat out/*.sum | sort -u | wc -l
    - echo "$CI_PIPELINE_ID is done"
`;

/** Files of the repository, by path; the pipeline has exactly `jobs` jobs, 1 to 200. */
export function demoRepository(jobs: number): Readonly<Record<string, string>> {
  const split = splitJobs(jobs);
  const stages = ['build', ...(split.test > 0 ? ['test'] : []), ...(split.report > 0 ? ['report'] : [])];
  const pipeline = [
    '# The demo of AutoGit: every job runs in a runner container that came up because this job was waiting.',
    `stages: [${stages.join(', ')}]`,
    '',
    'default:',
    '  tags: [autogit]',
    buildJob(split.build),
    split.test > 0 ? testJob(split.test) : '',
    split.report > 0 ? reportJob : '',
  ].join('\n');
  return {
    '.gitlab-ci.yml': pipeline,
    'README.md': '# Demo\n\nPushed by AutoGit to show how jobs queue, run and end.\n',
    'src/one.txt': 'A job waits.\n',
    'src/two.txt': 'A runner appears, and the job runs.\n',
    'src/three.txt': 'The runner goes.\n',
  };
}

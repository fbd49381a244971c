// The settings file of a new home: every setting with its default and what it is for.

export const defaultSettingsText = `# AutoGit's settings. Changes are taken up when the file is saved.
# \`autogit settings validate\` tells what is wrong with it, \`autogit settings show\` what is in force.
version: 1

# Which GitLab this home serves.
#   kind: none      none yet
#   kind: sandbox   a small stand-in for trying things out
#     state: running | stopped
#     runner: sandbox | official   which program runs the jobs
#   kind: server    a real one
#     url: https://gitlab.example.org
#     runnerUrl: null              the address that runners use, when it is another one
gitlab:
  kind: none

engine:
  # The container engine, e.g. unix:///run/user/1000/docker.sock; null: the first one that is found.
  host: null

# Runners of one kind each. A job goes to a pool that has all of the job's tags.
pools:
  - name: default
    tags: [docker, autogit]
    # Also jobs without any tag.
    runUntagged: true
    # Where a job's script runs: in the runner's own container.
    executor: container
    # Image of the runner's container; null: the sandbox's own, or the official runner image.
    image: null
    # Most runners at a time, 0 to 1000.
    max: 4
    # Seconds without a job after which a runner leaves, 1 to 86400.
    idleTime: 300
    # Processors per runner, fractions allowed; null: no limit.
    cpus: null
    # Memory per runner in MiB, at least 64; null: no limit.
    memoryMiB: null

log:
  # debug | info | warn | error
  level: info
`;

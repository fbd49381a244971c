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
    # Only jobs of protected branches and tags.
    protectedOnly: false
    # Whose jobs: kind: instance, or kind: group or project with its path.
    scope: {kind: instance}
    # Takes no job and starts no runner.
    paused: false
    # Pools of higher priority start their runners first, -100 to 100.
    priority: 0
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
    # Runners that are there before a job waits, 0 to 1000 and not above max.
    min: 0
    # Parts of the week with more of them, e.g.
    # [{days: [mon, tue], from: "07:00", to: "12:00", timeZone: Europe/Berlin, count: 2}]
    warm: []
    # Jobs after which a runner leaves; null: only when it is idle.
    jobsPerRunner: null
    # Seconds after which a runner leaves once it is idle, at least 60; null: never for its age.
    maxLifetime: null

log:
  # debug | info | warn | error
  level: info
`;

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
#     ca: null                     file with a root certificate (PEM) to trust besides the public ones
#     trustInJobs: true            programs in jobs trust it, too: curl, git, node, python and others
#     stack: null                  written by \`autogit stack up\` for a GitLab on this engine:
#       network: autogit-lab_inner   the engine's network on which runners find it
#       connect: null                HOST:PORT to which AutoGit itself connects, whatever the name says
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
    # Graphics cards of each runner's jobs, e.g. {count: 1, vendor: nvidia, memoryMiB: 20000}; null: none.
    gpu: null
    # Runners that are there before a job waits, 0 to 1000 and not above max.
    min: 0
    # Parts of the week with more of them, e.g.
    # [{days: [mon, tue], from: "07:00", to: "12:00", timeZone: Europe/Berlin, count: 2}]
    warm: []
    # Jobs after which a runner leaves; null: only when it is idle.
    jobsPerRunner: null
    # Seconds after which a runner leaves once it is idle, at least 60; null: never for its age.
    maxLifetime: null
    # What a container may write beside its volumes, in MiB, at least 64; null: no limit. Not every engine can.
    diskMiB: null
    # Processes and threads of each container, at least 16.
    pids: 4096
    # Shared memory of each container in MiB; null: the engine's own 64.
    shmMiB: null
    # The processor that jobs run on: amd64, arm64, arm, 386, ppc64le, s390x, riscv64; null: the engine's own.
    arch: null
    # Environment variables of jobs, e.g. {HTTP_PROXY: "http://proxy:3128"}. No secrets: they stand here as they are.
    env: {}
    # Whether /cache outlives the runner: none, or project for one volume for each project.
    cache: none
    # Executor image: when a job's images are asked for at their registry: always, if-not-present, never.
    pullPolicy: always
    # Images that are fetched before a job waits for them.
    prePull: []
    # Executor image: the image of the runner itself; null: the pinned official one.
    runnerImage: null
    # Folders of this machine that jobs find, e.g. ["/srv/models:/models:ro"].
    mounts: []
    # Device files that jobs find, e.g. [/dev/kvm].
    devices: []
    # Executor image: capabilities beside the usual ones: IPC_LOCK, NET_ADMIN, NET_RAW, SYS_NICE, SYS_PTRACE.
    capabilities: []

gpus:
  # Graphics cards that jobs never get, by the ids that \`autogit gpu list\` shows, e.g.
  # [{id: "0000:03:00.0", for: the model server}]
  reserved: []
  # Graphics cards that one job has at a time: pools that share cards do not get them, e.g. ["0000:03:00.0"]
  exclusive: []

emulation:
  # Processors whose emulators AutoGit registers by a privileged container, and again after each start of the machine:
  # autogit arch enable arm64 --privileged
  architectures: []
  # The image that registers them.
  image: tonistiigi/binfmt@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0

# Whether a tiny job proves from inside what each pool gives, when it is new or changed, and daily:
#   auto   with a real GitLab; with the sandbox only when asked: autogit pool prove
#   on | off
proofs: auto

# What AutoGit tells without being asked. What is not shown still stands in the history: autogit notice list
notices:
  # What is shown: one switch for each kind.
  kinds:
    # Many more jobs wait than usual at this time of day.
    job-spike: true
    job-failed: true
    # A graphics card is not well.
    gpu: true
    disk: true
    certificate: true
    backup: true
    # Something ends again and again right after its start.
    restarts: true
    # The container engine does not answer.
    engine: true
    # GitLab has not answered for five minutes.
    gitlab: true
    # There is a newer AutoGit.
    update: true
  # Hours, by this machine's clock, in which nothing is shown.
  quietHours:
    on: false
    from: "22:00"
    to: "07:00"
  # Whose failed jobs are told: all, or mine
  jobs: all
  # Who "mine" is, by the name at GitLab; null: the one whose token AutoGit has.
  person: null
  # How soon waiting jobs count as a spike: calm | normal | keen
  spike: normal

# Newer versions of AutoGit itself. It asks, and tells what is new; it never installs by itself.
updates:
  # The folder in which their signed list (updates.json) lies, e.g. https://example.org/autogit; null: nobody is asked.
  address: null
  # Whether it asks by itself: daily | never
  check: daily
  # stable | beta
  channel: stable

# Where backups are kept, when they are made, and how it is seen that they restore. What opens them stands on the recovery
# sheet: autogit backup sheet
backups:
  # Places, as autogit backup add-target writes them: folder | usb | sftp | s3 | rclone. None: nothing is backed up.
  targets: []
  # When, in words or as five fields of cron; targets: only to these places.
  schedules:
    - name: nightly
      when: daily at 02:00
      on: true
      targets: []
  # The time zone of all rules, e.g. Europe/Berlin; null: this machine's.
  timezone: null
  # A run begins up to so many minutes later, so that not all machines begin at once.
  jitterMinutes: 5
  # Wait until no job runs, for six hours at most.
  waitForJobs: false
  # Back up before a service of the stack is upgraded.
  beforeUpgrades: true
  # Which stay; what any of these keeps stays, and always the newest and the newest proven one.
  keep:
    last: 0
    days: 30
    daily: 0
    weekly: 0
    monthly: 0
    yearly: 0
  # When room is made of what is no longer kept.
  prune: weekly on Sunday at 05:00
  # When repositories are checked, with so many percent of the data read back: another part each time.
  verify: weekly on Saturday at 04:00
  verifyPercent: 10
  # When the newest backup is restored to a scratch folder, to prove that it can be.
  drill: weekly on Wednesday at 04:00
  # An image of restic in place of the pinned one, where none is installed.
  image: null
  # KiB per second, 0: as fast as it goes; nice: 19 steps back furthest behind jobs and all else, 0 not at all.
  limits:
    uploadKiB: 0
    downloadKiB: 0
    nice: 19

log:
  # debug | info | warn | error
  level: info
`;

// Pipelines, jobs and runners in the GraphQL schema, with GitLab's names (app/graphql/types/ci/).

/** Of jobs and pipelines. */
const STATUSES = [
  'CREATED',
  'WAITING_FOR_RESOURCE',
  'PREPARING',
  'WAITING_FOR_CALLBACK',
  'PENDING',
  'RUNNING',
  'SUCCESS',
  'FAILED',
  'CANCELING',
  'CANCELED',
  'SKIPPED',
  'MANUAL',
  'SCHEDULED',
].join(' ');

export const CI_TYPES = /* GraphQL */ `
  enum CiJobStatus { ${STATUSES} }

  enum PipelineStatusEnum { ${STATUSES} }

  enum CiRunnerType {
    INSTANCE_TYPE
    GROUP_TYPE
    PROJECT_TYPE
  }

  enum CiRunnerStatus {
    ONLINE
    OFFLINE
    STALE
    NEVER_CONTACTED
  }

  enum CiRunnerAccessLevel {
    NOT_PROTECTED
    REF_PROTECTED
  }

  enum CiRunnerJobExecutionStatus {
    IDLE
    ACTIVE
  }

  interface PipelineInterface {
    id: CiPipelineID!
    iid: String
    path: String
    project: ProjectInterface
    user: UserCore
  }

  type Pipeline implements PipelineInterface {
    id: CiPipelineID!
    iid: String!
    name: String
    status: PipelineStatusEnum!
    ref: String
    sha: String
    source: String
    yamlErrorMessages: String
    yamlErrors: Boolean!
    createdAt: Time!
    updatedAt: Time!
    startedAt: Time
    finishedAt: Time
    duration: Int
    path: String
    project: Project
    user: UserCore
    jobs(statuses: [CiJobStatus!], after: String, before: String, first: Int, last: Int): CiJobConnection
  }

  type PipelineConnection {
    nodes: [Pipeline]
    edges: [PipelineEdge]
    pageInfo: PageInfo!
    count: Int!
  }

  type PipelineEdge {
    cursor: String!
    node: Pipeline
  }

  type CiStage {
    id: CiStageID!
    name: String
  }

  interface CiJobInterface {
    id: JobID
    name: String
    status: CiJobStatus
    active: Boolean
    allowFailure: Boolean
    cancelable: Boolean
    coverage: Float
    createdAt: Time
    createdByTag: Boolean
    duration: Int
    erasedAt: Time
    exitCode: Int
    failureMessage: String
    finishedAt: Time
    manualJob: Boolean
    pipeline: PipelineInterface
    playable: Boolean
    project: ProjectInterface
    queuedAt: Time
    queuedDuration: Duration
    refName: String
    retried: Boolean
    retryable: Boolean
    runner: CiRunner
    scheduled: Boolean
    scheduledAt: Time
    schedulingType: String
    shortSha: String
    stage: CiStage
    startedAt: Time
    stuck: Boolean
    tags: [String!]
    webPath: String
  }

  type CiJob implements CiJobInterface {
    id: JobID
    name: String
    status: CiJobStatus
    active: Boolean!
    allowFailure: Boolean!
    cancelable: Boolean!
    coverage: Float
    createdAt: Time!
    createdByTag: Boolean!
    duration: Int
    erasedAt: Time
    exitCode: Int
    failureMessage: String
    finishedAt: Time
    manualJob: Boolean
    pipeline: PipelineInterface
    playable: Boolean!
    project: Project
    queuedAt: Time
    queuedDuration: Duration
    refName: String
    retried: Boolean
    retryable: Boolean!
    runner: CiRunner
    runnerManager: CiRunnerManager
    scheduled: Boolean!
    scheduledAt: Time
    schedulingType: String
    shortSha: String!
    stage: CiStage
    startedAt: Time
    stuck: Boolean!
    tags: [String!]
    webPath: String
  }

  type CiJobInterfaceConnection {
    nodes: [CiJobInterface]
    edges: [CiJobInterfaceEdge]
    pageInfo: PageInfo!
    count(limit: Int = 1000): Int!
  }

  type CiJobInterfaceEdge {
    cursor: String!
    node: CiJobInterface
  }

  type CiJobConnection {
    nodes: [CiJob]
    edges: [CiJobEdge]
    pageInfo: PageInfo!
    count(limit: Int = 1000): Int!
  }

  type CiJobEdge {
    cursor: String!
    node: CiJob
  }

  type CiRunner {
    id: CiRunnerID!
    description: String
    runnerType: CiRunnerType!
    status: CiRunnerStatus!
    paused: Boolean!
    locked: Boolean
    runUntagged: Boolean!
    accessLevel: CiRunnerAccessLevel!
    tagList: [String!]
    maximumTimeout: Int
    maintenanceNote: String
    shortSha: String
    contactedAt: Time
    createdAt: Time
    jobExecutionStatus: CiRunnerJobExecutionStatus
    jobCount(statuses: [CiJobStatus!]): Int
    managers(after: String, before: String, first: Int, last: Int): CiRunnerManagerConnection
    jobs(
      statuses: [CiJobStatus!]
      after: String
      before: String
      first: Int
      last: Int
    ): CiJobInterfaceConnection
  }

  type CiRunnerConnection {
    nodes: [CiRunner]
    edges: [CiRunnerEdge]
    pageInfo: PageInfo!
    count: Int!
  }

  type CiRunnerEdge {
    cursor: String!
    node: CiRunner
  }

  type CiRunnerManager {
    id: CiRunnerManagerID!
    systemId: String!
    version: String
    revision: String
    platformName: String
    architectureName: String
    executorName: String
    ipAddress: String
    contactedAt: Time
    createdAt: Time
    status: CiRunnerStatus!
    jobExecutionStatus: CiRunnerJobExecutionStatus
    runner: CiRunner
  }

  type CiRunnerManagerConnection {
    nodes: [CiRunnerManager]
    edges: [CiRunnerManagerEdge]
    pageInfo: PageInfo!
    count: Int!
  }

  type CiRunnerManagerEdge {
    cursor: String!
    node: CiRunnerManager
  }
`;

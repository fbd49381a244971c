// The part of GitLab's GraphQL schema that is served, with GitLab's names (app/graphql/types/).
import { buildSchema } from 'graphql';
import { CI_TYPES } from './schema-ci.ts';

const TYPES = /* GraphQL */ `
  scalar Time
  scalar Duration
  scalar JobID
  scalar CiPipelineID
  scalar CiStageID
  scalar CiRunnerID
  scalar CiRunnerManagerID
  scalar UserID

  enum UserState {
    active
    blocked
    deactivated
    banned
    blocked_pending_approval
  }

  type Query {
    currentUser: CurrentUser
    metadata: Metadata
    jobs(
      statuses: [CiJobStatus!]
      after: String
      before: String
      first: Int
      last: Int
    ): CiJobInterfaceConnection
    project(fullPath: ID!): Project
    projects(
      membership: Boolean
      search: String
      fullPaths: [String!]
      after: String
      before: String
      first: Int
      last: Int
    ): ProjectConnection
    runner(id: CiRunnerID!): CiRunner
    runners(
      paused: Boolean
      status: CiRunnerStatus
      type: CiRunnerType
      tagList: [String!]
      search: String
      after: String
      before: String
      first: Int
      last: Int
    ): CiRunnerConnection
    queryComplexity: QueryComplexity
    echo(text: String!): String!
  }

  type QueryComplexity {
    limit: Int
    score: Int
  }

  type Metadata {
    version: String!
    revision: String!
    enterprise: Boolean!
    kas: Kas!
  }

  type Kas {
    enabled: Boolean!
    externalUrl: String
    version: String
  }

  type CurrentUser {
    id: ID!
    username: String!
    name: String!
    state: UserState!
    publicEmail: String
    webUrl: String!
    avatarUrl: String
  }

  type UserCore {
    id: ID!
    username: String!
    name: String!
    webUrl: String!
  }

  type PageInfo {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }

  interface ProjectInterface {
    id: ID!
    name: String
    path: String
    fullPath: ID
    webUrl: String
    visibility: String
  }

  type Project implements ProjectInterface {
    id: ID!
    name: String!
    path: String!
    fullPath: ID!
    nameWithNamespace: String!
    webUrl: String
    httpUrlToRepo: String
    description: String
    visibility: String
    archived: Boolean
    createdAt: Time
    lastActivityAt: Time
    sharedRunnersEnabled: Boolean
    repository: Repository
    pipelines(
      status: PipelineStatusEnum
      ref: String
      sha: String
      after: String
      before: String
      first: Int
      last: Int
    ): PipelineConnection
    pipeline(iid: ID, id: CiPipelineID): Pipeline
    jobs(statuses: [CiJobStatus!], after: String, before: String, first: Int, last: Int): CiJobConnection
  }

  type Repository {
    empty: Boolean!
    exists: Boolean!
    rootRef: String
  }

  type ProjectConnection {
    nodes: [Project]
    edges: [ProjectEdge]
    pageInfo: PageInfo!
    count: Int!
  }

  type ProjectEdge {
    cursor: String!
    node: Project
  }
`;

/** Built once; resolvers are the methods of the objects that are returned. */
export const graphqlSchema = buildSchema(TYPES + CI_TYPES);

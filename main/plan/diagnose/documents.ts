// Which documents a helper gets, and which of their fields.
import { fields } from './allow.ts';
import type { Allowed } from './allow.ts';

const finding = fields('key', 'severity', 'subject', 'message', 'next', 'area', 'evidence');
const problem = fields('key', 'message', 'next');
const step = fields('step', 'startedAt', 'endedAt');
const named = fields('name', 'label', 'what', 'addresses');

const pool: Allowed = {
  ...fields('name', 'tags', 'runUntagged', 'protectedOnly', 'paused', 'priority', 'executor', 'image'),
  ...fields('min', 'max', 'idleTime', 'jobsPerRunner', 'cpus', 'memoryMiB', 'diskMiB', 'pids', 'shmMiB'),
  ...fields('arch', 'cache', 'pullPolicy', 'prePull', 'runnerImage', 'devices', 'capabilities', 'warm'),
  ...fields('scope', 'gpu', 'mounts', 'maxLifetime'),
  // Names of variables tell something; their values belong to the person.
  env: { '*': {} },
};

const answers: Allowed = {
  ...fields('lab', 'data', 'domain', 'address', 'address6', 'bind', 'preset', 'sso', 'ssh', 'grants'),
  tls: fields('mode', 'email', 'provider', 'staging', 'certificate', 'key'),
  dns: fields('mode', 'upstream', 'provider', 'zone'),
  ports: fields('http', 'https', 'ssh', 'dns'),
  admin: fields('username', 'email'),
  policy: fields('signUp', 'passwordLength', 'sessionDays', 'defaultBranch'),
  // What a template asks for may be anything: which of them are chosen is told, not what was answered.
  templates: { '*': { '*': {} } },
};

const run: Allowed = {
  ...fields('run', 'verb', 'startedAt', 'endedAt', 'outcome', 'step', 'message'),
  error: problem,
  pulls: fields('reference', 'current', 'total', 'done'),
  steps: step,
};

const host: Allowed = {
  ...fields('name', 'os', 'kernel', 'systemd', 'cpu', 'memory', 'disks', 'virtualisation', 'kvm'),
  ...fields('container', 'wsl', 'cgroup', 'time', 'firewall', 'ports'),
};

const node: Allowed = {
  ...fields('id', 'name'),
  engine: {
    ...fields('state', 'kind', 'version', 'apiVersion', 'rootless', 'architecture', 'storageDriver'),
    ...fields('cgroupVersion', 'cpus', 'memoryBytes', 'lacks', 'readAt'),
    problem,
  },
};

/** Every document by the name of its file. A field that is not here does not leave this machine. */
export const documents = {
  'versions.json': {
    ...fields('autogit', 'node', 'platform', 'arch', 'kernel', 'engine', 'compose', 'gitlab'),
  },
  'doctor.json': { ...fields('healthy', 'areas', 'checks', 'unknown'), findings: finding },
  'machine.json': {
    ...fields('at', 'tookMs', 'reasons'),
    host,
    rootless: true,
    engine: {
      ...fields('kind', 'version', 'apiVersion', 'rootless', 'isHere', 'architecture', 'storageDriver'),
      ...fields('cgroupVersion', 'cgroupDriver', 'cpus', 'memoryBytes', 'warnings', 'lowestPort', 'limits'),
      ...fields('dataFolder', 'disk', 'compose', 'os', 'node'),
    },
    gpus: fields('id', 'vendor', 'model', 'memoryMiB', 'pciAddress', 'parent', 'cards', 'integrated', 'use'),
    issues: finding,
  },
  'settings.json': {
    ...fields('file'),
    settings: {
      ...fields('version', 'proofs'),
      gitlab: {
        ...fields('kind', 'state', 'runner', 'url', 'runnerUrl', 'ca'),
        stack: fields('network', 'connect'),
      },
      engine: fields('host'),
      pools: pool,
      gpus: { ...fields('exclusive'), reserved: fields('id', 'for') },
      emulation: fields('architectures', 'image'),
      log: fields('level'),
    },
    problems: fields('path', 'message', 'line'),
  },
  'snapshot.json': {
    ...fields('version', 'at', 'home', 'mode', 'sentence', 'totals'),
    nodes: node,
    gitlab: { ...fields('kind', 'url', 'state', 'version', 'readAt'), problem },
    pools: {
      ...fields('name', 'tags', 'runUntagged', 'protectedOnly', 'scope', 'paused', 'priority', 'executor'),
      ...fields('max', 'idleTime', 'cpus', 'memoryMiB', 'ready', 'waiting', 'runners', 'arch', 'emulated'),
      proof: fields('state', 'at', 'sentence', 'fix'),
    },
    runners: fields('id', 'name', 'pool', 'node', 'state', 'createdAt', 'startedAt', 'jobId', 'gpus'),
    jobs: {
      ...fields('id', 'status', 'tags', 'projectId', 'firstSeenAt', 'startedAt', 'finishedAt', 'waitedMs'),
      ...fields('runner', 'failureReason'),
    },
    gpus: fields('node', 'id', 'vendor', 'model', 'memoryMiB', 'state', 'use', 'why'),
    architectures: fields('node', 'architecture', 'state', 'usable', 'reason', 'fix'),
    tasks: fields('key', 'kind', 'reason', 'startedAt', 'progress'),
    issues: finding,
  },
  'stack/status.json': {
    ...fields('state', 'sentence', 'lab', 'project', 'folder', 'data', 'gitlabUrl', 'isNew'),
    answers,
    services: {
      ...fields('service', 'container', 'state', 'health', 'exitCode', 'restarts', 'since', 'image'),
    },
    run,
    last: run,
    certificate: fields('mode', 'until', 'root'),
  },
  'stack/plan.json': {
    ...fields('valid'),
    problems: fields('field', 'key', 'message', 'next'),
    answers,
    services: fields('service', 'image', 'template'),
    plan: {
      ...fields(
        'project',
        'folder',
        'gitlabUrl',
        'preset',
        'isNothing',
        'hash',
        'pulls',
        'ports',
        'networks',
      ),
      // The differences show what is in files; the files themselves come cleaned.
      files: fields('path', 'change', 'byHand'),
      services: fields('service', 'change', 'why', 'awaySeconds'),
      newFolders: fields('path', 'holds'),
      newSecrets: named,
      askedSecrets: named,
      names: named,
      grants: fields('grant', 'why', 'given'),
      answers: fields('path'),
      issues: finding,
    },
  },
  'containers.json': {
    ...fields('id', 'name', 'service', 'image', 'state', 'health', 'exitCode', 'startedAt', 'restarts'),
  },
  'audit.json': fields('at', 'door', 'request', 'outcome'),
} as const satisfies Readonly<Record<string, Allowed>>;

export type DocumentName = keyof typeof documents;

/** Of a record of AutoGit's own log. */
export const logRecord: Allowed = {
  ...fields('time', 'level', 'topic', 'message'),
  fields: {
    ...fields('key', 'status', 'pool', 'node', 'runner', 'container', 'image', 'reference', 'url', 'job'),
    ...fields('project', 'version', 'pid', 'home', 'count', 'ms', 'name', 'act', 'action', 'target'),
    ...fields('reason', 'service', 'step', 'run', 'verb', 'host', 'code', 'outcome'),
    error: {
      ...fields('name', 'message', 'stack', 'key', 'next', 'code'),
      fields: fields('url', 'status', 'name', 'host', 'file', 'node', 'provider'),
      cause: fields('name', 'message', 'code'),
    },
  },
};

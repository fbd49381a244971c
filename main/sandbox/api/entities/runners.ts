// JSON shapes of runners and their managers (GitLab: lib/api/entities/ci/runner*.rb).
import { isOnRunner } from '../../pipelines/job-steps.ts';
import type { Runner, RunnerManager } from '../../state.ts';
import type { SandboxStore } from '../../store.ts';
import { renderUserBasic } from './people.ts';

// Of GitLab's app/models/ci/runner.rb.
const ONLINE_SECONDS = 2 * 3600;
const STALE_SECONDS = 7 * 24 * 3600;

export type RunnerStatus = 'online' | 'offline' | 'stale' | 'never_contacted';

/** By the last contact; a container that died stays `online` for two hours, as on GitLab. */
export function runnerStatus(contactedAt: string | null, createdAt: string, now: Date): RunnerStatus {
  const age = (time: string): number => (now.getTime() - Date.parse(time)) / 1000;
  if (contactedAt === null) return age(createdAt) > STALE_SECONDS ? 'stale' : 'never_contacted';
  if (age(contactedAt) <= ONLINE_SECONDS) return 'online';
  return age(contactedAt) > STALE_SECONDS ? 'stale' : 'offline';
}

function jobExecutionStatus(store: SandboxStore, runnerId: number, systemId?: string): 'active' | 'idle' {
  const works = store.jobs
    .by('runnerId', runnerId)
    .some((job) => isOnRunner(job) && (systemId === undefined || job.systemId === systemId));
  return works ? 'active' : 'idle';
}

export function renderRunner(store: SandboxStore, runner: Runner, baseUrl: string, now: Date) {
  const status = runnerStatus(runner.contactedAt, runner.createdAt, now);
  const creator = runner.creatorId === null ? undefined : store.users.get(runner.creatorId);
  return {
    id: runner.id,
    description: runner.description,
    ip_address: null,
    active: !runner.paused,
    paused: runner.paused,
    is_shared: runner.runnerType === 'instance_type',
    runner_type: runner.runnerType,
    name: null,
    online: status === 'online',
    created_by: creator === undefined ? null : renderUserBasic(creator, baseUrl),
    created_at: runner.createdAt,
    status,
    job_execution_status: jobExecutionStatus(store, runner.id),
  };
}

export function renderRunnerDetails(store: SandboxStore, runner: Runner, baseUrl: string, now: Date) {
  const latest = [...store.runnerManagers.by('runnerId', runner.id)]
    .sort((a, b) => a.contactedAt.localeCompare(b.contactedAt))
    .at(-1);
  return {
    ...renderRunner(store, runner, baseUrl, now),
    tag_list: runner.tags,
    run_untagged: runner.runUntagged,
    locked: runner.locked,
    maximum_timeout: runner.maximumTimeout,
    access_level: runner.accessLevel,
    version: latest?.version ?? null,
    revision: latest?.revision ?? null,
    platform: latest?.platform ?? null,
    architecture: latest?.architecture ?? null,
    contacted_at: runner.contactedAt,
    maintenance_note: runner.maintenanceNote === '' ? null : runner.maintenanceNote,
    projects: runner.projectIds.flatMap((id) => {
      const project = store.projects.get(id);
      if (project === undefined) return [];
      return [{ id, name: project.name, path: project.path, path_with_namespace: project.fullPath }];
    }),
    groups: runner.groupIds.flatMap((id) => {
      const group = store.namespaces.get(id);
      if (group === undefined) return [];
      return [{ id, web_url: `${baseUrl}/groups/${group.fullPath}`, name: group.name }];
    }),
  };
}

export function renderRunnerManager(store: SandboxStore, manager: RunnerManager, now: Date) {
  return {
    id: manager.id,
    system_id: manager.systemId,
    version: manager.version,
    revision: manager.revision,
    platform: manager.platform,
    architecture: manager.architecture,
    created_at: manager.createdAt,
    contacted_at: manager.contactedAt,
    ip_address: manager.ipAddress,
    status: runnerStatus(manager.contactedAt, manager.createdAt, now),
    job_execution_status: jobExecutionStatus(store, manager.runnerId, manager.systemId),
  };
}

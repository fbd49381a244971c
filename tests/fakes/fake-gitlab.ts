// A GitLab in memory; `tests/unit/adapters/gitlab-port.test.ts` holds it to what the sandbox server does.
import { readLogPart } from '../../main/adapters/gitlab/job-log.ts';
import { AutoGitError } from '../../main/errors.ts';
import type { JobStatus } from '../../main/model/job.ts';
import { servesProject, takesKind } from '../../main/model/matching.ts';
import { entryTerms } from '../../main/model/pool.ts';
import type { EntryTerms } from '../../main/model/pool.ts';
import type { EntryAtGitlab } from '../../main/model/world.ts';
import type {
  Gitlab,
  GitlabCounts,
  GitlabVersion,
  JobLogPart,
  ProtectedRefs,
  QueuedJob,
  QueuePage,
} from '../../main/ports.ts';

/** A method of the port. */
export type GitlabMethod = Exclude<keyof Gitlab, 'url'>;

interface Entry extends EntryTerms {
  readonly id: number;
  readonly description: string;
  readonly token: string;
}

interface FakeJob {
  readonly view: QueuedJob;
  readonly pendingSince: number;
  /** Given to no runner, whatever its tags. */
  readonly refused: boolean;
  readonly log: Buffer;
}

export interface FakeGitlabOptions {
  readonly url?: string;
  readonly now?: () => number;
}

/** An error as the adapter would make it. */
export function gitlabFailure(key: string): AutoGitError {
  return new AutoGitError({ key, message: `GitLab: ${key}`, next: 'This is a fake GitLab.', retry: true });
}

export class FakeGitlab implements Gitlab {
  readonly url: string;
  /** Whether the token is an administrator's. */
  isAdmin = true;
  /** Every call so far, oldest first. */
  readonly calls: GitlabMethod[] = [];
  /** What is protected, by project; otherwise the branch `main` is. */
  readonly protections = new Map<number, ProtectedRefs>();
  /** The CI files of prepared projects, and what jobs have uploaded. */
  readonly files = new Map<number, string>();
  readonly artifacts = new Map<number, string>();
  /** What the job of a prepared project prints and uploads, by its CI file; `null`: nothing. */
  proofSays: ((file: string) => string) | null = null;
  /** Runner processes that were forgotten on request. */
  readonly forgotten: string[] = [];
  readonly #now: () => number;
  readonly #projects = new Map<number, string>();
  readonly #failing = new Map<GitlabMethod | 'all', Error>();
  #jobs: readonly FakeJob[] = [];
  #entries: readonly Entry[] = [];
  #hanging: Promise<void> | null = null;
  #serial = 0;
  #refusesTokens = false;

  constructor({ url = 'http://gitlab.test', now = () => 0 }: FakeGitlabOptions = {}) {
    this.url = url;
    this.#now = now;
  }

  /** From now on calls of this method reject; `null`: not any more. */
  fail(error: Error | null, method: GitlabMethod | 'all' = 'all'): void {
    if (error === null) this.#failing.delete(method);
    else this.#failing.set(method, error);
  }

  /** From now on calls wait, before they do anything, until the returned function is called. */
  hang(): () => void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#hanging = promise;
    return () => {
      this.#hanging = null;
      resolve(undefined);
    };
  }

  /** A job of a project; a new project when none is named. */
  addJob(job: Partial<QueuedJob> & { readonly refused?: boolean } = {}): number {
    const { refused = false, ...view } = job;
    const projectId = view.projectId ?? this.#addProject('group/project');
    const id = this.#nextId();
    const made: QueuedJob = {
      ...{
        id,
        projectId,
        project: this.#projects.get(projectId) ?? '',
        name: `job ${id}`,
        status: 'pending',
      },
      ...{
        tags: ['docker'],
        ref: 'main',
        isTag: false,
        instanceRunners: true,
        startedAt: null,
        finishedAt: null,
        waitedMs: null,
      },
      ...{ systemId: null, failureReason: null },
      ...view,
    };
    this.#jobs = [...this.#jobs, { view: made, pendingSince: this.#now(), refused, log: Buffer.alloc(0) }];
    return id;
  }

  statusOf(jobId: number): JobStatus | null {
    return this.#find(jobId)?.view.status ?? null;
  }

  /** The job as the port would list it. */
  jobView(jobId: number): QueuedJob | null {
    return this.#find(jobId)?.view ?? null;
  }

  change(jobId: number, change: Partial<QueuedJob>): void {
    this.#replace(jobId, (job) => ({ ...job, view: { ...job.view, ...change } }));
  }

  /** What a runner asks: the oldest waiting job that its entry may have. */
  take(entryToken: string, systemId: string): number | null {
    const entry = this.#entries.find(({ token }) => token === entryToken);
    const job = this.#jobs.find(
      ({ view, refused }) =>
        entry !== undefined && view.status === 'pending' && !refused && this.#mayTake(entry, view),
    );
    if (job === undefined) return null;
    const startedAt = this.#now();
    this.change(job.view.id, {
      ...{ status: 'running', startedAt, systemId, waitedMs: startedAt - job.pendingSince },
    });
    return job.view.id;
  }

  append(jobId: number, bytes: Uint8Array): void {
    this.#replace(jobId, (job) => ({ ...job, log: Buffer.concat([job.log, bytes]) }));
  }

  finish(jobId: number, status: 'success' | 'failed' = 'success'): void {
    const file = this.files.get(this.#find(jobId)?.view.projectId ?? 0);
    const said = file === undefined || this.proofSays === null ? null : this.proofSays(file);
    if (said !== null) {
      this.append(jobId, Buffer.from(said));
      this.artifacts.set(jobId, said);
    }
    const failureReason = status === 'failed' ? 'script_failure' : null;
    this.change(jobId, { status, finishedAt: this.#now(), failureReason });
  }

  removeProject(id: number): void {
    this.#projects.delete(id);
    this.#jobs = this.#jobs.filter(({ view }) => view.projectId !== id);
  }

  /** The entries as a person sees them in GitLab's own pages. */
  entries(): readonly Entry[] {
    return this.#entries;
  }

  async version(): Promise<GitlabVersion> {
    await this.#enter('version');
    return { version: '19.4.0', revision: 'abcdef', admin: this.isAdmin };
  }

  /** What is not told here is counted. */
  totals: Partial<GitlabCounts> = {};

  async counts(): Promise<GitlabCounts> {
    await this.#enter('counts');
    const [projects, runners] = [this.#projects.size, this.#entries.length];
    return { projects, users: 1, groups: 0, runners, hooks: 0, ...this.totals };
  }

  async queue(): Promise<QueuePage> {
    await this.#enter('queue');
    const open: readonly JobStatus[] = ['pending', 'running', 'canceling'];
    return { jobs: this.#jobs.map(({ view }) => view).filter(({ status }) => open.includes(status)) };
  }

  async job(projectId: number, jobId: number): Promise<QueuedJob | null> {
    await this.#enter('job');
    const view = this.#find(jobId)?.view;
    return view?.projectId === projectId ? view : null;
  }

  async projectJobs(projectId: number): Promise<readonly QueuedJob[]> {
    await this.#enter('projectJobs');
    const jobs = this.#jobs.map(({ view }) => view).filter((view) => view.projectId === projectId);
    return jobs.sort((a, b) => b.id - a.id).slice(0, 500);
  }

  async jobLog(
    projectId: number,
    jobId: number,
    { offset, ended }: { readonly offset: number; readonly ended: boolean },
  ): Promise<JobLogPart> {
    await this.#enter('jobLog');
    const job = this.#find(jobId);
    if (job?.view.projectId !== projectId) throw gitlabFailure('gitlab.unexpected');
    return readLogPart(job.log, offset, ended);
  }

  async cancelJob(projectId: number, jobId: number): Promise<QueuedJob> {
    await this.#enter('cancelJob');
    const view = this.#viewIn(projectId, jobId);
    if (view.status === 'running') this.change(jobId, { status: 'canceling' });
    if (view.status === 'pending' || view.status === 'created')
      this.change(jobId, { status: 'canceled', finishedAt: this.#now() });
    return this.#viewIn(projectId, jobId);
  }

  async retryJob(projectId: number, jobId: number): Promise<QueuedJob> {
    await this.#enter('retryJob');
    const view = this.#viewIn(projectId, jobId);
    if (!['success', 'failed', 'canceled'].includes(view.status)) throw gitlabFailure('gitlab.job-refused');
    const { name, tags, ref } = view;
    return this.#viewIn(projectId, this.addJob({ projectId, name, tags, ref }));
  }

  async createEntry(
    entry: EntryTerms & { readonly description: string },
  ): Promise<{ readonly id: number; readonly token: string }> {
    await this.#enter('createEntry');
    const { scope } = entry;
    if (scope.kind !== 'instance' && !this.#exists(scope)) throw gitlabFailure('gitlab.no-such-path');
    const id = this.#nextId();
    const token = `glrt-${id}`;
    const kept = this.#refusesTokens ? `${token}-reset` : token;
    this.#entries = [...this.#entries, { ...entry, id, token: kept }];
    return { id, token };
  }

  async protectedRefs(projectId: number): Promise<ProtectedRefs> {
    await this.#enter('protectedRefs');
    return this.protections.get(projectId) ?? { branches: ['main'], tags: [] };
  }

  async updateEntry(id: number, terms: EntryTerms): Promise<boolean> {
    await this.#enter('updateEntry');
    this.#entries = this.#entries.map((entry) =>
      entry.id === id ? { ...entry, ...entryTerms(terms), scope: entry.scope } : entry,
    );
    return this.#entries.some((entry) => entry.id === id);
  }

  async removeEntry(id: number): Promise<void> {
    await this.#enter('removeEntry');
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
  }

  async listEntries(prefix: string): Promise<readonly EntryAtGitlab[]> {
    await this.#enter('listEntries');
    return this.#entries
      .filter(({ description }) => description.startsWith(prefix))
      .map(({ id, description }) => ({ id, description }));
  }

  /** From now on the entries' tokens so far are refused; with `ever`, also those of entries made later. */
  revokeTokens(ever = false): void {
    this.#refusesTokens = ever;
    this.#entries = this.#entries.map((entry) => ({ ...entry, token: `${entry.token}-reset` }));
  }

  async acceptsEntry(entryToken: string): Promise<boolean> {
    await this.#enter('acceptsEntry');
    return this.#entries.some(({ token }) => token === entryToken);
  }

  async jobsOf(_entryId: number, systemId: string): Promise<readonly { readonly id: number }[]> {
    await this.#enter('jobsOf');
    return this.#jobs.filter(({ view }) => view.systemId === systemId).map(({ view }) => view);
  }

  async removeManager(_entryToken: string, systemId: string): Promise<void> {
    await this.#enter('removeManager');
    this.forgotten.push(systemId);
  }

  async prepareProject({
    name,
    group,
    file,
  }: Parameters<Gitlab['prepareProject']>[0]): Promise<{ readonly id: number; readonly path: string }> {
    await this.#enter('prepareProject');
    if (group !== null && !this.#exists({ kind: 'group', path: group }))
      throw gitlabFailure('gitlab.unexpected');
    const path = `${group ?? 'root'}/${name}`;
    const id = this.#addProject(path);
    this.files.set(id, file.content);
    return { id, path };
  }

  async startPipeline(projectId: number): Promise<readonly number[]> {
    await this.#enter('startPipeline');
    const content = this.files.get(projectId) ?? '';
    const tags: unknown = JSON.parse(/"tags": (\[[^\]]*\])/.exec(content)?.[1] ?? '[]');
    return [this.addJob({ projectId, name: 'prove', tags: Array.isArray(tags) ? tags.map(String) : [] })];
  }

  /** Who started which job; of those that are not in it, the token's own user did. */
  readonly owners = new Map<number, string | null>();

  async self(): Promise<string> {
    await this.#enter('self');
    return 'root';
  }

  async jobOwner(_projectId: number, jobId: number): Promise<string | null> {
    await this.#enter('jobOwner');
    if (!this.#find(jobId)) return null;
    return this.owners.has(jobId) ? (this.owners.get(jobId) ?? null) : 'root';
  }

  async jobArtifact(projectId: number, jobId: number, path: string): Promise<string | null> {
    await this.#enter('jobArtifact');
    const artifact = this.#find(jobId)?.view.projectId === projectId ? this.artifacts.get(jobId) : undefined;
    return path === 'autogit-proof.txt' ? (artifact ?? null) : null;
  }

  async createProject(name: string): Promise<{ readonly id: number; readonly path: string }> {
    await this.#enter('createProject');
    const path = `root/${name}`;
    return { id: this.#addProject(path), path };
  }

  #exists({ kind, path }: { readonly kind: 'group' | 'project'; readonly path: string }): boolean {
    const paths = [...this.#projects.values()].map((known) => known.toLowerCase());
    const wanted = path.toLowerCase();
    return paths.some((known) => (kind === 'project' ? known === wanted : known.startsWith(`${wanted}/`)));
  }

  #mayTake(entry: Entry, view: QueuedJob): boolean {
    const { branches } = this.protections.get(view.projectId) ?? { branches: ['main'] };
    const job = { ...view, protectedRef: branches.includes(view.ref) };
    return takesKind(job, { ...entry, max: 1 }) && servesProject(job, entry);
  }

  #addProject(path: string): number {
    const known = [...this.#projects].find(([, one]) => one === path);
    if (known !== undefined) return known[0];
    const id = this.#nextId();
    this.#projects.set(id, path);
    return id;
  }

  #nextId(): number {
    this.#serial += 1;
    return this.#serial;
  }

  #find(jobId: number): FakeJob | undefined {
    return this.#jobs.find(({ view }) => view.id === jobId);
  }

  #viewIn(projectId: number, jobId: number): QueuedJob {
    const view = this.#find(jobId)?.view;
    if (view?.projectId !== projectId) throw gitlabFailure('gitlab.job-refused');
    return view;
  }

  #replace(jobId: number, change: (job: FakeJob) => FakeJob): void {
    this.#jobs = this.#jobs.map((job) => (job.view.id === jobId ? change(job) : job));
  }

  async #enter(method: GitlabMethod): Promise<void> {
    this.calls.push(method);
    await this.#hanging;
    const error = this.#failing.get(method) ?? this.#failing.get('all');
    if (error !== undefined) throw error;
  }
}

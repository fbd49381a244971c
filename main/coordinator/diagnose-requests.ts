// What `diagnose.collect` does: asks every part of the core, and lets nothing leave but by the lists of plan/diagnose.
import { hookSecret } from '../apply/gateway.ts';
import { projectOf } from '../apply/stack/context.ts';
import type { Output } from '../contract/contract.ts';
import { AutoGitError, messageOf, problemOf } from '../errors.ts';
import type { DocumentName } from '../plan/diagnose/documents.ts';
import { archiveFiles } from '../plan/diagnose/make-files.ts';
import type { Collected } from '../plan/diagnose/make-files.ts';
import { runDoctor, showMachine } from './machine-requests.ts';
import type { RequestContext } from './requests.ts';
import { planRequest } from './stack/plan-request.ts';
import { showStack } from './stack/stack-status.ts';

/** One piece of software of others. */
export interface Licence {
  readonly name: string;
  readonly version: string;
  /** An SPDX identifier or expression. */
  readonly licence: string;
  readonly text: string;
}

/** This program itself. */
export interface OwnProgram {
  readonly version: string;
  /** The newest part of its log: JSON lines. */
  readLog(): Promise<string>;
  /** Of the database library. Missing: nobody knows. */
  readonly sqlite?: string;
  /** Software of others that is in it. Rejects with `about.no-licenses` where it was not built. */
  readLicences?(): Promise<readonly Licence[]>;
}

interface Sources {
  readonly documents: Readonly<Record<DocumentName, () => Promise<unknown>>>;
  /** By path. */
  stackFiles(): Promise<Readonly<Record<string, string>>>;
  /** By service. */
  serviceLogs(): Promise<Readonly<Record<string, string>>>;
  /** JSON lines. */
  ownLog(): Promise<string>;
  secrets(): readonly string[];
}

/** What collecting needs of the core. */
export interface DiagnoseContext {
  readonly now: () => number;
  readonly sources: Sources;
}

/** One part that hangs leaves only itself out. Milliseconds. */
const deadlineMs = 30_000;

/** Never rejects: what could not be collected is said in the first file. */
export async function collectDiagnosis({
  now,
  sources,
}: DiagnoseContext): Promise<Output<'diagnose.collect'>> {
  const at = now();
  const missing: { readonly what: string; readonly why: string }[] = [];
  const attempt = async <T>(what: string, ask: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await within(ask());
    } catch (error) {
      missing.push({
        what,
        why: error instanceof AutoGitError ? `${error.message} (${error.key})` : messageOf(error),
      });
      return otherwise;
    }
  };
  const names = Object.keys(sources.documents).filter((name): name is DocumentName =>
    Object.hasOwn(sources.documents, name),
  );
  const [documents, stackFiles, serviceLogs, ownLog] = await Promise.all([
    Promise.all(
      names.map(async (name) => [name, await attempt(name, sources.documents[name], undefined)] as const),
    ),
    attempt('stack/files', () => sources.stackFiles(), {}),
    attempt('logs/services', () => sources.serviceLogs(), {}),
    attempt('logs/autogit.log', () => sources.ownLog(), ''),
  ]);
  const collected: Collected = {
    ...{ at, stackFiles, serviceLogs, ownLog, missing, secrets: sources.secrets() },
    documents: Object.fromEntries(documents),
  };
  const files = archiveFiles(collected, (text) => Buffer.from(text).toString('base64'));
  return { at, files: files.map((file) => ({ ...file })) };
}

async function within<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`it did not answer within ${deadlineMs / 1000} s`)),
    deadlineMs,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lines of each container's log. */
const logLines = 300;

/** The parts of a running core. */
export function diagnoseSources(context: RequestContext): DiagnoseContext {
  const { stack: desk, settings, live, store, secrets, clock, program } = context;
  const lab = (): string | null => desk.journal.current()?.lab ?? null;
  const project = (name: string): ReturnType<typeof projectOf> => projectOf(name, desk);
  return {
    now: () => clock.now(),
    sources: {
      documents: {
        'versions.json': () => versionsOf(context),
        'doctor.json': () => runDoctor({}, context),
        'machine.json': () => showMachine(context),
        'settings.json': async () => ({
          file: settings.file,
          settings: settings.current(),
          problems: settings.problems(),
        }),
        'snapshot.json': async () => live.current(),
        'stack/status.json': () => showStack(context),
        'stack/plan.json': async () => (lab() === null ? null : planRequest({ files: false }, context)),
        'containers.json': async () => {
          const name = lab();
          return name === null ? [] : desk.compose.containers(project(name));
        },
        'audit.json': async () => store.auditLog(500),
      },
      stackFiles: async () => {
        const name = lab();
        const files = name === null ? null : await desk.folder.read(name);
        // What a person has put beside AutoGit's own files is theirs.
        const ours = name === null ? {} : desk.journal.written(name);
        return Object.fromEntries(
          (files ?? [])
            .filter(({ path }) => Object.hasOwn(ours, path))
            .map(({ path, content }) => [path, content]),
        );
      },
      serviceLogs: () => logsOf(context),
      ownLog: () => program.readLog(),
      secrets: () => [...secrets.values(), hookSecret(secrets)],
    },
  };
}

async function logsOf({ stack: desk }: RequestContext): Promise<Readonly<Record<string, string>>> {
  const lab = desk.journal.current()?.lab;
  if (lab === undefined) return {};
  const project = projectOf(lab, desk);
  const services = [...new Set((await desk.compose.containers(project)).map(({ service }) => service))];
  const logs = await Promise.all(
    services.map(
      async (service) => [service, await desk.compose.logs(project, [service], logLines)] as const,
    ),
  );
  return Object.fromEntries(logs);
}

async function versionsOf({ probe, live, stack, coordinator, program }: RequestContext): Promise<unknown> {
  const { platform, arch, kernel } = probe.self();
  const { nodes } = live.current();
  return {
    ...{ autogit: program.version, node: process.version, platform, arch, kernel },
    engine: nodes.map(({ engine }) => `${engine.kind ?? 'unknown'} ${engine.version ?? ''}`.trim()),
    compose: await stack.compose.version().catch((error: unknown) => problemOf(error).message),
    gitlab: await gitlabVersion(coordinator).catch((error: unknown) => problemOf(error).message),
  };
}

async function gitlabVersion(coordinator: RequestContext['coordinator']): Promise<string> {
  return (await coordinator.gitlab().version()).version;
}

// What is here now, as a plan of a restore needs it: asked of the home, the engine, the stack, and of GitLab itself.
import type { Snapshot } from '../../contract/snapshot.ts';
import { imageName, tagOf, versionOf } from '../../model/stack/versions.ts';
import type { TemplateSource } from '../../model/stack/template.ts';
import type {
  GatheredElsewhere,
  ImageFacts,
  InstalledGitlab,
  RestoreFacts,
} from '../../plan/backups/restore-facts.ts';
import type { Clock, Gitlab, GitlabCounts } from '../../ports.ts';
import type { Compose, StackFolder, StackJournal, Templates } from '../../stack-ports.ts';
import type { BackupGround } from './backup-ground.ts';

export interface FactsOptions {
  readonly ground: Pick<BackupGround, 'gitlabKind' | 'wanted' | 'clock' | 'log'> & {
    readonly store: { readonly instance: string };
  };
  readonly version: string;
  readonly put: { readonly compose: Pick<Compose, 'version'>; readonly folder: Pick<StackFolder, 'look'> };
  readonly journal: Pick<StackJournal, 'open' | 'standing'>;
  readonly templates: Templates;
  readonly snapshot: () => Pick<Snapshot, 'nodes' | 'pools' | 'jobs'>;
  /** Throws `gitlab.not-connected`. */
  readonly gitlab: () => Pick<Gitlab, 'version' | 'counts'>;
}

/** The stack of a backup, as its manifest tells. */
export interface BackedUpStack {
  readonly data: string;
  readonly images: Readonly<Record<string, string>>;
}

/** How long GitLab may take to tell what is in it; a person waits. Milliseconds. */
const patienceMs = 15_000;
/** Template and image of GitLab. */
const gitlabId = 'gitlab';

type Gathered = Omit<RestoreFacts, GatheredElsewhere>;

/** Never rejects: what cannot be asked is not known. `stack`: of the backup, where it could be read. */
export async function gatherFacts(options: FactsOptions, stack: BackedUpStack | null): Promise<Gathered> {
  const { ground, version, journal, snapshot, put } = options;
  const { nodes, pools, jobs } = snapshot();
  const kind = ground.gitlabKind();
  const targets = ground.wanted().targets.length;
  const sources = await readTemplates(options);
  const isOurs = kind === 'sandbox' || kind === 'stack';
  const asked = isOurs ? await askGitlab(options.gitlab, ground) : null;
  return {
    ...{ autogit: version, instance: ground.store.instance, gitlab: kind },
    gitlabVersion: asked?.version ?? standingVersion(kind, journal),
    hasAnswered: asked !== null,
    counts: { ...asked?.counts, pools: pools.length, targets },
    // Pools that AutoGit wrote by itself are no reason to keep anything.
    isEmpty: kind === 'none' && targets === 0,
    unusedData: stack === null ? null : await unusedData(stack, options),
    installs: installedBy(sources),
    ...imageFactsOf(sources, { nodes }),
    hasEngine: nodes.some(({ engine }) => engine.state === 'fresh'),
    hasCompose: await put.compose.version().then(
      () => true,
      () => false,
    ),
    jobsRunning: jobs.filter(({ status }) => status === 'running').length,
    isStackBusy: journal.open() !== null,
  };
}

/** Which images can run here. Never rejects. */
export async function gatherImageFacts(options: FactsOptions): Promise<ImageFacts> {
  return imageFactsOf(await readTemplates(options), options.snapshot());
}

async function readTemplates({ templates, ground }: FactsOptions): Promise<readonly TemplateSource[]> {
  try {
    return await templates.read();
  } catch (error) {
    ground.log.warn('the templates could not be read for the plan of a restore', { error });
    return [];
  }
}

/** What a GitLab tells of itself. */
export interface AskedGitlab {
  readonly version: string;
  /** What it does not count is missing. */
  readonly counts: Readonly<Record<string, number>>;
}

/** `null`: it does not answer in time. Never rejects. `gitlab` may throw `gitlab.not-connected`. */
export async function askGitlab(
  gitlab: FactsOptions['gitlab'],
  { clock, log }: Pick<BackupGround, 'clock' | 'log'>,
): Promise<AskedGitlab | null> {
  const late = new AbortController();
  try {
    const served = gitlab();
    const asking = Promise.all([served.version(), served.counts()]);
    const found = await Promise.race([asking, tooLong(clock, late.signal)]);
    if (found === null) log.warn('GitLab has not told in time what is in it');
    return found === null ? null : { version: found[0].version, counts: knownOf(found[1]) };
  } catch (error) {
    log.info('GitLab does not tell what is in it', { error });
    return null;
  } finally {
    late.abort();
  }
}

async function tooLong(clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<null> {
  await clock.sleep(patienceMs, signal);
  return null;
}

function knownOf(counts: GitlabCounts): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, number]) => number !== null));
}

/** By the image that has run last. */
function standingVersion(
  kind: RestoreFacts['gitlab'],
  journal: Pick<StackJournal, 'standing'>,
): RestoreFacts['gitlabVersion'] {
  const image = kind === 'stack' ? journal.standing()?.images?.[gitlabId] : undefined;
  return image === undefined ? '' : (versionOf(tagOf(image))?.join('.') ?? '');
}

/** GitLab's data where the backup's is to go, which no stack that is up has. */
async function unusedData({ data }: BackedUpStack, { journal, put }: FactsOptions): Promise<string | null> {
  const standing = journal.standing();
  if (standing?.isUp === true && standing.answers.data === data) return null;
  const folder = `${data}/${gitlabId}/data`;
  try {
    const { exists, empty } = await put.folder.look(folder);
    return exists && !empty ? folder : null;
  } catch {
    return null;
  }
}

function installedBy(sources: readonly TemplateSource[]): InstalledGitlab | null {
  const manifest = sources.find(({ manifest: { id } }) => id === gitlabId)?.manifest;
  const [image] = manifest?.images ?? [];
  const version = image === undefined ? null : versionOf(tagOf(image.reference));
  if (manifest === undefined || image === undefined || version === null) return null;
  return {
    version: version.join('.'),
    isEnterprise: /gitlab-ee$/.test(imageName(image.reference)),
    stops: manifest.upgrade.stops,
  };
}

function imageFactsOf(sources: readonly TemplateSource[], { nodes }: Pick<Snapshot, 'nodes'>): ImageFacts {
  const images = sources.flatMap(({ manifest }) => manifest.images);
  const engine = nodes.find(({ engine: { state } }) => state === 'fresh')?.engine;
  return {
    architecture: engine?.architecture ?? null,
    madeFor: Object.fromEntries(
      images.map(({ reference, architectures }) => [imageName(reference), architectures]),
    ),
  };
}

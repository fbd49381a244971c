// What a proof has shown: each claim of the pool against what its job said from inside.
import type { GpuGrant } from '../model/gpu.ts';
import type { Pool } from '../model/pool.ts';
import type { Architecture } from '../model/pool-container.ts';
import type { Claim, ClaimName, Evidence, ProofRecord, Verdict } from '../model/proof.ts';
import { readProof } from './proof-script.ts';
import type { ProofFacts } from './proof-script.ts';
import { archOf } from './ready-pools.ts';
import { shorten } from './short-names.ts';

/** What the pool promised this job. */
export interface Promised {
  readonly pool: Pick<Pool, 'cpus' | 'memoryMiB' | 'gpu'>;
  /** `null`: not known. */
  readonly arch: Architecture | null;
  /** The cards of its runner, where they are known. */
  readonly gpu: Pick<GpuGrant, 'vendor' | 'ids'> | null;
}

/** What the job left at GitLab. */
export interface Said {
  readonly succeeded: boolean;
  /** GitLab's word for why it failed. */
  readonly failureReason: string | null;
  /** In its log. */
  readonly log: ProofFacts;
  /** In the file that it uploaded; `null`: there is none. */
  readonly artifact: ProofFacts | null;
}

type Judge = (promised: Promised, said: Said) => Claim | null;

function claim(name: ClaimName, state: Claim['state'], sentence: string, fix: string | null = null): Claim {
  return { name, state, sentence, fix };
}

const limitFix =
  'See whether the engine can limit containers: autogit issue list. With executor image, see that the gateway runs.';

/** `150000 100000` are one and a half processors; `max` and -1 are no limit; `null`: it could not be read. */
function parseCpus(text: string | undefined): number | null {
  const [quota = '', period = ''] = (text ?? '').split(/\s+/);
  if (quota === 'max' || quota === '-1') return Infinity;
  const [used, of] = [Number(quota), Number(period)];
  return quota !== '' && used > 0 && of > 0 ? used / of : null;
}

/** Bytes; the largest number that the kernel has is no limit. */
function parseBytes(text: string | undefined): number | null {
  if (text === 'max') return Infinity;
  const bytes = Number(text ?? '');
  if (text === undefined || text === '' || !(bytes > 0)) return null;
  return bytes >= 2 ** 60 ? Infinity : bytes;
}

const judgeCpus: Judge = ({ pool: { cpus } }, { log }) => {
  if (cpus === null) return null;
  const seen = parseCpus(log.cpu);
  if (seen === null)
    return claim('cpus', 'unknown', 'Its limit of processors cannot be read from inside.', limitFix);
  // A quota is a whole number of microseconds.
  if (Math.abs(seen - cpus) <= 0.01) return claim('cpus', 'held', `It may use ${cpus} processors.`);
  const found = seen === Infinity ? 'it has no limit' : `its limit is ${Number(seen.toFixed(2))}`;
  return claim('cpus', 'failed', `The pool promises ${cpus} processors, and in the job ${found}.`, limitFix);
};

const judgeMemory: Judge = ({ pool: { memoryMiB } }, { log }) => {
  if (memoryMiB === null) return null;
  const seen = parseBytes(log.memory);
  if (seen === null)
    return claim('memory', 'unknown', 'Its limit of memory cannot be read from inside.', limitFix);
  const mib = seen / 1024 ** 2;
  if (Math.abs(mib - memoryMiB) <= 1)
    return claim('memory', 'held', `It may use ${memoryMiB} MiB of memory.`);
  const found = seen === Infinity ? 'it has no limit' : `its limit is ${Math.round(mib)} MiB`;
  return claim(
    'memory',
    'failed',
    `The pool promises ${memoryMiB} MiB of memory, and in the job ${found}.`,
    limitFix,
  );
};

const judgeArch: Judge = ({ arch }, { log }) => {
  const seen = log.arch === undefined || log.arch === '' ? null : log.arch;
  if (arch === null || seen === null) return claim('arch', 'unknown', 'Its processor could not be told.');
  if (archOf(seen) === arch) return claim('arch', 'held', `It runs on ${arch}.`);
  return claim(
    'arch',
    'failed',
    `The pool promises ${arch}, and its image is for ${shorten(seen)}.`,
    `Give the pool an image for ${arch}, or set its arch to what the image is for.`,
  );
};

const namesIn = (text: string | undefined): readonly string[] =>
  (text ?? '').split(/\s+/).filter((name) => name !== '');

const judgeGpu: Judge = ({ pool: { gpu: need }, gpu: grant }, { log }) => {
  if (log.nvidia === undefined || log.render === undefined)
    return claim('gpu', 'unknown', 'Which graphics cards it sees could not be told.');
  const [nvidia, render] = [namesIn(log.nvidia), namesIn(log.render)];
  if (need === null) {
    const seen = [...nvidia, ...render];
    if (seen.length === 0) return claim('gpu', 'held', 'It sees no graphics card, as it should.');
    const fix = 'Look at the devices and mounts of the pool, and at the engine’s default runtime.';
    return claim(
      'gpu',
      'failed',
      `The pool promises no graphics card, and the job sees ${shorten(seen.join(', '), 60)}.`,
      fix,
    );
  }
  const seen = (grant?.vendor ?? need.vendor ?? 'nvidia') === 'nvidia' ? nvidia : render;
  const fix = 'See what the machine says of its cards and its engine: autogit gpu list';
  if (seen.length === 0) return claim('gpu', 'failed', 'The job sees no graphics card.', fix);
  const others =
    grant?.vendor === 'nvidia' && !grant.ids.includes('wsl')
      ? seen.filter((id) => isUuid(id) && !grant.ids.includes(id))
      : [];
  if (others.length > 0)
    return claim(
      'gpu',
      'failed',
      `The job sees a graphics card that it was not given: ${shorten(others.join(', '), 60)}.`,
      fix,
    );
  if (grant !== null && !grant.ids.includes('wsl') && seen.length !== grant.ids.length)
    return claim(
      'gpu',
      'failed',
      `The job was given ${grant.ids.length} graphics cards and sees ${seen.length}.`,
      fix,
    );
  return claim(
    'gpu',
    'held',
    `It sees ${seen.length === 1 ? 'its graphics card' : `its ${seen.length} graphics cards`} and no other.`,
  );
};

function isUuid(name: string): boolean {
  return name.startsWith('GPU-') || name.startsWith('MIG-');
}

const judgeGitlab: Judge = (_, { log: { gitlab } }) => {
  if (gitlab === 'yes')
    return claim('gitlab', 'held', 'It reaches GitLab by the address that jobs are given.');
  if (gitlab === undefined || gitlab === 'unknown')
    return claim('gitlab', 'unknown', 'Its image has neither curl nor git with which to reach GitLab.');
  const why = shorten(gitlab.replace(/^no\s*/, ''), 120);
  return claim(
    'gitlab',
    'failed',
    `The job does not reach GitLab by the address that it is given${why === '' ? '' : `: ${why}`}.`,
    'GitLab’s external_url, its name and its certificate must hold inside containers: set gitlab.runnerUrl, make the name resolve there, or name the root that signed its certificate in gitlab.ca.',
  );
};

const judgeTrust: Judge = (_, { log: { trust } }) => {
  if (trust === undefined) return null;
  if (trust === 'yes')
    return claim('trust', 'held', 'Its programs trust the certificate of GitLab by themselves.');
  if (trust === 'unknown')
    return claim('trust', 'unknown', 'Its image has no program that would check the certificate of GitLab.');
  const why = shorten(trust.replace(/^no\s*/, ''), 120);
  return claim(
    'trust',
    'failed',
    `Programs in the job do not trust the certificate of GitLab${why === '' ? '' : `: ${why}`}.`,
    'Something in the pool’s env, or a variable of CI/CD at GitLab, names another file of roots (SSL_CERT_FILE, CURL_CA_BUNDLE, GIT_SSL_CAINFO): remove it, or put the root into that file. If jobs are not to trust it: autogit certificate untrust jobs',
  );
};

const judgeClone: Judge = (_, { log: { clone } }) => {
  if (clone === 'yes') return claim('clone', 'held', 'It clones its project.');
  return claim(
    'clone',
    clone === undefined ? 'unknown' : 'failed',
    'The job has not got the commit that it is for.',
    'Read its log at GitLab for what git said.',
  );
};

const judgeArtifact: Judge = (_, { artifact }) => {
  if (artifact?.end === 'yes') return claim('artifact', 'held', 'What it uploads arrives.');
  return claim(
    'artifact',
    'failed',
    'The file that the job uploaded is not at GitLab.',
    'Read the end of its log at GitLab. Artifacts may be switched off there, too large, or have no storage.',
  );
};

const judgeRegistry: Judge = (_, { log: { registry } }) => {
  if (registry === undefined) return null;
  if (registry === 'unknown')
    return claim('registry', 'unknown', 'Its image has no curl with which to reach the registry.');
  if (registry === '200' || registry === '401') return claim('registry', 'held', 'It reaches the registry.');
  const fix = 'The registry’s name and certificate must hold inside containers.';
  return claim('registry', 'failed', 'The job does not reach the registry that GitLab names.', fix);
};

const judges: readonly Judge[] = [
  ...[
    judgeCpus,
    judgeMemory,
    judgeArch,
    judgeGpu,
    judgeGitlab,
    judgeTrust,
    judgeClone,
    judgeArtifact,
    judgeRegistry,
  ],
];
/** What may stay unknown: an image need not have the programs to tell. */
const optional: readonly ClaimName[] = ['gitlab', 'trust', 'registry'];

/** Total: whatever a job has said, or has not. */
export function judgeProof(promised: Promised, said: Said): Verdict {
  if (said.log.end !== 'yes') {
    const why = said.failureReason === null ? '' : ` (${shorten(said.failureReason)})`;
    const sentence = `The proof job ended before it had said everything${why}.`;
    const fix = 'Read its log at GitLab: an image that cannot be pulled, or has no shell, is said there.';
    return { outcome: 'failed', claims: [claim('job', 'failed', sentence, fix)] };
  }
  const claims = judges.flatMap((judge) => judge(promised, said) ?? []);
  const ran = said.succeeded
    ? claim('job', 'held', 'It ran to its end.')
    : claim(
        'job',
        'failed',
        `GitLab says that it failed (${shorten(said.failureReason ?? 'no reason')}).`,
        'Read its log at GitLab.',
      );
  const all = [ran, ...claims];
  if (all.some(({ state }) => state === 'failed')) return { outcome: 'failed', claims: all };
  const isUnclear = all.some(({ name, state }) => state === 'unknown' && !optional.includes(name));
  return { outcome: isUnclear ? 'unproven' : 'proven', claims: all };
}

const verdicts = new WeakMap<ProofRecord, { readonly pool: Pool; readonly verdict: Verdict }>();

/** What an ended proof of this pool has shown; `null` while it has not ended. */
export function verdictOf(record: ProofRecord, pool: Pool): Verdict | null {
  const known = verdicts.get(record);
  if (known?.pool === pool) return known.verdict;
  if (record.evidence === null) return null;
  const verdict = judgeEvidence(record.evidence, record.nonce, pool);
  verdicts.set(record, { pool, verdict });
  return verdict;
}

function judgeEvidence(evidence: Evidence, nonce: string, pool: Pool): Verdict {
  if (evidence.kind === 'none') {
    const { sentence, fix } = evidence;
    return { outcome: 'unproven', claims: [claim('job', 'unknown', sentence, fix)] };
  }
  const { log, artifact, arch, gpu, succeeded, failureReason } = evidence;
  return judgeProof(
    { pool, arch, gpu },
    {
      ...{ succeeded, failureReason, log: readProof(log, nonce) },
      artifact: artifact === null ? null : readProof(artifact, nonce),
    },
  );
}

// What a proof runs, and how what it prints is read.
import { nonceMark, ownTag, proofFile } from '../model/proof.ts';
import type { Pool } from '../model/pool.ts';
import type { Desired } from '../model/world.ts';

/** Begins the lines of a proof. */
const mark = 'autogit-proof';

/** What a proof has said, each by its name. */
export type ProofFacts = Readonly<Partial<Record<FactName, string>>>;

const factNames = [
  ...(['cpu', 'memory', 'arch', 'clone', 'gitlab', 'trust', 'registry', 'nvidia', 'render', 'end'] as const),
] as const;
type FactName = (typeof factNames)[number];

/** POSIX sh and the smallest set of programs: an image may have nothing more. What is missing is said, never guessed. */
const script: readonly string[] = [
  `say() { printf '${mark} ${nonceMark} %s=%s\\n' "$1" "$2" | tee -a ${proofFile}; }`,
  'first() { for file in "$@"; do if [ -r "$file" ]; then echo $(cat "$file"); return; fi; done; echo none; }',
  'own="$(sed -n "s/^0:://p" /proc/self/cgroup 2> /dev/null | head -n 1)"; root=/sys/fs/cgroup',
  'cpu="$(first "$root$own/cpu.max" "$root/cpu.max")"',
  'if [ "$cpu" = none ]; then cpu="$(first $root/cpu/cpu.cfs_quota_us $root/cpu,cpuacct/cpu.cfs_quota_us) $(first $root/cpu/cpu.cfs_period_us $root/cpu,cpuacct/cpu.cfs_period_us)"; fi',
  'say cpu "$cpu"',
  'say memory "$(first "$root$own/memory.max" "$root/memory.max" "$root/memory/memory.limit_in_bytes")"',
  'say arch "$(uname -m)"',
  `if grep -q '${nonceMark}' .gitlab-ci.yml; then say clone yes; else say clone no; fi`,
  'ca="${CI_SERVER_TLS_CA_FILE:-}"',
  'if command -v curl > /dev/null; then',
  '  if curl -sS -m 20 ${ca:+--cacert "$ca"} -o /dev/null "$CI_API_V4_URL/version" 2> why.txt; then say gitlab yes; else say gitlab "no $(head -c 200 why.txt | tr "\\n" " ")"; fi',
  'elif command -v git > /dev/null; then',
  '  if GIT_TERMINAL_PROMPT=0 git ${ca:+-c "http.sslCAInfo=$ca"} ls-remote "$CI_REPOSITORY_URL" HEAD > /dev/null 2> why.txt; then say gitlab yes; else say gitlab "no $(grep -v -i token why.txt | head -c 200 | tr "\\n" " ")"; fi',
  'else say gitlab unknown; fi',
  'if [ -n "${CI_REGISTRY:-}" ]; then',
  '  if command -v curl > /dev/null; then say registry "$(curl -sS -m 20 ${ca:+--cacert "$ca"} -o /dev/null -w "%{http_code}" "https://$CI_REGISTRY/v2/" 2> /dev/null || echo no)"; else say registry unknown; fi',
  'fi',
  'if command -v nvidia-smi > /dev/null; then say nvidia "$(nvidia-smi -L 2> /dev/null | sed -n "s/.*UUID: \\([A-Za-z0-9-]*\\).*/\\1/p" | tr "\\n" " ")"; else say nvidia "$(ls -d /dev/nvidia[0-9]* /dev/dxg 2> /dev/null | tr "\\n" " ")"; fi',
  'say render "$(ls -d /dev/dri/renderD* 2> /dev/null | tr "\\n" " ")"',
];

/** In Python an answer with a status is one, whatever it says. */
const askInPython =
  'import sys, urllib.request, urllib.error\ntry: urllib.request.urlopen(sys.argv[1], timeout=20)\nexcept urllib.error.HTTPError: pass';
const askInNode =
  'require("https").get(process.argv[1], (answer) => answer.destroy()).on("error", (why) => { console.error(why.message); process.exitCode = 1; })';

/**
 * Whether programs trust GitLab without being told its root: by the first of them that the image has. Away from the
 * project, whose own configuration may name the root.
 */
const trustScript: readonly string[] = [
  'trusts() { if "$@" > /dev/null 2> why.txt; then say trust yes; else say trust "no $1: $(grep -v -i token why.txt | tail -n 3 | head -c 200 | tr "\\n" " ")"; fi; }',
  'url="$CI_API_V4_URL/version"',
  'export GIT_TERMINAL_PROMPT=0',
  'case "$url" in https:*) secure=yes ;; *) secure= ;; esac',
  'if [ -z "$secure" ]; then say trust unknown',
  'elif command -v curl > /dev/null; then trusts curl -sS -m 20 -o /dev/null "$url"',
  'elif command -v git > /dev/null; then trusts git -C / ls-remote "$CI_REPOSITORY_URL" HEAD',
  `elif command -v python3 > /dev/null; then trusts python3 -c '${askInPython}' "$url"`,
  `elif command -v node > /dev/null; then trusts node -e '${askInNode}' "$url"`,
  'else say trust unknown; fi',
];

/** The CI file of the proofs of a pool, with `nonceMark` where the nonce of one belongs: JSON is YAML. */
export function renderProofFile(pool: Pool, { trustInJobs }: Pick<Desired, 'trustInJobs'> = {}): string {
  const lines = [...script, ...(trustInJobs === true ? trustScript : []), 'say end yes'];
  const job = {
    tags: [...new Set([...pool.tags, ownTag(pool.name)])],
    timeout: '10 minutes',
    script: [lines.join('\n')],
    artifacts: { paths: [proofFile], expire_in: '1 day' },
  };
  const file = {
    workflow: { rules: [{ if: '$CI_PIPELINE_SOURCE == "api"' }] },
    [`prove ${pool.name}`]: job,
  };
  return `# Written by AutoGit for each proof of a pool: it says from inside what the pool gives its jobs.\n${JSON.stringify(file, null, 2)}\n`;
}

/** Longer than anything that a proof has to say. Characters. */
const longestFact = 1_000;

/** What the job with this nonce has said in a log or in its file. Lines of anything else are nothing. */
export function readProof(text: string, nonce: string): ProofFacts {
  const facts: Partial<Record<FactName, string>> = {};
  const start = `${mark} ${nonce} `;
  for (const line of text.split(/[\r\n]+/)) {
    const at = line.indexOf(start);
    if (at === -1) continue;
    const [name = '', ...value] = line.slice(at + start.length).split('=');
    const known = factNames.find((one) => one === name);
    if (known !== undefined) facts[known] ??= value.join('=').trim().slice(0, longestFact);
  }
  return facts;
}

import { planning } from './bench/measures/planning.ts';
import { plan } from '../main/plan/plan.ts';
import * as w from './fakes/world.ts';
const kinds = ['docker', 'amd64', 'arm64', 'gpu', 'cuda', 'large', 'small'] as const;
const pools = Array.from({ length: 100 }, (_, index) => w.somePool({ name: `pool-${index}`, tags: [...kinds.filter((_k, bit) => ((index + 1) >> bit) % 2 === 1), `own-${index % 20}`], runUntagged: index % 10 === 0, max: 4 }));
const jobs = () => Array.from({ length: 10000 }, (_, index) => w.someJob({ id: index + 1, projectId: index % 300, project: `group/project-${index % 300}`, tags: kinds.filter((_k, bit) => (index >> bit) % 5 === 1).slice(0, 3), firstSeenAt: w.now - (index % 600) * 1_000 }));
const entries = pools.map((pool, index) => w.someEntry({ pool: pool.name, entryId: index + 1, tags: pool.tags, runUntagged: pool.runUntagged }));
const desired = w.someDesired({ pools });
const n = Number(process.argv[2] ?? 200); const t: number[] = [];
for (let i = 0; i < n; i += 1) {
  const observed = w.someObserved({ jobs: jobs(), entries, entriesAtGitlab: w.fresh(entries.map(w.atGitlab)), nodes: [w.someNode(w.fresh(w.someView({ images: [w.runnerImage] })))] });
  const s = performance.now(); const p = plan(desired, observed, w.now); t.push(performance.now() - s);
  if (i === 0) console.log(p.actions.length, p.issues.length, p.wakeAt);
}
console.log(t.slice(0,12).map((x) => x.toFixed(1)).join(' '));
t.sort((a, b) => a - b); console.log('median', t[n >> 1]?.toFixed(2), 'p95', t[Math.floor(n * 0.95)]?.toFixed(2), 'max', t.at(-1)?.toFixed(2));

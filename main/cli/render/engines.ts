// Container engines as text: all that were found, and one in detail.
import type { EngineDetail, EngineRow } from '../../contract/engines.ts';
import { renderIssues } from './lab.ts';
import { renderPairs, renderTable } from './table.ts';
import type { Cell } from './table.ts';
import { clean, gigabytes, paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

const stateTones: Readonly<Record<EngineRow['state'], Tone>> = {
  ready: 'good',
  'too-old': 'bad',
  'no-permission': 'bad',
  unreachable: 'bad',
  'tls-refused': 'bad',
  unsupported: 'quiet',
  failed: 'bad',
};

const lackWords: Readonly<Record<EngineRow['lacks'][number], string>> = {
  'memory-limits': 'memory limits',
  'cpu-limits': 'processor limits',
  'low-ports': 'low ports',
  pause: 'pausing',
  'fast-storage': 'fast storage',
};

/** Where an address was found, in words. */
function sourceWords({ kind, name }: EngineRow['sources'][number]): string {
  switch (kind) {
    case 'setting':
      return 'the settings';
    case 'DOCKER_HOST':
      return 'DOCKER_HOST';
    case 'context':
      return `docker's current context ${name ?? ''}`;
    case 'other-context':
      return `docker context ${name ?? ''}`;
    case 'podman-connection':
      return `podman connection ${name ?? ''}`;
    case 'rootless-docker':
    case 'rootless-podman':
    case 'docker-desktop':
    case 'docker':
    case 'podman':
      return 'its usual place';
  }
}

function nameOf({ kind, version, rootless }: EngineRow): string {
  if (kind === null) return 'unknown';
  return `${kind === 'docker' ? 'Docker' : 'Podman'} ${version ?? ''}, ${rootless === true ? 'rootless' : 'root'}`;
}

function stateOf({ state, inUse }: EngineRow): Cell {
  const word = state.replaceAll('-', ' ');
  if (!inUse) return { text: word, tone: stateTones[state] };
  return { text: state === 'ready' ? 'in use' : `in use, ${word}`, tone: stateTones[state] };
}

function lacksOf(lacks: EngineRow['lacks']): string {
  return lacks.map((lack) => lackWords[lack]).join(', ');
}

function indented(text: string, tone: Tone, view: View): string {
  return wrap(clean(text), Math.max(10, view.width - 2))
    .map((line) => `  ${paint(line, tone, view)}\n`)
    .join('');
}

/** Address, origin, lacks and trouble of one engine, below its row. */
function below(row: EngineRow, view: View): string {
  const sources = [...new Set(row.sources.map(sourceWords))].join(', ');
  return [
    indented(`${row.address}${sources === '' ? '' : ` (${sources})`}`, 'quiet', view),
    row.lacks.length === 0 ? '' : indented(`lacks: ${lacksOf(row.lacks)}`, 'warn', view),
    row.problem === null ? '' : indented(row.problem.message, 'bad', view),
  ].join('');
}

/** `autogit engine list`: one line of facts for each, and below it where it is and what it lacks. */
export function renderEngines(rows: readonly EngineRow[], view: View): string {
  if (rows.length === 0) return 'No container engine was found. Install Docker or Podman.\n';
  const table = renderTable<EngineRow>(
    [
      { title: 'ENGINE', cell: nameOf },
      { title: 'STATE', cell: stateOf },
      { title: 'CGROUPS', cell: ({ cgroupVersion }) => (cgroupVersion === null ? '-' : `v${cgroupVersion}`) },
      { title: 'STORAGE', cell: ({ storageDriver }) => storageDriver ?? '-' },
    ],
    rows,
    view,
  );
  const [head = '', ...lines] = table.trimEnd().split('\n');
  return [`${head}\n`, ...rows.map((row, index) => `${lines[index] ?? ''}\n${below(row, view)}`)].join('');
}

function facts(engine: EngineDetail): readonly (readonly [string, Cell | string])[] {
  if (engine.kind === null) return [];
  const limits = [
    ...(engine.limits?.memory === true ? ['memory'] : []),
    ...(engine.limits?.cpus === true ? ['processors'] : []),
  ];
  const disk =
    engine.disk === null
      ? 'not known'
      : `${gigabytes(engine.disk.free / 1024 ** 2)} free of ${gigabytes(engine.disk.total / 1024 ** 2)}`;
  return [
    [
      'Machine',
      `${engine.machine}, ${engine.architecture ?? ''}, ${engine.cpus ?? ''} processors, ${gigabytes((engine.memoryBytes ?? 0) / 1024 ** 2)} memory`,
    ],
    ['API', engine.apiVersion ?? '-'],
    ['Runs as', engine.rootless === true ? 'an ordinary user (rootless)' : 'root'],
    ['Cgroups', engine.cgroupVersion === null ? 'not known' : `version ${engine.cgroupVersion}`],
    ['Limits', limits.length === 0 ? 'ignored' : limits.join(' and ')],
    ['Pausing', engine.pause === true ? 'works' : 'does not work'],
    ['Ports', engine.lowestPort === null ? 'not known' : `from ${engine.lowestPort}`],
    ['Storage', `${engine.storageDriver ?? '-'} in ${engine.dataFolder ?? 'a folder that is not known'}`],
    ['Disk', disk],
  ];
}

/** `autogit engine show`. */
export function renderEngine(engine: EngineDetail, view: View): string {
  const sources = [...new Set(engine.sources.map(sourceWords))].join(', ');
  const pairs = renderPairs(
    [
      ['Engine', nameOf(engine)],
      ['State', stateOf(engine)],
      ['Address', engine.address],
      ['Found in', sources === '' ? '-' : sources],
      ...facts(engine),
    ],
    view,
  );
  const problem = engine.problem;
  const trouble =
    problem === null
      ? ''
      : `\n${indented(problem.message, 'bad', view)}${indented(problem.next, 'quiet', view)}`;
  const issues = engine.issues.length === 0 ? '' : `\n${renderIssues(engine.issues, view)}`;
  return `${pairs}${trouble}${issues}`;
}

// The lab in a few figures, each with the way to what it counts.
import type { ReactNode } from 'react';
import { numeral } from '../../language/locale.ts';
import { formatRoute } from '../../state/route.ts';
import type { PageName } from '../../state/route.ts';
import { backupGlance } from '../../state/backup-glance.ts';
import { healthOf, lostHealth } from '../../state/overview.ts';
import { countGroups } from '../../state/jobs.ts';
import { aliveIn } from '../../state/pools.ts';
import { useSamples } from '../../state/use-samples.ts';
import { useLive, useSeenNow, useSnapshot } from '../../state/use-live.ts';
import { sizeWords } from '../../state/words.ts';
import { count, t } from '../../language/strings.ts';
import { Meter } from '../../ui/meter.tsx';
import { SignIcon } from '../../ui/sign-icon.tsx';
import styles from './overview.module.css';

interface TileProps {
  readonly name: string;
  readonly page: PageName | null;
  readonly tone?: string;
  readonly value: ReactNode;
  readonly note: ReactNode;
}

function Tile({ name, page, tone, value, note }: TileProps) {
  return (
    <div className={styles.tile} data-tone={tone}>
      <dt>{page === null ? name : <a href={formatRoute({ page })}>{name}</a>}</dt>
      <dd className={styles.value}>{value}</dd>
      <dd className={styles.note}>{note}</dd>
    </div>
  );
}

function HealthTile() {
  const nodes = useSnapshot((snapshot) => snapshot.nodes) ?? [];
  const gitlab = useSnapshot((snapshot) => snapshot.gitlab);
  const isLost = useLive(({ lostAt }) => lostAt !== null);
  const issues = useSnapshot((snapshot) => snapshot.issues) ?? [];
  if (gitlab === null) return null;
  const { look, words } = isLost ? lostHealth : healthOf({ nodes, gitlab, issues });
  return (
    <Tile
      name={t('Health')}
      page={null}
      tone={look.tone}
      value={
        <>
          <SignIcon sign={look.sign} size={20} /> {look.word}
        </>
      }
      note={words}
    />
  );
}

function JobsTile() {
  const jobs = useSnapshot((snapshot) => snapshot.jobs) ?? [];
  const { running, waiting } = countGroups(jobs);
  return (
    <Tile
      name={t('Jobs')}
      page="jobs"
      value={t('{{running}} running', { running: numeral(running) })}
      note={waiting === 0 ? t('none waits') : t('{{waiting}} waiting', { waiting: numeral(waiting) })}
    />
  );
}

function RunnersTile() {
  const pools = useSnapshot((snapshot) => snapshot.pools) ?? [];
  const alive = pools.reduce((sum, pool) => sum + aliveIn(pool), 0);
  const room = pools.reduce((sum, pool) => sum + pool.max, 0);
  return (
    <Tile
      name={t('Runners')}
      page="runners"
      value={t('{{alive}} alive', { alive: numeral(alive) })}
      note={
        pools.length === 0
          ? t('no pool yet')
          : t('of {{room}} in {{pools}}', {
              room: numeral(room),
              pools: count(pools.length, '{{n}} pool', '{{n}} pools'),
            })
      }
    />
  );
}

/** Only where there are cards, or nobody knows whether. */
function GpusTile() {
  const gpus = useSnapshot((snapshot) => snapshot.gpus) ?? [];
  const unseen = useSnapshot((snapshot) => snapshot.gpusUnseen ?? null);
  if (gpus.length === 0 && unseen === null) return null;
  const inState = (state: string): number => gpus.filter((gpu) => gpu.state === state).length;
  const [free, busy] = [inState('free'), inState('in-use')];
  const others = gpus.length - free - busy;
  return (
    <Tile
      name={t('GPUs')}
      page="hardware"
      value={gpus.length === 0 ? t('unknown') : t('{{busy}} busy', { busy })}
      note={
        gpus.length === 0
          ? t('nobody can look')
          : others === 0
            ? t('{{free}} free', { free })
            : t('{{free}} free, {{others}} not for jobs', { free, others })
      }
    />
  );
}

/** Disks fill slowly. Seconds between two looks. */
const diskSeconds = 30;

function DiskTile() {
  const { sample } = useSamples(diskSeconds);
  const { diskUsedBytes = null, diskTotalBytes = null } = sample?.host ?? {};
  if (diskUsedBytes === null || diskTotalBytes === null)
    return (
      <Tile
        name={t('Disk')}
        page="hardware"
        value="unknown"
        note={sample === null ? t('looking') : t('it cannot be read')}
      />
    );
  const words = t('{{used}} of {{total}} used', {
    used: sizeWords(diskUsedBytes),
    total: sizeWords(diskTotalBytes),
  });
  return (
    <Tile
      name={t('Disk')}
      page="hardware"
      value={t('{{size}} left', { size: sizeWords(diskTotalBytes - diskUsedBytes) })}
      note={
        <>
          <Meter label={t('Disk')} words={words} share={diskUsedBytes / diskTotalBytes} />
          {t('of {{size}}', { size: sizeWords(diskTotalBytes) })}
        </>
      }
    />
  );
}

/** When there was one, when there is one, and whether one was ever shown to restore. */
function BackupsTile() {
  const now = useSeenNow();
  const backups = useSnapshot((snapshot) => snapshot.backups ?? null);
  const nextAt = useSnapshot(({ nextBackupAt }) => nextBackupAt ?? null);
  const { value, note, tone } = backupGlance(backups, nextAt, now);
  return (
    <Tile name={t('Backups')} page="backups" {...(tone === null ? {} : { tone })} value={value} note={note} />
  );
}

export function Tiles() {
  return (
    <dl className={styles.tiles} aria-label={t('The lab at a glance')}>
      <HealthTile />
      <JobsTile />
      <RunnersTile />
      <GpusTile />
      <DiskTile />
      <BackupsTile />
    </dl>
  );
}

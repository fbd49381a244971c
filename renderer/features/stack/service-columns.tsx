// The columns of the list of services.
import { isRestless, serviceLook } from '../../state/stack.ts';
import type { StackService, StackStatus } from '../../state/stack.ts';
import { ago } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { RowLink } from '../../ui/row-link.tsx';
import { imageName, imageVersion } from '../../ui/stack/sizes.ts';
import type { Column } from '../../ui/table.tsx';
import styles from './stack.module.css';
import { count, t } from '../../language/strings.ts';

export interface ServiceRow {
  readonly id: string;
  readonly service: StackService;
  readonly isDown: boolean;
}

export function serviceRows({ services, state }: StackStatus): readonly ServiceRow[] {
  return services.map((service) => ({ id: service.service, service, isDown: state === 'down' }));
}

function Version({ service: { image } }: ServiceRow) {
  if (image === null) return <span className={styles.quiet}>{t('none')}</span>;
  return <span title={image}>{imageVersion(image) ?? imageName(image)}</span>;
}

function Restarts({ service }: ServiceRow) {
  const { restarts } = service;
  if (restarts === null) return <span className={styles.quiet}>{t('not told')}</span>;
  return <span className={isRestless(service) ? styles.alarming : styles.quiet}>{restarts}</span>;
}

const state: Column<ServiceRow> = {
  title: t('State'),
  track: '144px',
  cell: ({ service, isDown }) => <Badge look={serviceLook(service, isDown)} />,
};

const since: Column<ServiceRow> = {
  title: t('Since'),
  track: '96px',
  align: 'end',
  cell: ({ service }, now) => (
    <span className={styles.quiet}>{service.since === null ? t('not told') : ago(service.since, now)}</span>
  ),
};

export const serviceColumns: readonly Column<ServiceRow>[] = [
  state,
  {
    title: t('Service'),
    track: 'minmax(96px, 2fr)',
    cell: ({ id }) => (
      <RowLink page="stack" id={id}>
        {id}
      </RowLink>
    ),
  },
  { title: t('Version'), track: 'minmax(96px, 2fr)', cell: (row) => <Version {...row} /> },
  {
    title: t('Image'),
    track: 'minmax(120px, 3fr)',
    cell: ({ service: { image } }) => (
      <span className={styles.quiet}>{image === null ? '' : imageName(image).replace(/:[^/:]+$/, '')}</span>
    ),
  },
  { title: t('Restarts'), track: '72px', align: 'end', cell: (row) => <Restarts {...row} /> },
  since,
];

export const narrowServiceColumns: readonly Column<ServiceRow>[] = [
  state,
  {
    title: t('Service'),
    track: 'minmax(0, 1fr)',
    cell: (row) => (
      <>
        <div className={styles.line}>
          <RowLink page="stack" id={row.id}>
            {row.id}
          </RowLink>
        </div>
        <span className={styles.quiet}>
          <Version {...row} />
          {isRestless(row.service) &&
            `, ${count(row.service.restarts ?? 0, '{{n}} restart', '{{n}} restarts')}`}
        </span>
      </>
    ),
  },
  since,
];

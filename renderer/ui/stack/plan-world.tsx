// What a plan changes around the stack: images that are pulled, names, ports, networks, folders, secrets.
import type { ReactNode } from 'react';
import type { StackPlan } from '../../state/stack-plan.ts';
import { count, t } from '../../language/strings.ts';
import { Fold } from './fold.tsx';
import styles from './plan.module.css';
import { imageName, imageSize } from './sizes.ts';

interface RowsProps {
  readonly title: string;
  readonly about: string;
  readonly rows: readonly { readonly key: string; readonly name: string; readonly words: ReactNode }[];
}

/** Nothing where there are no rows. */
function Rows({ title, about, rows }: RowsProps) {
  if (rows.length === 0) return null;
  return (
    <Fold title={title} heading="h3" about={about}>
      <dl className={styles.rows}>
        {rows.map(({ key, name, words }) => (
          <div key={key}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </Fold>
  );
}

export function Pulls({ pulls }: Pick<StackPlan, 'pulls'>) {
  const total = pulls.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <Rows
      title={t('Images to pull')}
      about={t('{{images}}, about {{size}}', {
        images: count(pulls.length, '{{n}} image', '{{n}} images'),
        size: imageSize(total),
      })}
      rows={pulls.map(({ reference, bytes }) => ({
        ...{
          key: reference,
          name: imageName(reference),
          words: t('about {{size}}', { size: imageSize(bytes) }),
        },
      }))}
    />
  );
}

export function PlanWorld({ plan }: { readonly plan: StackPlan }) {
  const { names, ports, networks, newFolders, newSecrets } = plan;
  return (
    <>
      <Rows
        title={t('Names')}
        about={names.map(({ name }) => name).join(', ')}
        rows={names.map(({ name, what, addresses }) => ({
          ...{ key: name, name },
          words: [
            `${what}.`,
            addresses.length === 0
              ? t('It leads to no address yet.')
              : t('It leads to {{addresses}}.', { addresses: addresses.join(', ') }),
          ].join(' '),
        }))}
      />
      <Rows
        title={t('Ports of this machine')}
        about={[...new Set(ports.map(({ port }) => port))].join(', ')}
        rows={ports.map(({ address, port, protocol, what, service }) => ({
          ...{ key: `${address} ${port} ${protocol}`, name: `${address}:${port}/${protocol}` },
          words: t('{{what}}, by {{service}}', { what, service }),
        }))}
      />
      <Rows
        title={t('Networks')}
        about={count(networks.length, '{{n}} network', '{{n}} networks')}
        rows={networks.map(({ name, subnet, what }) => ({ key: name, name, words: `${subnet}. ${what}` }))}
      />
      <Rows
        title={t('New folders')}
        about={count(newFolders.length, '{{n}} folder', '{{n}} folders')}
        rows={newFolders.map(({ path, holds }) => ({ key: path, name: path, words: holds }))}
      />
      <Rows
        title={t('New secrets')}
        about={count(
          newSecrets.length,
          '{{n}} secret, made here and shown to nobody',
          '{{n}} secrets, made here and shown to nobody',
        )}
        rows={newSecrets.map(({ name, label }) => ({ key: name, name, words: label }))}
      />
    </>
  );
}

// What a plan changes around the stack: images that are pulled, names, ports, networks, folders, secrets.
import type { ReactNode } from 'react';
import type { StackPlan } from '../../state/stack-plan.ts';
import { count } from '../../state/words.ts';
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
      title="Images to pull"
      about={`${count(pulls.length, 'image')}, about ${imageSize(total)}`}
      rows={pulls.map(({ reference, bytes }) => ({
        ...{ key: reference, name: imageName(reference), words: `about ${imageSize(bytes)}` },
      }))}
    />
  );
}

export function PlanWorld({ plan }: { readonly plan: StackPlan }) {
  const { names, ports, networks, newFolders, newSecrets } = plan;
  return (
    <>
      <Rows
        title="Names"
        about={names.map(({ name }) => name).join(', ')}
        rows={names.map(({ name, what, addresses }) => ({
          ...{ key: name, name },
          words: `${what}. It leads to ${addresses.length === 0 ? 'no address yet' : addresses.join(', ')}.`,
        }))}
      />
      <Rows
        title="Ports of this machine"
        about={[...new Set(ports.map(({ port }) => port))].join(', ')}
        rows={ports.map(({ address, port, protocol, what, service }) => ({
          ...{ key: `${address} ${port} ${protocol}`, name: `${address}:${port}/${protocol}` },
          words: `${what}, by ${service}`,
        }))}
      />
      <Rows
        title="Networks"
        about={count(networks.length, 'network')}
        rows={networks.map(({ name, subnet, what }) => ({ key: name, name, words: `${subnet}. ${what}` }))}
      />
      <Rows
        title="New folders"
        about={count(newFolders.length, 'folder')}
        rows={newFolders.map(({ path, holds }) => ({ key: path, name: path, words: holds }))}
      />
      <Rows
        title="New secrets"
        about={`${count(newSecrets.length, 'secret')}, made here and shown to nobody`}
        rows={newSecrets.map(({ name, label }) => ({ key: name, name, words: label }))}
      />
    </>
  );
}

// One container engine: what it is, where it was found, what it cannot do and how to mend that.
import { useMemo } from 'react';
import type { EngineRow } from '../../../main/contract/engines.ts';
import type { CoreClient } from '../../client.ts';
import { engineDeed } from '../../state/deeds.ts';
import { engineRowLooks } from '../../state/tones.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useLab } from '../../state/use-live.ts';
import { engineName, gigabytes, listed } from '../../state/words.ts';
import { count, t } from '../../language/strings.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { IssueList } from '../../ui/issue-list.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Facts } from '../../ui/page.tsx';
import styles from './engines.module.css';

const lackWords: Readonly<Record<EngineRow['lacks'][number], string>> = {
  'memory-limits': t('hold jobs to their memory limit'),
  'cpu-limits': t('hold jobs to their CPU limit'),
  'low-ports': t('publish ports like 80 and 443'),
  pause: t('pause containers'),
  'fast-storage': t('start containers fast'),
};

/** Where an address was found. */
function sourceWords({ kind, name }: EngineRow['sources'][number]): string {
  switch (kind) {
    case 'setting':
      return t('the settings');
    case 'DOCKER_HOST':
      return 'DOCKER_HOST';
    case 'context':
      return t("Docker's current context {{name}}", { name: name ?? '' });
    case 'other-context':
      return t("Docker's context {{name}}", { name: name ?? '' });
    case 'podman-connection':
      return t("Podman's connection {{name}}", { name: name ?? '' });
    case 'rootless-docker':
    case 'rootless-podman':
    case 'docker-desktop':
    case 'docker':
    case 'podman':
      return t('its usual place');
  }
}

function machineOf({ machine, architecture, cpus, memoryBytes }: EngineRow): string {
  const parts = [
    ...(architecture === null ? [] : [architecture]),
    ...(cpus === null ? [] : [count(cpus, '{{n}} CPU', '{{n}} CPUs')]),
    ...(memoryBytes === null ? [] : [t('{{size}} of memory', { size: gigabytes(memoryBytes / 1_048_576) })]),
  ];
  return [machine, ...parts].join(', ');
}

function rightsOf({ rootless }: EngineRow): string {
  if (rootless === null) return t('unknown');
  return rootless ? t('an ordinary user (rootless)') : 'root';
}

function factsOf(engine: EngineRow): Parameters<typeof Facts>[0]['rows'] {
  const address = <Copyable key="address" text={engine.address} what={t('the address')} />;
  const where = [
    [t('Address'), address],
    [t('Found in'), listed([...new Set(engine.sources.map(sourceWords))])],
  ] as const;
  if (engine.kind === null) return where;
  return [
    ...where,
    [t('Machine'), machineOf(engine)],
    [t('Runs as'), rightsOf(engine)],
    [
      'Cgroups',
      engine.cgroupVersion === null
        ? t('unknown')
        : t('version {{version}}', { version: engine.cgroupVersion }),
    ],
    [t('Storage'), engine.storageDriver ?? t('unknown')],
    [
      t('Cannot'),
      engine.lacks.length === 0
        ? t('nothing that is known')
        : listed(engine.lacks.map((lack) => lackWords[lack])),
    ],
  ];
}

/** How to mend what an engine cannot do: it is asked for that only where there is something. */
function Lacks({ engine }: { readonly engine: EngineRow }) {
  const { address } = engine;
  const hasLacks = engine.lacks.length > 0;
  const ask = useMemo(
    () => (hasLacks ? (client: CoreClient) => client.call('engine.show', { address }) : null),
    [address, hasLacks],
  );
  const { value, error } = useAnswer(ask);
  if (error !== null) return <ErrorNote problem={error} />;
  return value === null || value.issues.length === 0 ? null : <IssueList issues={value.issues} />;
}

export function EngineCard({ engine }: { readonly engine: EngineRow }) {
  const { deeds } = useLab();
  const name = engineName(engine);
  return (
    <li className={styles.engine} aria-label={name}>
      <div className={styles.head}>
        <h2>{name}</h2>
        {engine.inUse && <Badge look={{ tone: 'running', sign: 'play', word: t('In use') }} />}
        <Badge look={engineRowLooks[engine.state]} />
        {!engine.inUse && engine.state === 'ready' && (
          <div className={styles.use}>
            <Button onClick={() => deeds.ask(engineDeed(engine.address, name))}>
              {t('Use this engine')}
            </Button>
          </div>
        )}
      </div>
      {engine.problem !== null && <ErrorNote problem={engine.problem} />}
      <Facts rows={factsOf(engine)} />
      <Lacks engine={engine} />
    </li>
  );
}

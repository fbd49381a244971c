// What the lab stands on: engine, GitLab, mode, home.
import { ExternalLink } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Snapshot } from '../../../main/contract/snapshot.ts';
import { formatRoute } from '../../state/route.ts';
import { engineLooks, gitlabLooks } from '../../state/tones.ts';
import type { StateLook } from '../../state/tones.ts';
import { useSeenNow, useSnapshot } from '../../state/use-live.ts';
import { engineWords } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Time } from '../../ui/time.tsx';
import styles from './overview.module.css';
import { t } from '../../language/strings.ts';

const modes: Readonly<Record<Snapshot['mode'], StateLook>> = {
  serve: { tone: 'success', sign: 'check', word: t('Serving the queue') },
  drain: { tone: 'waiting', sign: 'leaving', word: t('Draining: no new runners') },
  teardown: { tone: 'waiting', sign: 'leaving', word: t('Tearing down: everything leaves') },
};

interface FactProps {
  readonly name: string;
  readonly children: ReactNode;
}

function Fact({ name, children }: FactProps) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Engine({ node }: { readonly node: Snapshot['nodes'][number] }) {
  const { engine, name } = node;
  return (
    <Fact name={t('Engine on {{name}}', { name })}>
      <a href={formatRoute({ page: 'engines' })}>{engineWords(engine)}</a>
      <Badge look={engineLooks[engine.state]} quiet />
    </Fact>
  );
}

function Gitlab({ gitlab }: { readonly gitlab: Snapshot['gitlab'] }) {
  const now = useSeenNow();
  return (
    <Fact name={gitlab.kind === 'sandbox' ? t('GitLab: the sandbox') : 'GitLab'}>
      {gitlab.url !== null && (
        <a href={gitlab.url} target="_blank" rel="noreferrer">
          {gitlab.url} <ExternalLink size={12} aria-label={t('(opens in the browser)')} />
        </a>
      )}
      <Badge look={gitlabLooks[gitlab.state]} quiet />
      {gitlab.readAt !== null && (
        <span className={styles.quiet}>
          {t('queue read')} <Time at={gitlab.readAt} now={now} />
        </span>
      )}
      {gitlab.problem !== null && (
        <span className={styles.problem}>
          {gitlab.problem.message} {gitlab.problem.next}
        </span>
      )}
    </Fact>
  );
}

type StackView = NonNullable<Snapshot['stack']>;

const stackLooks: Readonly<Record<StackView['state'], StateLook>> = {
  none: { tone: 'idle', sign: 'later', word: t('None') },
  up: { tone: 'success', sign: 'check', word: t('Up') },
  starting: { tone: 'waiting', sign: 'starting', word: t('Starting') },
  down: { tone: 'idle', sign: 'idle', word: t('Down') },
  degraded: { tone: 'failed', sign: 'warning', word: t('Not whole') },
  busy: { tone: 'running', sign: 'play', word: t('Being changed') },
  unknown: { tone: 'unknown', sign: 'question', word: t('Unknown') },
};

function Stack({ stack }: { readonly stack: StackView }) {
  return (
    <Fact name={t('Stack')}>
      <a href={formatRoute({ page: 'stack' })}>{stack.project}</a>
      <Badge look={stackLooks[stack.state]} quiet />
      <span className={stack.state === 'degraded' ? styles.problem : styles.quiet}>{stack.sentence}</span>
    </Fact>
  );
}

export function LabFacts() {
  const nodes = useSnapshot((snapshot) => snapshot.nodes);
  const gitlab = useSnapshot((snapshot) => snapshot.gitlab);
  const mode = useSnapshot((snapshot) => snapshot.mode);
  const home = useSnapshot((snapshot) => snapshot.home);
  const stack = useSnapshot((snapshot) => snapshot.stack ?? null);
  if (nodes === null || gitlab === null || mode === null || home === null) return null;
  return (
    <dl className={styles.facts} aria-label={t('The lab')}>
      {nodes.map((node) => (
        <Engine key={node.id} node={node} />
      ))}
      <Gitlab gitlab={gitlab} />
      {stack !== null && stack.state !== 'none' && <Stack stack={stack} />}
      <Fact name={t('Mode')}>
        <Badge look={modes[mode]} quiet />
      </Fact>
      <Fact name={t('Home')}>
        <Copyable text={home} what={t('the path of the home')} />
      </Fact>
    </dl>
  );
}

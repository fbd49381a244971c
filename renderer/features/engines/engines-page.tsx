// The container engines: the one in use, the others that were found, and what each cannot do.
import { RefreshCw, Server } from 'lucide-react';
import { useMemo } from 'react';
import type { EngineRow } from '../../../main/contract/engines.ts';
import type { CoreClient } from '../../client.ts';
import { enginesSentence } from '../../state/sentences.ts';
import { useAnswer } from '../../state/use-answer.ts';
import type { Asked } from '../../state/use-answer.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Command } from '../../ui/copyable.tsx';
import { EmptyState, ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Page } from '../../ui/page.tsx';
import { EngineCard } from './engine-card.tsx';
import { t } from '../../language/strings.ts';

function List({ engines }: { readonly engines: Asked<readonly EngineRow[]> }) {
  const { value, error } = engines;
  if (value === null)
    return error === null ? <Skeleton what={t('engines')} rows={6} /> : <ErrorNote problem={error} />;
  if (value.length === 0) {
    return (
      <EmptyState icon={Server} title={t('No container engine')} command="autogit engine list">
        {t(
          'AutoGit runs jobs in containers of Docker or Podman, with or without root. Install one of them and look again.',
        )}
      </EmptyState>
    );
  }
  return (
    <>
      {error !== null && <ErrorNote problem={error} />}
      <Card>
        {value.map((engine) => (
          <EngineCard key={engine.address} engine={engine} />
        ))}
      </Card>
      <Command line="autogit engine list" />
    </>
  );
}

export function EnginesPage() {
  const nodes = useSnapshot((snapshot) => snapshot.nodes);
  // Asked again when the engine in use has changed: then something has come, gone, or been chosen.
  const inUse = nodes?.map(({ id, engine }) => `${id} ${engine.state}`).join() ?? null;
  const ask = useMemo(
    () => (inUse === null ? null : (client: CoreClient) => client.call('engine.list', {})),
    [inUse],
  );
  const engines = useAnswer(ask);
  return (
    <Page
      name={t('Engines')}
      sentence={nodes === null ? null : enginesSentence(nodes)}
      actions={
        <Button
          icon={RefreshCw}
          blockedBy={engines.isAsking ? t('Asking every engine already') : null}
          onClick={engines.again}
        >
          {engines.isAsking ? t('Looking…') : t('Look again')}
        </Button>
      }
    >
      <List engines={engines} />
    </Page>
  );
}

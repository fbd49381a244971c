// What one service prints, as it comes.
import { useCallback, useState } from 'react';
import type { CoreClient } from '../../client.ts';
import { formatRoute } from '../../state/route.ts';
import { useFollowedLog } from '../../state/use-log.ts';
import { LogReader } from '../../ui/log-view.tsx';
import { t } from '../../language/strings.ts';

/** Lines from before, from the end. */
const before = 1_000;

export function ServiceLog({ service }: { readonly service: string }) {
  const [attempt, setAttempt] = useState(0);
  const [lines, setLines] = useState<string | undefined>();
  const read = useCallback(
    (client: CoreClient, stop: AbortSignal) =>
      client.stream('stack.logs', { service, lines: before, follow: true }, stop),
    [service],
  );
  const followed = useFollowedLog(read, attempt);
  // Its lines are counted from where it was begun to be read, so they are no address for anybody else.
  const hrefOf = useCallback(() => formatRoute({ page: 'stack', id: service }), [service]);
  return (
    <LogReader
      {...{ followed, lines, hrefOf }}
      label={t('Log of {{service}}', { service })}
      name={`stack-${service}`}
      onLines={setLines}
      onAgain={() => setAttempt(attempt + 1)}
    />
  );
}

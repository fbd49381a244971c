// Jobs that ran and waited over the last hours, as far as somebody looked.
import { numeral } from '../../language/locale.ts';
import { queueRangeNames, queueRangeOf, queueRanges } from '../../state/overview.ts';
import { useQueueTrack } from '../../state/use-queue.ts';
import { replaceRoute, useRoute } from '../../state/use-route.ts';
import { Chart } from '../../ui/chart.tsx';
import type { ChartScale } from '../../ui/chart.tsx';
import { Choice } from '../../ui/choice.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Section } from '../../ui/page.tsx';
import styles from './overview.module.css';
import { t } from '../../language/strings.ts';

/** There is no half of a job. */
const scale: ChartScale = {
  words: (value) => (Number.isInteger(value) ? numeral(value) : ''),
  top: null,
  least: 4,
};

function words(value: number): string {
  return numeral(Math.round(value));
}

export function QueueChart() {
  const query = useRoute()?.query ?? {};
  const range = queueRangeOf(query);
  const { data, error } = useQueueTrack(range);
  const choice = (
    <Choice
      label={t('Time that is shown')}
      options={queueRangeNames.map((value) => ({ value, words: queueRanges[value].words }))}
      value={range}
      onChoose={(chosen) =>
        replaceRoute({ page: 'overview', query: { ...query, range: chosen === 'hours' ? '' : chosen } })
      }
    />
  );
  return (
    <Section title={t('The queue over time')} side={choice}>
      {error !== null && <ErrorNote problem={error} />}
      {data === null ? (
        error === null && (
          <div className={styles.chartAhead} role="status">
            {t('Reading how the queue went')}
          </div>
        )
      ) : (
        <Chart
          title={t('Jobs')}
          {...{ data, scale, words }}
          nothing={t('Nobody has looked at the queue in this time.')}
        />
      )}
    </Section>
  );
}

// A small line beside a number: where it came from. The number says what it is, so it is silent to a screen reader.
import { memo } from 'react';
import { linePath } from '../state/track.ts';
import styles from './sparkline.module.css';

interface SparklineProps {
  /** In equal steps; `null` is a gap. */
  readonly values: readonly (number | null)[];
  /** The top of the box. */
  readonly most: number;
}

const box = [120, 24] as const;

export const Sparkline = memo(function Sparkline({ values, most }: SparklineProps) {
  const [width, height] = box;
  return (
    <svg
      className={styles.line}
      viewBox={`0 -1 ${width} ${height + 2}`}
      preserveAspectRatio="none"
      aria-hidden
      focusable="false"
    >
      <path d={`M0 ${height}H${width}`} className={styles.ground} vectorEffect="non-scaling-stroke" />
      <path d={linePath(values, box, most)} vectorEffect="non-scaling-stroke" />
    </svg>
  );
});

// A QR code of rows that the core has made: dark on light in every theme, as cameras want it.
import styles from './qr-code.module.css';

interface QrCodeProps {
  /** '1' for dark. */
  readonly rows: readonly string[];
  /** What it leads to, for those who do not see it. */
  readonly label: string;
}

/** Modules of light around the code, without which it is not found. ISO/IEC 18004, 5.3.8. */
const quiet = 4;

export function QrCode({ rows, label }: QrCodeProps) {
  const size = rows.length + 2 * quiet;
  const dark = rows.flatMap((row, y) =>
    Array.from(row, (module, x) => (module === '1' ? `M${x + quiet} ${y + quiet}h1v1h-1z` : '')),
  );
  return (
    <svg
      className={styles.code}
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect className={styles.light} width={size} height={size} />
      <path className={styles.dark} d={dark.join('')} />
    </svg>
  );
}

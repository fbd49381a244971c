// What is typed, once nobody has typed for a moment.
import { useEffect, useState } from 'react';

/** After the last letter. Milliseconds. */
const pauseMs = 250;

/** The value of a moment ago, until it stays as it is; it has to be the same between drawings. */
export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pauseMs);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

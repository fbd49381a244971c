// Leads to the first answer that has to be mended: when somebody wants to go on, not with every letter.
import { useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';
import { focusWrong } from './answers-form.tsx';

/** Of a form with so many wrong answers. What is returned is called when somebody wants to go on and cannot. */
export function useLeadToWrong(element: RefObject<HTMLElement | null>, wrong: number): () => void {
  const [asked, setAsked] = useState(0);
  const led = useRef(0);
  useEffect(() => {
    // What is wrong is there to be led to once the form has drawn it, which may be later than the asking.
    if (led.current === asked || wrong === 0 || !focusWrong(element.current)) return;
    led.current = asked;
  });
  return () => setAsked((times) => times + 1);
}

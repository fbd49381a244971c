// The drawn form of a state's sign.
import {
  Ban,
  CircleCheck,
  CircleCheckBig,
  CircleDashed,
  CircleDotDashed,
  CircleMinus,
  CirclePlay,
  CircleQuestionMark,
  CircleSlash2,
  CircleStop,
  CircleX,
  Clock,
  LogOut,
  Layers2,
  TriangleAlert,
  Unplug,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { Sign } from '../state/tones.ts';

const icons: Readonly<Record<Sign, LucideIcon>> = {
  play: CirclePlay,
  clock: Clock,
  check: CircleCheck,
  cross: CircleX,
  stop: CircleStop,
  ban: Ban,
  skip: CircleSlash2,
  later: CircleDashed,
  question: CircleQuestionMark,
  starting: CircleDotDashed,
  idle: CircleMinus,
  leaving: LogOut,
  done: CircleCheckBig,
  lost: Unplug,
  warning: TriangleAlert,
  emulated: Layers2,
};

/** Always stands beside its word, so it says nothing to a screen reader. */
export function SignIcon({ sign, size = 14 }: { readonly sign: Sign; readonly size?: number }) {
  const Icon = icons[sign];
  return <Icon size={size} strokeWidth={2.25} aria-hidden />;
}

/** One line of progress for the runs that were started together. */
import { progress, type Progress } from './progress';

interface Member {
  done: number;
  ended: boolean;
}
interface Group {
  members: Member[];
  total: number;
  bar?: Progress;
}

let forming: Group | undefined;

/**
 * Joins the runs that start now: all that join before the first of them has moved share a line. `label` is asked then.
 * `at(done)` moves this run on; `end()` takes it out, and the line ends with the last.
 */
export function together(total: number, label: (runs: number) => string): Progress {
  const group = (forming ??= { members: [], total: 0 });
  const member: Member = { done: 0, ended: false };
  group.members.push(member);
  group.total += total;
  const open = () => {
    if (forming === group) forming = undefined;
    group.bar ??= progress(group.total, label(group.members.length));
    group.bar.at(group.members.reduce((sum, { done }) => sum + done, 0));
  };
  return {
    at(done) {
      member.done = done;
      open();
    },
    end() {
      member.ended = true;
      open();
      if (group.members.every(({ ended }) => ended)) group.bar!.end();
    },
  };
}

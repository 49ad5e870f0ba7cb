/** One line of progress for the runs that were started together. */
import { processState } from '../base/process-state';
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

/** The group that runs may still join. */
const state = () => processState<{ forming?: Group }>('forming-progress', () => ({}));

/**
 * Joins the runs that start now: all that join before the first of them has moved share a line. `label` is called then.
 * `at(done)` moves this run on. `end()` takes it out, and the line ends with the last run.
 */
export function together(total: number, label: (runs: number) => string): Progress {
  const group = (state().forming ??= { members: [], total: 0 });
  const member: Member = { done: 0, ended: false };
  group.members.push(member);
  group.total += total;
  const open = () => {
    if (state().forming === group) state().forming = undefined;
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

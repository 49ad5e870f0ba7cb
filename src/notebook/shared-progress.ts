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

/**
 * Joins the runs that start now: all that join before the first of them has moved share a line, which `label` then
 * names. `at(done)` moves this run on; `end()` takes it out, and the line ends with the last.
 */
export function sharedProgress(total: number, label: (runs: number) => string): Progress {
  const open = processState<{ group?: Group }>('shared-progress', () => ({}));
  const group = (open.group ??= { members: [], total: 0 });
  const member: Member = { done: 0, ended: false };
  group.members.push(member);
  group.total += total;
  const move = () => {
    if (open.group === group) open.group = undefined;
    group.bar ??= progress(group.total, label(group.members.length));
    group.bar.at(group.members.reduce((sum, { done }) => sum + done, 0));
  };
  return {
    at(done) {
      member.done = done;
      move();
    },
    end() {
      member.ended = true;
      move();
      if (group.members.every(({ ended }) => ended)) group.bar!.end();
    },
  };
}

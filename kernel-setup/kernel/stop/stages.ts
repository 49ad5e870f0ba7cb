/** The stages of a stop, as the socket thread tells of them while the main thread's event loop turns. */
import { lastRound, roundMs } from '../protocol/shared';
import { isCleaning, stopCells } from './context';
import { advance, stage } from './eras';
import { endWaits } from './waits';

/** Ends what is under way and heeds no signal; what heeds it may still give a result for a round. */
function ask(): void {
  const era = stopCells(stage.asked);
  endWaits();
  setTimeout(() => {
    advance(era, stage.cleaning);
    endWaits();
  }, roundMs).unref();
}

/** The stop button was pressed `rounds` half seconds ago, and the cell runs still; `abandon` ends the wait for it. */
export function stopFurther(rounds: number, abandon: () => void): void {
  if (rounds === 0) {
    ask();
    return;
  }
  stopCells(rounds < lastRound ? stage.cleaning : stage.over);
  endWaits();
  // By then what these awaits have ended has begun to clean up.
  setImmediate(() => (rounds >= lastRound || !isCleaning()) && abandon());
}

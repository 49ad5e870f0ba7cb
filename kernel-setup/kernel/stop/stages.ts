/** The stages of a stop, as the socket thread tells of them while the main thread's event loop turns. */
import { isCleaning, stopCells } from './context';
import { advance, stage } from './eras';
import { endWaits } from './waits';

/** How long what heeds the stop button may still give a result. */
const graceMs = 500;

/** Clean-up that still goes on after that many half seconds is ended. */
const lastRound = 3;

/** Ends what is under way and heeds no signal. */
function ask(): void {
  const era = stopCells(stage.asked);
  endWaits();
  setTimeout(() => {
    advance(era, stage.cleaning);
    endWaits();
  }, graceMs).unref();
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

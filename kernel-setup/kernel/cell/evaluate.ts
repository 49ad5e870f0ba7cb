/**
 * Evaluates code as V8's own console does: every name has one place, whichever cell declares it, sets it or closes over
 * it; what was declared may be declared anew; `await` may stand outside functions.
 */
import { Session, type Runtime } from 'node:inspector';

export type Evaluated =
  | { status: 'ok'; value: unknown }
  | { status: 'thrown'; thrown: unknown }
  /** The code was ended from outside. */
  | { status: 'ended' };

const group = 'widenet';

/** Not JSON's numbers, and big integers, as the inspector writes them. */
function primitive({ value, unserializableValue: text }: Runtime.RemoteObject): unknown {
  if (text === undefined) return value;
  return text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text);
}

// The inspector hands objects over only as arguments of a function.
const receiver = '__widenet_receive__';
let fetched: unknown;
const receive = (value: unknown): void => {
  fetched = value;
};

/** The value that the inspector names. */
function receiveValue(session: Session, object: Runtime.RemoteObject): unknown {
  if (object.objectId === undefined) return primitive(object);
  Object.defineProperty(globalThis, receiver, { value: receive, configurable: true });
  try {
    session.post('Runtime.callFunctionOn', {
      functionDeclaration: `function (value) { globalThis.${receiver}(value) }`,
      objectId: object.objectId,
      arguments: [{ objectId: object.objectId }],
      silent: true,
    });
    return fetched;
  } finally {
    fetched = undefined;
    Reflect.deleteProperty(globalThis, receiver);
  }
}

export function createEvaluate() {
  let session = new Session();
  session.connect();
  let evaluations = 0;

  /**
   * Waits no longer for code that never comes to its end: it gives `ended`. A session that still waited when the
   * garbage collector found that out would abort the process.
   */
  function giveUp(): void {
    session.disconnect();
    session = new Session();
    session.connect();
  }

  return {
    evaluate(code: string): Promise<Evaluated> {
      const own = session;
      evaluations++;
      return new Promise(resolve => {
        const parameters = { expression: code, replMode: true, awaitPromise: true, silent: true, objectGroup: group };
        own.post('Runtime.evaluate', parameters, (error: Error | null, answer: Runtime.EvaluateReturnType) => {
          if (error) return resolve({ status: 'ended' });
          const { result, exceptionDetails } = answer;
          const outcome: Evaluated = exceptionDetails
            ? { status: 'thrown', thrown: receiveValue(own, exceptionDetails.exception!) }
            : { status: 'ok', value: receiveValue(own, result) };
          own.post('Runtime.releaseObjectGroup', { objectGroup: group });
          resolve(outcome);
        });
      });
    },
    giveUp,
    /** The same for the code that is evaluated now, to be called later. */
    givingUp(): () => void {
      const number = evaluations;
      return () => number === evaluations && giveUp();
    },
  };
}

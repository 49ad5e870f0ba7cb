/**
 * The thread that owns the sockets. It keeps answering while a cell computes: output leaves at once, the heart beats,
 * and interrupt and shutdown are obeyed.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Reply, Router, XPublisher } from 'zeromq';
import { createAtOnce } from './at-once';
import { createCaught } from './caught';
import { original } from '../stdio/descriptors';
import { interrupt } from './interrupt';
import { log, logEnd, logTo } from '../log';
import { createOutbox } from './outbox';
import { judge, refusal, replyType, type Channel } from '../protocol/requests';
import {
  answer,
  at,
  phase,
  setBusy,
  type Outgoing,
  type SocketThreadData,
  type ToMain,
  type ToSockets,
} from '../protocol/shared';
import { createDecoder, encode, type Header, type Request } from '../protocol/wire';

const { connection, shared: buffer, input, kernelInfo } = workerData as SocketThreadData;
logTo(original('stderr'));
const shared = new Int32Array(buffer);
const toMain = (message: ToMain) => parentPort!.postMessage(message);

const { curve_publickey: curvePublicKey, curve_secretkey: curveSecretKey } = connection;
const encryption = curveSecretKey ? { curveServer: true, curvePublicKey, curveSecretKey } : {};
const unlimited = { sendHighWaterMark: 0, linger: 1000, ...encryption };
// A client that connects anew goes by the name that it had, and its old connection may not have ended yet.
const router = () => new Router({ ...unlimited, handover: true });
const sockets = { shell: router(), iopub: new XPublisher({ ...unlimited, receiveTimeout: 0 }), stdin: router() };
const control = router();
const heartbeat = new Reply({ linger: 0, ...encryption });
sockets.iopub.verbosity = 'allSubs';
let ending = false;

const outbox = createOutbox(async ({ socket, identities, type, parent, content }) => {
  if (ending) return;
  if (socket === 'iopub') await welcome();
  if (type !== subscriptions)
    await sockets[socket].send(
      encode(connection, identities ?? [Buffer.from(type)], type, parent, content) as Uint8Array[],
    );
});

/** The type of a message that is not sent: it only makes the outbox look for subscriptions. */
const subscriptions = 'subscriptions';
const lookForSubscriptions = () => outbox.post({ socket: 'iopub', type: subscriptions, content: '' });
const lookEveryMs = 50;

/**
 * A frontend that has subscribed is told so: from then on it misses nothing (JEP 65). It also hears how things are.
 * This comes before each message, for a frontend that has subscribed gets every message, and this is to be its first.
 */
async function welcome(): Promise<void> {
  for (let frames = await subscribed(); frames; frames = await subscribed()) {
    const [subscription] = frames;
    if (subscription[0] !== 1) continue;
    const topic = subscription.subarray(1);
    const content = JSON.stringify({ subscription: topic.toString() });
    await sockets.iopub.send(encode(connection, [topic], 'iopub_welcome', undefined, content) as Uint8Array[]);
    publishState();
  }
}

/** The next subscription, or its end, that has come; undefined when there is none. */
async function subscribed(): Promise<Buffer[] | undefined> {
  try {
    return await sockets.iopub.receive();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

const publish = (type: string, parent: Header | undefined, content: object) =>
  outbox.post({ socket: 'iopub', type, parent, content: JSON.stringify(content) });

const decode = createDecoder(connection);

/** The request that a message is; undefined for one that cannot be answered, which is reported on stderr. */
function requestOf(channel: Channel, frames: readonly Buffer[]): Request | undefined {
  try {
    return judge(channel, decode(frames));
  } catch (error) {
    log(`dropped a message on ${channel}: ${(error as Error).message}`);
    return undefined;
  }
}

async function* requests(channel: Channel, socket: Router): AsyncGenerator<Request> {
  for await (const frames of socket) {
    const request = requestOf(channel, frames);
    if (request) yield request;
  }
}

const atOnce = createAtOnce(kernelInfo);
/** The request that the main thread works on. */
let current: Header | undefined;
const isStarting = () => Atomics.load(shared, at.phase) === phase.starting;

/** What the main thread does, for frontends that could not have heard it, or heard something else meanwhile. */
function publishState(): void {
  if (current) publish('status', current, { execution_state: 'busy' });
  else publish('status', undefined, { execution_state: isStarting() ? 'starting' : 'idle' });
}

let interrupting: Promise<void> | undefined;
let runningCell: Header | undefined;

function stopCell(): Promise<void> {
  Atomics.compareExchange(shared, at.answer, answer.pendingLater, answer.unasked);
  Atomics.compareExchange(shared, at.answer, answer.pending, answer.interrupted);
  Atomics.notify(shared, at.answer);
  const notice = () =>
    publish('stream', runningCell, {
      name: 'stderr',
      text:
        'The cell is inside native code, which cannot be stopped; it ends when that returns. ' +
        'To end it now, restart the kernel.\n',
    });
  return (interrupting ??= interrupt(shared, toMain, notice).finally(() => {
    setBusy(shared, 0);
    interrupting = undefined;
  }));
}

let served: Promise<void>[] = [];

const sendingMs = 100;

/** Closes the sockets, then asks the main thread to exit; when that computes and does not hear, the signal ends it. */
async function endProcess(exit: number, signal: 'SIGKILL' | 'SIGTERM', afterMs: number): Promise<void> {
  ending = true;
  for (const socket of [...Object.values(sockets), control, heartbeat]) socket.close();
  setTimeout(() => process.kill(process.pid, signal), afterMs);
  await Promise.allSettled(served);
  // ZeroMQ's own thread sends what it was given, the reply to a shutdown among it.
  await new Promise(resolve => setTimeout(resolve, sendingMs));
  toMain({ exit });
}

/** Something failed without which there is no kernel, and has been told. */
const endFailed = () => void endProcess(1, 'SIGTERM', 10_000);

async function serveControl(): Promise<void> {
  for await (const request of requests('control', control)) {
    const type = request.header.msg_type;
    const answers = replyType(type);
    const reply = (content: object) => {
      const { identities, header } = request;
      return control.send(encode(connection, identities, answers!, header, JSON.stringify(content)) as Uint8Array[]);
    };
    const idle = () => publish('status', request.header, { execution_state: 'idle' });
    publish('status', request.header, { execution_state: 'busy' });
    if (request.fault) {
      if (answers) await reply({ status: 'error', ...refusal(request.fault) });
      else log(`refused a message: ${request.fault}`);
      idle();
    } else if (type === 'interrupt_request') {
      void stopCell().then(idle);
      await reply({ status: 'ok' });
    } else if (type === 'shutdown_request') {
      await reply({ status: 'ok', restart: request.content.restart });
      idle();
      caught.collect();
      await outbox.empty();
      return void endProcess(0, 'SIGKILL', 1000);
    } else {
      await reply(kernelInfo);
      idle();
    }
  }
}

async function serveShell(): Promise<void> {
  for await (const request of requests('shell', sockets.shell)) {
    const { identities, header } = request;
    const content = atOnce.answer(request);
    if (!content) {
      toMain({ request });
      continue;
    }
    publish('status', header, { execution_state: 'busy' });
    const type = replyType(header.msg_type)!;
    outbox.post({ socket: 'shell', type, parent: header, identities, content: JSON.stringify(content) });
    publish('status', header, { execution_state: 'idle' });
    // Frontends show the newest status, whosever it is.
    if (current) publishState();
  }
}

async function serveInput(): Promise<void> {
  for await (const request of requests('stdin', sockets.stdin)) {
    const type = request.header.msg_type;
    const asked = Atomics.load(shared, at.answer);
    if (type !== 'input_reply') log(`dropped a message on ${request.fault}`);
    else if (asked === answer.pendingLater) {
      // The main thread may ask again as soon as it has the reply.
      Atomics.store(shared, at.answer, answer.unasked);
      input.postMessage(request);
    } else if (asked === answer.pending) {
      input.postMessage(request);
      Atomics.store(shared, at.answer, answer.given);
      Atomics.notify(shared, at.answer);
    } else log(`dropped a message on stdin: ${type} came while no cell waits for input`);
  }
}

async function beat(): Promise<void> {
  for await (const frames of heartbeat) await heartbeat.send(frames);
}

/** The kernel ends with the program that started it, as ipykernel does. */
function endWithParent(): void {
  const parent = process.ppid;
  if (process.env.JPY_PARENT_PID)
    setInterval(() => process.ppid !== parent && process.kill(process.pid, 'SIGKILL'), 1000);
}

function post(message: Outgoing): void {
  if (message.mark) caught.before(message.mark);
  Atomics.sub(shared, at.unsent, message.content.length);
  Atomics.notify(shared, at.unsent);
  if (message.type === 'execute_input') runningCell = message.parent;
  if (message.type === 'status')
    current = JSON.parse(message.content).execution_state === 'busy' ? message.parent : undefined;
  outbox.post(message);
}

function receive(message: ToSockets): void {
  if ('end' in message) endFailed();
  else if ('cell' in message) caught.enter(message);
  else if ('ran' in message) atOnce.remember(message.ran);
  else if ('ready' in message) publishState();
  else post(message);
}

const caught = createCaught(parentPort!, receive, outbox.post);

const heldMs = 3000;

/**
 * Binds a socket. Clients choose ports that are free, and let go of them: until the kernel binds them, another program
 * may hold one for a moment.
 */
async function bind(socket: Router | XPublisher | Reply, port: number): Promise<void> {
  const { transport, ip } = connection;
  const address = transport === 'ipc' ? `ipc://${ip}-${port}` : `${transport}://${ip}:${port}`;
  for (const end = Date.now() + heldMs; ; await new Promise(resolve => setTimeout(resolve, 50)))
    try {
      return await socket.bind(address);
    } catch (error) {
      const isHeld = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!isHeld || Date.now() > end) throw new Error(`${address}: ${(error as Error).message}`);
    }
}

async function start(): Promise<void> {
  await Promise.all([
    bind(sockets.shell, connection.shell_port),
    bind(sockets.iopub, connection.iopub_port),
    bind(sockets.stdin, connection.stdin_port),
    bind(control, connection.control_port),
    bind(heartbeat, connection.hb_port),
  ]);
  parentPort!.on('message', receive);
  caught.start();
  endWithParent();
  publish('status', undefined, { execution_state: 'starting' });
  setInterval(lookForSubscriptions, lookEveryMs);
  // A send that is under way when the sockets close throws; that is not a failure.
  served = [serveControl(), serveShell(), serveInput(), beat()].map(service =>
    service.catch(error => {
      if (!ending) throw error;
    }),
  );
}

process.on('uncaughtException', error => {
  if (ending) return;
  logEnd('its sockets failed', error);
  endFailed();
});
void start();

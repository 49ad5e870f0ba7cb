/**
 * The thread that owns the sockets. It keeps answering while a cell computes: output leaves at once, the heart beats,
 * and interrupt and shutdown are obeyed.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Reply, Router, XPublisher } from 'zeromq';
import { createCaught } from './caught';
import { original } from './descriptors';
import { interrupt } from './interrupt';
import { log, logEnd, logTo } from './log';
import { createOutbox } from './outbox';
import { judge, refusal, replyType, type Channel } from './requests';
import {
  answer,
  at,
  phase,
  setBusy,
  type Outgoing,
  type SocketThreadData,
  type ToMain,
  type ToSockets,
} from './shared';
import { createDecoder, encode, type Header, type Request } from './wire';

const { connection, shared: buffer, input, kernelInfo } = workerData as SocketThreadData;
logTo(original('stderr'));
const shared = new Int32Array(buffer);
const toMain = (message: ToMain) => parentPort!.postMessage(message);

const unlimited = { sendHighWaterMark: 0, linger: 1000 };
const sockets = { shell: new Router(unlimited), iopub: new XPublisher(unlimited), stdin: new Router(unlimited) };
const control = new Router(unlimited);
const heartbeat = new Reply({ linger: 0 });
sockets.iopub.verbosity = 'allSubs';
let ending = false;

const outbox = createOutbox(async ({ socket, identities, type, parent, content }) => {
  if (!ending)
    await sockets[socket].send(
      encode(connection, identities ?? [Buffer.from(type)], type, parent, content) as Uint8Array[],
    );
});

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

let interrupting: Promise<void> | undefined;
let runningCell: Header | undefined;

function stopCell(): Promise<void> {
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

/** Closes the sockets, then asks the main thread to exit; when that computes and does not hear, the signal ends it. */
async function endProcess(exit: number, signal: 'SIGKILL' | 'SIGTERM', afterMs: number): Promise<void> {
  ending = true;
  for (const socket of [...Object.values(sockets), control, heartbeat]) socket.close();
  setTimeout(() => process.kill(process.pid, signal), afterMs);
  await Promise.allSettled(served);
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
    const { identities, header, fault } = request;
    const starting = Atomics.load(shared, at.phase) === phase.starting;
    if (!starting || fault || header.msg_type !== 'kernel_info_request') toMain({ request });
    else {
      publish('status', header, { execution_state: 'busy' });
      const content = JSON.stringify(kernelInfo);
      outbox.post({ socket: 'shell', type: 'kernel_info_reply', parent: header, identities, content });
      publish('status', header, { execution_state: 'idle' });
    }
  }
}

async function serveInput(): Promise<void> {
  for await (const request of requests('stdin', sockets.stdin)) {
    const type = request.header.msg_type;
    if (type !== 'input_reply') log(`dropped a message on ${request.fault}`);
    else if (Atomics.load(shared, at.answer) !== answer.pending)
      log(`dropped a message on stdin: ${type} came while no cell waits for input`);
    else {
      input.postMessage(request);
      Atomics.store(shared, at.answer, answer.given);
      Atomics.notify(shared, at.answer);
    }
  }
}

/** A frontend that has subscribed is told so: from then on it misses nothing (JEP 65). */
async function welcome(): Promise<void> {
  for await (const [subscription] of sockets.iopub) {
    if (subscription[0] !== 1) continue;
    const topic = subscription.subarray(1);
    outbox.post({
      socket: 'iopub',
      type: 'iopub_welcome',
      identities: [topic],
      content: JSON.stringify({ subscription: topic.toString() }),
    });
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
  outbox.post(message);
}

function receive(message: ToSockets): void {
  if ('end' in message) endFailed();
  else if ('cell' in message) caught.enter(message);
  else post(message);
}

const caught = createCaught(parentPort!, receive, outbox.post);

async function start(): Promise<void> {
  const { transport, ip } = connection;
  const bind = (socket: Router | XPublisher | Reply, port: number) =>
    socket.bind(transport === 'ipc' ? `ipc://${ip}-${port}` : `${transport}://${ip}:${port}`);
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
  // A send that is under way when the sockets close throws; that is not a failure.
  served = [serveControl(), serveShell(), serveInput(), welcome(), beat()].map(service =>
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

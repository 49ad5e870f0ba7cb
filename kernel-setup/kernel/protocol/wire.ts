/** Jupyter messages as ZeroMQ frames: `identities | <IDS|MSG> | signature | header | parent | metadata | content`. */
import { createHmac, getHashes, randomUUID, timingSafeEqual } from 'node:crypto';

/** What the connection file says. */
export interface Connection {
  transport: string;
  ip: string;
  key: string;
  signature_scheme: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
  /** The keys of CurveZMQ, which encrypts; none for sockets in the clear. */
  curve_publickey?: string;
  curve_secretkey?: string;
}

/** What is read of a header, and all of it as it arrived, which is the parent header of what answers it. */
export interface Header {
  msg_id: string;
  msg_type: string;
  json: string;
}

/** A message that can be answered; `identities` route the reply. */
export interface Message {
  identities: Uint8Array[];
  header: Header;
  /** The cell of the notebook, where the frontend tells it. */
  cellId?: string;
  content: Record<string, unknown>;
  /** What is wrong with the parts behind the header. */
  fault?: string;
}

/** A message as a request of the channel it came on. */
export interface Request {
  identities: Uint8Array[];
  header: Header;
  /** The cell of the notebook, where the frontend tells it. */
  cellId?: string;
  /** The fields that its type has, whose values are what they must be. */
  content: Record<string, any>;
  /** Why it can only be refused. */
  fault?: string;
}

/** The messaging specification that this kernel follows. */
export const protocolVersion = '5.4';

const delimiter = Buffer.from('<IDS|MSG>');
const session = randomUUID();

/** Digests of messages read, of which none is read twice; as many as Jupyter's own clients keep. */
const rememberedDigests = 1 << 16;

const z85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

/** Whether a text is 32 bytes in Z85, five characters for four bytes; ZeroMQ would crash at another. */
function isCurveKey(text: string): boolean {
  const numberOf = (group: string) => Array.from(group).reduce((sum, digit) => sum * 85 + z85.indexOf(digit), 0);
  const isZ85 = Array.from(text).every(digit => z85.includes(digit));
  return isZ85 && text.length === 40 && text.match(/.{5}/g)!.every(group => numberOf(group) < 2 ** 32);
}

/** What the connection file says, checked. */
export function readConnection(json: string): Connection {
  const connection = objectOf('the connection file', Buffer.from(json)) as unknown as Connection;
  const refuse = (name: keyof Connection, why: string): never => {
    throw new Error(`the connection file's ${name} is ${told(connection[name])}, ${why}`);
  };
  for (const name of ['transport', 'ip', 'key', 'signature_scheme'] as const)
    if (typeof connection[name] !== 'string') refuse(name, 'not a text');
  for (const name of ['shell_port', 'iopub_port', 'stdin_port', 'control_port', 'hb_port'] as const)
    if (!Number.isInteger(connection[name]) || connection[name] < 0 || connection[name] > 65535)
      refuse(name, 'not a port');
  const curve = ['curve_publickey', 'curve_secretkey'] as const;
  const isEncrypted = curve.some(name => connection[name] !== undefined);
  for (const name of curve)
    if (isEncrypted && !isCurveKey(String(connection[name])))
      throw new Error(`the connection file's ${name} is not a key of CurveZMQ, 40 characters in Z85`);
  const known = connection.signature_scheme.startsWith('hmac-') && getHashes().includes(hashOf(connection));
  if (connection.key && !known) refuse('signature_scheme', 'which is not known; hmac-sha256 is');
  return connection;
}

const hashOf = ({ signature_scheme }: Connection) => signature_scheme.replace(/^hmac-/, '');

function sign(connection: Connection, parts: readonly (string | Uint8Array)[]): string {
  if (!connection.key) return '';
  const hmac = createHmac(hashOf(connection), connection.key);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value in words, short; texts between `quote`s. */
export function told(value: unknown, quote = "'"): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  return `${quote}${value.length > 60 ? `${value.slice(0, 60)}...` : value}${quote}`;
}

/** A frame that holds a JSON object; throws what it is instead. */
function objectOf(name: string, frame: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(frame));
  } catch (error) {
    throw new Error(`${name} of ${frame.length} bytes is not JSON in UTF-8: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw new Error(`${name} is ${told(value)}, not an object`);
  return value;
}

/**
 * Reads messages; throws at one that cannot be answered: it is not signed with the kernel's key, was read before, or
 * its header does not say what a reply needs. Signed are header, parent header, metadata and content; buffers are not.
 */
export function createDecoder(connection: Connection) {
  const digests = new Set<string>();

  function verify(signature: Buffer, parts: Buffer[]): void {
    if (!connection.key) return;
    const expected = Buffer.from(sign(connection, parts));
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
      throw new Error("its signature is not that of the kernel's key");
    const digest = expected.toString();
    if (digests.has(digest)) throw new Error('it came before: each message is read once');
    digests.add(digest);
    if (digests.size > rememberedDigests) digests.delete(digests.values().next().value!);
  }

  return (frames: readonly Buffer[]): Message => {
    const at = frames.findIndex(frame => frame.equals(delimiter));
    if (at < 0) throw new Error(`none of its ${frames.length} frames is the delimiter ${delimiter}`);
    const [signature, ...parts] = frames.slice(at + 1, at + 6);
    if (parts.length < 4) throw new Error(`it has ${frames.length - at - 1} frames after the delimiter, not 5 or more`);
    verify(signature, parts);
    const { msg_id, msg_type, session } = objectOf('its header', parts[0]);
    for (const [name, value] of Object.entries({ msg_id, msg_type, session }))
      if (typeof value !== 'string') throw new Error(`its header's ${name} is ${told(value)}, not a text`);
    const header = { msg_id, msg_type, json: parts[0].toString() } as Header;
    const message = { identities: frames.slice(0, at), header, content: {} };
    try {
      objectOf('its parent header', parts[1]);
      const { cellId } = objectOf('its metadata', parts[2]);
      const content = objectOf('its content', parts[3]);
      return { ...message, ...(typeof cellId === 'string' ? { cellId } : {}), content };
    } catch (error) {
      return { ...message, fault: (error as Error).message };
    }
  };
}

/** JSON without halves of characters, as text becomes where it is printed: no file could hold them. */
function wholeCharacters(json: string): string {
  if (!json.includes('\\ud')) return json;
  return json.replace(/\\(?:ud[89a-f][0-9a-f]{2}|[^])/g, text => (text.length > 2 ? '\ufffd' : text));
}

/** Writes a message; `content` is JSON already, `parent` the header of the request that it answers. */
export function encode(
  connection: Connection,
  identities: readonly Uint8Array[],
  type: string,
  parent: Header | undefined,
  content: string,
): Uint8Array[] {
  const header = {
    msg_id: randomUUID(),
    msg_type: type,
    session,
    username: 'kernel',
    date: new Date().toISOString(),
    version: protocolVersion,
  };
  const parts = [JSON.stringify(header), parent?.json ?? '{}', '{}', wholeCharacters(content)];
  return [...identities, delimiter, ...[sign(connection, parts), ...parts].map(part => Buffer.from(part))];
}

/** Jupyter messages as ZeroMQ frames: `identities | <IDS|MSG> | signature | header | parent | metadata | content`. */
import { createHmac, randomUUID } from 'node:crypto';

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
}

export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

/** A request as it arrived; `identities` route the reply. */
export interface Request {
  identities: Uint8Array[];
  header: Header;
  content: Record<string, any>;
}

/** The messaging specification that this kernel follows. */
export const protocolVersion = '5.4';

const delimiter = Buffer.from('<IDS|MSG>');
const session = randomUUID();

function sign({ key, signature_scheme }: Connection, parts: readonly (string | Uint8Array)[]): string {
  if (!key) return '';
  const hmac = createHmac(signature_scheme.replace(/^hmac-/, ''), key);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}

/** Reads a request; throws when it has no delimiter or its signature is not ours. */
export function decode(connection: Connection, frames: readonly Buffer[]): Request {
  const at = frames.findIndex(frame => frame.equals(delimiter));
  if (at < 0) throw new Error('message has no delimiter');
  const parts = frames.slice(at + 2, at + 6);
  const signature = frames[at + 1].toString();
  if (signature !== sign(connection, frames.slice(at + 2))) throw new Error(`message has signature '${signature}', which its key does not give`);
  const [header, , , content] = parts.map(part => JSON.parse(part.toString()));
  return { identities: frames.slice(0, at), header, content };
}

/** Writes a message; `content` is JSON already, `parent` the header of the request that it answers. */
export function encode(connection: Connection, identities: readonly Uint8Array[], type: string, parent: Header | undefined, content: string): Uint8Array[] {
  const header: Header = {
    msg_id: randomUUID(), msg_type: type, session, username: 'kernel', date: new Date().toISOString(), version: protocolVersion,
  };
  const parts = [JSON.stringify(header), JSON.stringify(parent ?? {}), '{}', content];
  return [...identities, delimiter, ...[sign(connection, parts), ...parts].map(part => Buffer.from(part))];
}

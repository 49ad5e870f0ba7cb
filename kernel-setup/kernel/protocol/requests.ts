/** What may be asked on each channel, and what the content of a request must hold: judged before any work is done. */
import { isObject, told, type Message, type Request } from './wire';

interface Field {
  /** What the value has to be, in words. */
  is(content: Content): string;
  holds(value: unknown, content: Content): boolean;
  /** The value of a field that is missing; without it the field must be there. */
  otherwise?: unknown;
}

type Content = Record<string, any>;
type Fields = Record<string, Field>;

const isText = (value: unknown) => typeof value === 'string';
const integer: Field = { is: () => 'an integer', holds: Number.isSafeInteger };
const count: Field = {
  is: () => 'an integer from 0',
  holds: value => Number.isSafeInteger(value) && (value as number) >= 0,
};
const flag = (otherwise: boolean): Field => ({
  is: () => 'true or false',
  holds: value => typeof value === 'boolean',
  otherwise,
});
const oneOf = (...values: readonly unknown[]): Field => ({
  is: () => values.map(value => told(value)).join(' or '),
  holds: value => values.includes(value),
});
const optional = (field: Field, otherwise: unknown): Field => ({
  is: content => `${field.is(content)} or null`,
  holds: (value, content) => value === null || field.holds(value, content),
  otherwise,
});

const text: Field = { is: () => 'a text', holds: isText };
const texts: Field = {
  is: () => 'an object of texts',
  holds: value => isObject(value) && Object.values(value).every(isText),
  otherwise: {},
};
const points = (code: string) => Array.from(code).length;
/** Behind `code` in its fields, whose code points it counts. */
const position: Field = {
  is: ({ code }) => `an integer from 0 to ${points(code)}, the length of the code`,
  holds: (value, content) => count.holds(value, content) && (value as number) <= points(content.code),
};

const historyOf: Record<string, Fields> = {
  range: { session: optional(integer, 0), start: optional(count, 0), stop: optional(count, null) },
  tail: { n: count },
  search: { n: optional(count, null), pattern: optional(text, '*'), unique: flag(false) },
};

const shell = {
  kernel_info_request: {},
  execute_request: {
    code: text,
    silent: flag(false),
    store_history: flag(true),
    user_expressions: texts,
    allow_stdin: flag(false),
    stop_on_error: flag(true),
  },
  complete_request: { code: text, cursor_pos: position },
  inspect_request: { code: text, cursor_pos: position, detail_level: { ...oneOf(0, 1), otherwise: 0 } },
  is_complete_request: { code: text },
  history_request: ({ hist_access_type }: Content) => ({
    hist_access_type: oneOf(...Object.keys(historyOf)),
    output: flag(false),
    ...own(historyOf, hist_access_type),
  }),
  comm_info_request: {},
  comm_open: { comm_id: text, target_name: text },
  comm_msg: { comm_id: text },
  comm_close: { comm_id: text },
};

export type ShellRequest = keyof typeof shell;
export type Channel = 'shell' | 'control' | 'stdin';

const channels: Record<Channel, Record<string, Fields | ((content: Content) => Fields)>> = {
  shell,
  control: { kernel_info_request: {}, interrupt_request: {}, shutdown_request: { restart: flag(false) } },
  stdin: { input_reply: { value: text } },
};

function own<T>(table: Record<string, T>, key: unknown): T | undefined {
  return typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A message as a request: with the fields that its type has and no others, or with what is wrong with it. */
export function judge(channel: Channel, { identities, header, cellId, content: sent, fault }: Message): Request {
  const type = header.msg_type;
  const name = told(type, '');
  const refused = (why: string): Request => ({ identities, header, content: {}, fault: `${channel}: ${name} ${why}` });
  const spec = own(channels[channel], type);
  if (!spec) return refused('is not a request that this kernel answers here');
  if (fault) return refused(`is malformed: ${fault}`);
  const content: Content = {};
  for (const [key, field] of Object.entries(typeof spec === 'function' ? spec(sent) : spec)) {
    const value = Object.hasOwn(sent, key) ? sent[key] : field.otherwise;
    if (value === undefined) return refused(`is malformed: its ${key} is missing`);
    if (!field.holds(value, content))
      return refused(`is malformed: its ${key} is ${told(value)}, not ${field.is(content)}`);
    content[key] = value;
  }
  return { identities, header, cellId, content };
}

/** What a request is answered that is refused. */
export const refusal = (fault: string) => ({
  ename: 'RequestError',
  evalue: fault,
  traceback: [`RequestError: ${fault}`],
});

/** The type of the reply to a request; undefined for a message that has none. */
export const replyType = (type: string) =>
  type.endsWith('_request') ? type.replace(/_request$/, '_reply') : undefined;

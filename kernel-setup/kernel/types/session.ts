/**
 * The documents that the language server knows, and questions about them. They exist in its memory only. A server that
 * ends is started again, gets every document again, and is asked again.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { config, globalsFile } from './config';
import { ServerEnded, startServer, type Server } from './server';

export type Session = ReturnType<typeof createSession>;

export interface FileEvent {
  file: string;
  type: 'created' | 'changed' | 'deleted';
}

const eventTypes = { created: 1, changed: 2, deleted: 3 };

/** How often a question is asked that the server does not survive. */
const attempts = 3;

const capabilities = {
  textDocument: {
    diagnostic: {},
    hover: { contentFormat: ['markdown'] },
    signatureHelp: { signatureInformation: { documentationFormat: ['markdown'], activeParameterSupport: true } },
  },
  // Without this the server would watch files by itself, and be late.
  workspace: { didChangeWatchedFiles: { dynamicRegistration: true } },
};

const uriOf = (file: string) => pathToFileURL(file).href;

export function createSession({ cwd, root, globals }: { cwd: string; root: string; globals: string[] }) {
  // The configuration goes first, and not as JSON: the server would make a project of its own for a JSON file.
  const documents = new Map([
    [path.join(cwd, 'tsconfig.json'), { languageId: 'plaintext', text: config(cwd, root) }],
    [path.join(cwd, globalsFile), { languageId: 'typescript', text: globals.join('\n') }],
  ]);
  let current: Server | undefined;
  let isOver = false;

  const didOpen = (server: Server, file: string) => {
    const textDocument = { uri: uriOf(file), version: 1, ...documents.get(file)! };
    server.notify('textDocument/didOpen', { textDocument });
  };

  function start(): Server {
    const server = startServer(root, cwd);
    const parameters = { processId: process.pid, rootUri: uriOf(cwd), capabilities };
    // If this fails, so does the question for which the server is started.
    server.request('initialize', parameters).catch(() => {});
    server.notify('initialized', {});
    for (const file of documents.keys()) didOpen(server, file);
    return server;
  }

  function restart(): void {
    current?.end();
    current = undefined;
  }

  async function ask(method: string, file: string, params: object = {}): Promise<any> {
    for (let attempt = 1; ; attempt++) {
      const asked = (current ??= start());
      try {
        return await asked.request(method, { textDocument: { uri: uriOf(file) }, ...params });
      } catch (error) {
        if (current === asked && error instanceof ServerEnded) current = undefined;
        if (!(error instanceof ServerEnded) || isOver || attempt === attempts) throw error;
      }
    }
  }

  current = start();
  return {
    open(file: string, text: string): void {
      documents.set(file, { languageId: 'typescript', text });
      if (current) didOpen(current, file);
    },
    close(file: string): void {
      if (documents.delete(file)) current?.notify('textDocument/didClose', { textDocument: { uri: uriOf(file) } });
    },
    ask,
    changed(events: FileEvent[]): void {
      const changes = events.map(({ file, type }) => ({ uri: uriOf(file), type: eventTypes[type] }));
      if (changes.length > 0) current?.notify('workspace/didChangeWatchedFiles', { changes });
    },
    restart,
    /** Ends the server for good. */
    end(): void {
      isOver = true;
      restart();
    },
    /** The server's process, for tests. */
    pid: () => current?.pid,
    /** The documents, for tests. */
    files: () => [...documents.keys()],
  };
}

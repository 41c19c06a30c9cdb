// evidence_server: what the reader may ask of the server that gave the page: the evidence itself, and whether its
// newest head still extends one that the reader kept. Only by a click; nothing that comes is believed, it is
// verified like any other file.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem, problemOf } from '../api/client';
import { writeHeads } from '../verify/heads';
import { Refusal } from '../verify/refusal';
import type { HeadView } from '../verify/report';
import { consistencyPath, peekHead } from '../verify/tiles';

/** Takes files in. */
export type Add = (...files: [name: string, bytes: Uint8Array][]) => void;

/** The addresses that other rooms may name in ?from=; nothing else is asked for. */
const ASKED = /^\/(?:v1\/alliances\/[\w%.~-]+\/members\?[\w=&%.:-]*|v1\/(?:proofs|receipts)\/\d{1,16}|v1\/acts\/\d{1,16}\/raw|checkpoint)$/;

/** pathsOf reads ?from=: addresses with a space between them. */
export function pathsOf(query: URLSearchParams): string[] {
  return (query.get('from') ?? '').split(' ').filter((path) => ASKED.test(path)).slice(0, 4);
}

async function fetchBytes(path: string): Promise<Uint8Array> {
  let answer: Response;
  try {
    answer = await fetch(path, { credentials: 'same-origin', cache: 'no-store' });
  } catch {
    throw new Problem('the daemon does not answer', { remedy: 'check that the network is there, then try again' });
  }
  if (!answer.ok) throw await problemOf(answer);
  return new Uint8Array(await answer.arrayBuffer());
}

const words = (error: unknown): string => {
  if (error instanceof Problem) return `${error.message}; ${error.remedy}`;
  if (error instanceof Refusal) return `what the server gave is malformed: ${error.message}`;
  throw error;
};

/** Fetch asks this server for what another room named. */
export function Fetch({ paths, add, warn }: { paths: string[]; add: Add; warn: (words: string) => void }): JSX.Element | null {
  const [busy, setBusy] = useState(false);
  if (paths.length === 0) return null;
  const run = async (): Promise<void> => {
    setBusy(true);
    warn('');
    try {
      add(...(await Promise.all(paths.map(async (path): Promise<[string, Uint8Array]> => [path, await fetchBytes(path)]))));
    } catch (error) {
      warn(words(error));
    }
    setBusy(false);
  };
  return (
    <div class="card">
      <p>
        This server can be asked for <code class="code-break">{paths.join(' ')}</code>. What it gives is verified here.
      </p>
      <p>
        <button type="button" class="primary" disabled={busy} onClick={() => void run()}>
          Fetch and verify
        </button>
      </p>
    </div>
  );
}

/**
 * withServersHead makes a file of two heads: the given one and this server's newest, with a path made from the
 * server's tiles. Throws Problem when they are not of one ledger, or the server is behind.
 */
async function withServersHead(head: HeadView): Promise<Uint8Array> {
  const newest = await fetchBytes('/checkpoint');
  const seen = peekHead(newest);
  if (seen.origin !== head.origin)
    throw new Problem(`this server keeps another ledger, ${seen.origin}`, { remedy: `open the console of ${head.origin}, or of a mirror of it` });
  if (seen.size < head.size)
    throw new Problem(`this server's newest head has ${seen.size} entries, fewer than this one`, {
      remedy: 'it is behind, or it has forgotten what it signed: keep this head and ask its witnesses',
    });
  const path = seen.size === head.size ? [] : await consistencyPath(head.size, seen.size, (tile) => fetchBytes(`/${tile}`));
  return writeHeads(head.bytes, newest, path);
}

/** Against is the button that holds a head against this server's newest. */
export function Against({ head, open }: { head: HeadView; open: (bytes: Uint8Array, name: string) => void }): JSX.Element {
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    setSaid('');
    try {
      open(await withServersHead(head), 'this head and the server’s newest');
    } catch (error) {
      setSaid(words(error));
    }
    setBusy(false);
  };
  return (
    <p>
      <button type="button" disabled={busy} onClick={() => void run()}>
        Hold it against this server’s newest head
      </button>{' '}
      <span role="alert">{said}</span>
    </p>
  );
}

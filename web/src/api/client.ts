// client: asking the daemon that served this page. Same origin only; answers are JSON; whatever goes
// wrong is a Problem with words for people (RFC 9457).
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** A refusal or trouble, as the server said it, or as the network left us. */
export class Problem extends Error {
  readonly status: number;
  /** The error's name, as in /problems/NAME; "" when the server did not say. */
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;

  constructor(title: string, about: { status?: number; code?: string; detail?: string; remedy?: string } = {}) {
    super(title);
    this.status = about.status ?? 0;
    this.code = about.code ?? '';
    this.detail = about.detail ?? '';
    this.remedy = about.remedy ?? '';
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** problemOf reads a problem document; anything else becomes a problem that names the status. */
export async function problemOf(answer: Response): Promise<Problem> {
  try {
    const body = (await answer.json()) as Record<string, unknown>;
    if (text(body.title) !== '')
      return new Problem(text(body.title), {
        status: answer.status,
        code: text(body.name),
        detail: text(body.detail),
        remedy: text(body.remedy),
      });
  } catch {
    // not JSON: fall through
  }
  return new Problem(`the daemon answered ${answer.status}`, {
    status: answer.status,
    remedy: 'look into the log of comityd, or ask its operator',
  });
}

function offline(): Problem {
  return new Problem('the daemon does not answer', {
    remedy: 'check that comityd runs and that the network is there, then try again',
  });
}

/** at builds a path: every value is encoded, so that no name can leave its place. */
export function at(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return parts.reduce((path, part, i) => path + encodeURIComponent(String(values[i - 1])) + part);
}

/** get asks for JSON. Throws Problem; an aborted request throws AbortError as it is. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await ask(path, signal);
  try {
    return (await answer.json()) as T;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem('the answer is no JSON', { status: answer.status });
  }
}

/** getText is the same for plain text. */
export async function getText(path: string, signal?: AbortSignal): Promise<string> {
  return (await ask(path, signal)).text();
}

async function ask(path: string, signal?: AbortSignal): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { ...(signal ? { signal } : {}), credentials: 'same-origin' });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw offline();
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

export type Answer<T> =
  | { state: 'loading'; data?: undefined; problem?: undefined; reload: () => void }
  | { state: 'ready'; data: T; problem?: undefined; reload: () => void }
  | { state: 'failed'; data?: T; problem: Problem; reload: () => void };

/**
 * useAsk runs a question again whenever its key changes, and when `turn` changes; while it asks again
 * for the same key the old answer stays. A null key asks nothing and stays loading.
 */
export function useAsk<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>, turn: unknown = 0): Answer<T> {
  const [again, setAgain] = useState(0);
  const [held, setHeld] = useState<{ key: string | null; data?: T; problem?: Problem }>({ key: null });
  const question = useRef(ask);
  const runs = useRef<{ control: AbortController; once: boolean } | null>(null);
  question.current = ask;
  const reload = useCallback(() => setAgain((n) => n + 1), []);

  // A question under way is not broken off because the ledger grew: it is asked once more afterwards.
  const start = useCallback((of: string): void => {
    const run = { control: new AbortController(), once: false };
    const { signal } = run.control;
    runs.current = run;
    const done = (change: (old: { key: string | null; data?: T; problem?: Problem }) => { key: string; data?: T; problem?: Problem }): void => {
      if (signal.aborted) return;
      runs.current = null;
      setHeld(change);
      if (run.once) start(of);
    };
    question.current(signal).then(
      (data) => done(() => ({ key: of, data })),
      (error: unknown) => {
        const problem = error instanceof Problem ? error : new Problem(String(error));
        done((old) => (old.key === of && old.data !== undefined ? { key: of, data: old.data, problem } : { key: of, problem }));
      },
    );
  }, []);

  useEffect(() => {
    if (key === null) return undefined;
    start(key);
    return () => {
      runs.current?.control.abort();
      runs.current = null;
    };
  }, [key, again]);
  const first = useRef(true);
  useEffect(() => {
    if (first.current || key === null) first.current = false;
    else if (runs.current) runs.current.once = true;
    else start(key);
  }, [turn]);

  if (key === null || held.key !== key) return { state: 'loading', reload };
  if (held.problem)
    return { state: 'failed', problem: held.problem, reload, ...(held.data !== undefined ? { data: held.data } : {}) };
  return { state: 'ready', data: held.data as T, reload };
}

/** useGet asks one path for JSON. */
export function useGet<T>(path: string | null, turn: unknown = 0): Answer<T> {
  return useAsk<T>(path, (signal) => get<T>(path as string, signal), turn);
}

/** all reads every page of a table: path may hold filters. `most` rows at most. */
export async function all<Row>(path: string, signal?: AbortSignal, most = 100_000): Promise<Row[]> {
  const rows: Row[] = [];
  let after = 0;
  for (;;) {
    const joint = path.includes('?') ? '&' : '?';
    const page = await get<{ items: Row[]; next?: number }>(`${path}${joint}limit=1000&after=${after}`, signal);
    rows.push(...page.items);
    if (page.next === undefined || page.next <= after || rows.length >= most) return rows;
    after = page.next;
  }
}

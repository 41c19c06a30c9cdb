// agent: speaking to `comity console`, the program on the reader's own machine that can sign.
//
//     address with #agent=TOKEN -> kept for this tab, gone from the address
//     describe(wish) -> the bytes, the signer's sentence, what would change
//     sign(digest)   -> those very bytes, signed once, and their receipt
//
// A console that a daemon serves has no token: it reads only. The token goes out in a header of requests
// to this origin and nowhere else. Never: a key.
import { useEffect, useState } from 'preact/hooks';
import { Problem, problemOf } from '../api/client';
import { useTurn } from '../api/live';

const KEPT = 'comity-agent';
const HEADER = 'X-Comity-Token';

/** An act that somebody may sign, as the daemon names its fields. */
export interface Proposal {
  act: string;
  fields: Record<string, string>;
}

export interface Wish {
  act: Record<string, string>;
  as: string;
}

export interface Identity {
  name: string;
  passport: string;
  key: string;
  /** A standby key is known, so the key can be replaced. */
  standby: boolean;
  /** The signer holds the key. */
  here: boolean;
}

export interface Me {
  identities: Identity[];
  confirm: 'terminal' | 'browser';
  signer_trouble?: string;
}

interface TrialProblem {
  title: string;
  detail?: string;
  remedy?: string;
  name?: string;
}

export interface Effect {
  record?: string;
  change?: string;
  value?: Record<string, unknown>;
  more?: boolean;
}

export interface Described {
  digest: string;
  /** The act with zeros in place of signatures, base64. */
  bytes: string;
  sentence: string;
  id: string;
  signs: { passport: string; name: string; for: string | null; keys: string[] };
  expires_s: number;
  /** What this machine's directory calls the ids of the sentence. */
  names: Record<string, string>;
  trial?: { accepted: boolean; effects?: Effect[]; say?: string; problem?: TrialProblem };
  confirm: 'terminal' | 'browser';
  waits_ms: number;
}

export interface Receipt {
  act: string;
  index: number;
  level: string;
  time: string;
  say: string;
}

// ---- the token ----

function takeToken(): string | null {
  const given = /^#agent=([0-9a-f]{64})$/.exec(location.hash)?.[1];
  try {
    if (given) {
      sessionStorage.setItem(KEPT, given);
      history.replaceState(null, '', location.pathname + location.search);
    }
    return given ?? sessionStorage.getItem(KEPT);
  } catch {
    return given ?? null; // a browser that keeps nothing: the token lasts as long as the page
  }
}

const token = takeToken();

/** This console may act. */
export const acts = token !== null;

// ---- requests ----

async function ask<T>(path: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: body === undefined ? 'GET' : 'POST',
      credentials: 'omit',
      headers: { [HEADER]: token ?? '', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Problem('`comity console` does not answer', { remedy: 'start it again in its terminal, and open the address that it prints' });
  }
  if (!answer.ok) throw await problemOf(answer);
  return (await answer.json()) as T;
}

export const describe = (wish: Wish): Promise<Described> => ask('/agent/v1/describe', wish);

/** sign gives the receipt, and its text as it can be kept and verified. */
export async function sign(digest: string): Promise<{ receipt: Receipt; text: string }> {
  const receipt = await ask<Receipt>('/agent/v1/sign', { digest });
  return { receipt, text: JSON.stringify(receipt, null, 2) };
}

/** useMe says who may act here; null while asking, and in a console that only reads. */
export function useMe(): Me | Problem | null {
  const turn = useTurn();
  const [me, set] = useState<Me | Problem | null>(null);
  useEffect(() => {
    if (!acts) return undefined;
    let on = true;
    ask<Me>('/agent/v1/me').then(
      (answer) => on && set(answer),
      (problem: unknown) => on && set(problem instanceof Problem ? problem : new Problem(String(problem))),
    );
    return () => void (on = false);
  }, [turn]);
  return me;
}

/** The identities that can sign now. */
export const hereOf = (me: Me | Problem | null): Identity[] =>
  me === null || me instanceof Problem ? [] : me.identities.filter((one) => one.here);

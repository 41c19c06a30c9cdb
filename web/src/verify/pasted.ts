// pasted: the bytes that a pasted text or a link stands for. People copy hexadecimal, base64, JSON and notes,
// with the line ends of their system and space around them; files are taken as they are.
import { Refusal } from './refusal';
import { unbase64, unhex, utf8 } from './bytes';

// pastedBytes never fails: what is no encoding is taken as text.
export function pastedBytes(text: string): Uint8Array {
  const words = text.replaceAll('\r\n', '\n').trim();
  const dense = words.replace(/\s+/g, '');
  if (words.startsWith('{')) return utf8(words);
  if (/^(?:[0-9a-fA-F]{2}){16,}$/.test(dense)) return unhex(dense, dense.length / 2);
  if (/^[A-Za-z0-9+/]{40,}={0,2}$/.test(dense)) return decoded(dense) ?? utf8(`${words}\n`);
  return utf8(`${words}\n`);
}

function decoded(base64: string): Uint8Array | null {
  try {
    return unbase64(base64);
  } catch (e) {
    if (e instanceof Refusal) return null;
    throw e;
  }
}

const NAME = '#data=';

// linkOf is the fragment of a link that holds the bytes: a fragment never leaves the browser.
export function linkOf(base64: string): string {
  return NAME + base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

// linkedBytes reads such a fragment; null when it is none.
export function linkedBytes(fragment: string): Uint8Array | null {
  if (!fragment.startsWith(NAME)) return null;
  const words = fragment.slice(NAME.length).replaceAll('-', '+').replaceAll('_', '/');
  return decoded(words + '='.repeat((4 - (words.length % 4)) % 4));
}

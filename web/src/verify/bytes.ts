// bytes: hexadecimal, base64, UTF-8 and decimal numbers, each in exactly one form.
//
// The platform's own decoders (atob, TextDecoder, Number) accept more than one spelling of a value;
// these do not, because bytes that two programs read differently are how a proof is made to mean
// two things. Rules: src/base/bytes.c, text.c, num.c.
import { refuse } from './refusal';

const HEX = '0123456789abcdef';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64_VALUE = new Int8Array(256).fill(-1);
for (let i = 0; i < 64; i++) BASE64_VALUE[BASE64.charCodeAt(i)] = i;

export const U64_MAX = (1n << 64n) - 1n;

export function hex(bytes: Uint8Array): string {
  let out = '';
  for (const b of bytes) out += HEX[b >> 4]! + HEX[b & 15]!;
  return out;
}

// unhex reads exactly n bytes, upper or lower case. Refuses with BAD_HEX.
export function unhex(text: string, n: number): Uint8Array {
  const out = new Uint8Array(n);
  if (text.length !== 2 * n) refuse('BAD_HEX', text.length);
  for (let i = 0; i < text.length; i++) {
    const v = HEX.indexOf(text[i]!.toLowerCase());
    if (v < 0 || text.charCodeAt(i) > 0x7f) refuse('BAD_HEX', i);
    out[i >> 1] = (out[i >> 1]! << 4) | v;
  }
  return out;
}

export function base64(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const v = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out += BASE64[(v >> 18) & 63]! + BASE64[(v >> 12) & 63]!;
    out += (left > 1 ? BASE64[(v >> 6) & 63]! : '=') + (left > 2 ? BASE64[v & 63]! : '=');
  }
  return out;
}

// unbase64 reads the padded standard alphabet; the bits that padding leaves over must be zero.
// Refuses with BAD_BASE64.
export function unbase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) refuse('BAD_BASE64', text.length);
  let pad = 0;
  while (pad < 2 && pad < text.length && text[text.length - 1 - pad] === '=') pad++;
  const out = new Uint8Array((text.length / 4) * 3 - pad);
  let o = 0;
  for (let i = 0; i < text.length; i += 4) {
    const digits = i + 4 === text.length ? 4 - pad : 4;
    let v = 0;
    for (let d = 0; d < 4; d++) {
      const c = text.charCodeAt(i + d);
      const x = d >= digits ? 0 : c > 255 ? -1 : BASE64_VALUE[c]!;
      if (x < 0) refuse('BAD_BASE64', i + d);
      v = (v << 6) | x;
    }
    if ((digits === 3 && (v & 0xff) !== 0) || (digits === 2 && (v & 0xffff) !== 0))
      refuse('BAD_BASE64', i + digits - 1);
    out[o++] = (v >> 16) & 255;
    if (digits > 2) out[o++] = (v >> 8) & 255;
    if (digits > 3) out[o++] = v & 255;
  }
  return out;
}

// The length of the UTF-8 sequence at pos, 0 when it is not well-formed or a control character.
function utf8Step(bytes: Uint8Array, pos: number): number {
  const first = bytes[pos]!;
  let n = 2;
  let least = 0x80;
  let v = first & 0x1f;

  if (first < 0x80)
    return (first >= 0x20 || first === 0x0a || first === 0x09) && first !== 0x7f ? 1 : 0;
  if ((first & 0xf0) === 0xe0) {
    n = 3;
    least = 0x800;
    v = first & 0x0f;
  } else if ((first & 0xf8) === 0xf0) {
    n = 4;
    least = 0x10000;
    v = first & 0x07;
  } else if ((first & 0xe0) !== 0xc0) {
    return 0;
  }
  if (pos + n > bytes.length) return 0;
  for (let i = 1; i < n; i++) {
    if ((bytes[pos + i]! & 0xc0) !== 0x80) return 0;
    v = (v << 6) | (bytes[pos + i]! & 0x3f);
  }
  if (v < least || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff) || (v >= 0x80 && v < 0xa0)) return 0;
  return n;
}

// checkUtf8 accepts well-formed UTF-8 without control characters other than \n and \t. Refuses with
// BAD_UTF8 at the byte position.
export function checkUtf8(bytes: Uint8Array): void {
  for (let pos = 0; pos < bytes.length; ) {
    const n = utf8Step(bytes, pos);
    if (n === 0) refuse('BAD_UTF8', pos);
    pos += n;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

// text reads bytes that checkUtf8 has accepted, or that only hold ASCII.
export function text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function utf8(words: string): Uint8Array {
  return encoder.encode(words);
}

// readUint reads a decimal number without sign or leading zero, at most `most`. Refuses with
// BAD_TEXT or OVERFLOW.
export function readUint(words: string, most: bigint = U64_MAX): bigint {
  if (!/^(0|[1-9][0-9]*)$/.test(words)) refuse('BAD_TEXT');
  if (words.length > 39) refuse('OVERFLOW'); // 2^128 has 39 digits
  const v = BigInt(words);
  if (v > most) refuse('OVERFLOW');
  return v;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

// compare orders byte strings as memcmp does, a prefix before what it begins.
export function compare(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

// number of n bytes, most significant first.
export function big(v: bigint, n: number): Uint8Array {
  const out = new Uint8Array(n);
  for (let i = n - 1; i >= 0; i--) {
    out[i] = Number(v & 255n);
    v >>= 8n;
  }
  return out;
}

export function unbig(bytes: Uint8Array): bigint {
  let v = 0n;
  for (const b of bytes) v = (v << 8n) | BigInt(b);
  return v;
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((b) => b === 0);
}

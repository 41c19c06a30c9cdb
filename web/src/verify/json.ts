// json: JSON read as the C program reads it (jansson with duplicates refused; src/host/json/json.c).
//
// JSON.parse would accept what that refuses - the same member twice, fractions, numbers beyond 64
// bits that lose digits - and a text that two programs read differently proves nothing. Numbers are
// BigInt.
import { text as decode } from './bytes';
import { refuse } from './refusal';

export type Json = null | boolean | bigint | string | Json[] | Map<string, Json>;

const I64_MAX = (1n << 63n) - 1n;
const I64_MIN = -(1n << 63n);
const SHORT: Record<string, string> = {
  '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t',
};

// The deepest nesting, counted as the C program counts it, before parsing.
function depthOf(words: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < words.length; i++) {
    const c = words[i];
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
      continue;
    }
    if (c === '"') quoted = true;
    else if (c === '{' || c === '[') deepest = Math.max(deepest, ++depth);
    else if ((c === '}' || c === ']') && depth > 0) depth--;
  }
  return deepest;
}

class Parser {
  private pos = 0;

  constructor(private readonly words: string) {}

  private bad(): never {
    refuse('BAD_JSON', this.pos);
  }

  private space(): void {
    while (this.pos < this.words.length && ' \t\n\r'.includes(this.words[this.pos]!)) this.pos++;
  }

  private peek(): string {
    return this.words[this.pos] ?? '';
  }

  private take(what: string): boolean {
    if (!this.words.startsWith(what, this.pos)) return false;
    this.pos += what.length;
    return true;
  }

  private unit(): number {
    const digits = this.words.slice(this.pos, this.pos + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.bad();
    this.pos += 4;
    return parseInt(digits, 16);
  }

  // Behind \u: surrogates must come in pairs, and there is no NUL.
  private escaped(): string {
    const high = this.unit();
    if (high === 0 || (high >= 0xdc00 && high <= 0xdfff)) this.bad();
    if (high < 0xd800 || high > 0xdfff) return String.fromCharCode(high);
    if (!this.take('\\u')) this.bad();
    const low = this.unit();
    if (low < 0xdc00 || low > 0xdfff) this.bad();
    return String.fromCharCode(high, low);
  }

  private string(): string {
    let out = '';
    this.pos++;
    for (;;) {
      const from = this.pos;
      while (this.pos < this.words.length && this.words[this.pos] !== '"' &&
        this.words[this.pos] !== '\\' && this.words[this.pos]! >= ' ') this.pos++;
      out += this.words.slice(from, this.pos);
      if (this.take('"')) return out;
      if (!this.take('\\')) this.bad();
      const c = this.peek();
      this.pos++;
      if (c === 'u') out += this.escaped();
      else out += SHORT[c] ?? this.bad();
    }
  }

  private number(): bigint {
    const m = /^-?(?:0|[1-9][0-9]*)/.exec(this.words.slice(this.pos, this.pos + 24));
    if (m === null) this.bad();
    this.pos += m[0].length;
    if (/[0-9.eE]/.test(this.peek())) this.bad(); // a fraction, or more digits than 64 bits have
    const v = BigInt(m[0]);
    return v < I64_MIN || v > I64_MAX ? this.bad() : v;
  }

  private array(): Json[] {
    const out: Json[] = [];
    this.pos++;
    this.space();
    if (this.take(']')) return out;
    for (;;) {
      out.push(this.value());
      this.space();
      if (this.take(']')) return out;
      if (!this.take(',')) this.bad();
    }
  }

  private object(): Map<string, Json> {
    const out = new Map<string, Json>();
    this.pos++;
    this.space();
    if (this.take('}')) return out;
    for (;;) {
      this.space();
      if (this.peek() !== '"') this.bad();
      const key = this.string();
      if (out.has(key)) this.bad();
      this.space();
      if (!this.take(':')) this.bad();
      out.set(key, this.value());
      this.space();
      if (this.take('}')) return out;
      if (!this.take(',')) this.bad();
    }
  }

  private value(): Json {
    this.space();
    switch (this.peek()) {
      case '{': return this.object();
      case '[': return this.array();
      case '"': return this.string();
      case 't': return this.take('true') ? this.wordEnd(true) : this.bad();
      case 'f': return this.take('false') ? this.wordEnd(false) : this.bad();
      case 'n': return this.take('null') ? this.wordEnd(null) : this.bad();
      default: return this.number();
    }
  }

  private wordEnd<T>(v: T): T {
    return /[A-Za-z]/.test(this.peek()) ? this.bad() : v;
  }

  document(): Json {
    this.space();
    if (this.peek() !== '{' && this.peek() !== '[') this.bad();
    const out = this.value();
    this.space();
    return this.pos === this.words.length ? out : this.bad();
  }
}

// readJson reads a document of at most that many bytes and levels. Refuses with BAD_JSON,
// TOO_LARGE.
export function readJson(bytes: Uint8Array, sizeMax: number, depthMax: number): Json {
  if (bytes.length > sizeMax) refuse('TOO_LARGE', sizeMax);
  let words = '';
  try {
    words = decode(bytes);
  } catch {
    refuse('BAD_JSON');
  }
  if (depthOf(words) > depthMax) refuse('BAD_JSON');
  return new Parser(words).document();
}

// member is a member of an object, undefined when it is none or not there.
export function member(v: Json | undefined, name: string): Json | undefined {
  return v instanceof Map ? v.get(name) : undefined;
}

export function stringMember(v: Json | undefined, name: string): string | undefined {
  const m = member(v, name);
  return typeof m === 'string' ? m : undefined;
}

export function items(v: Json | undefined): Json[] {
  return Array.isArray(v) ? v : [];
}

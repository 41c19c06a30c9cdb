#include "verify/json_doc.h"

#include "base/text.h"

struct reader {
    struct cy_span in;
    size_t at;
    struct cy_span keys[CY_DOC_KEYS_MAX];
    unsigned n_keys;
    unsigned depth_max;
};

static cy_err bad(const struct reader *r)
{
    return cy_fail(CY_E_BAD_JSON, r->at);
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static void skip_space(struct reader *r)
{
    while (r->at < r->in.n && is_space(r->in.at[r->at]))
        r->at++;
}

/* Takes this character, if it is the next. */
static bool take(struct reader *r, uint8_t c)
{
    if (r->at == r->in.n || r->in.at[r->at] != c)
        return false;
    r->at++;
    return true;
}

/* --- strings --- */

/* Four hexadecimal digits at `at`; false when they are not. */
static bool unit(struct cy_span text, size_t at, uint32_t *out)
{
    uint8_t bytes[2];

    if (at > text.n || text.n - at < 4 ||
        !cy_ok(cy_hex_read(cy_span_of(text.at + at, 4), bytes, 2)))
        return false;
    *out = cy_get_u16be(bytes);
    return true;
}

/* The character that an escape stands for; `at` is behind its backslash. Returns how many bytes it
 * takes there, 0 when it is no escape. */
static size_t escape(struct cy_span text, size_t at, uint32_t *out)
{
    static const char names[] = "\"\\/bfnrt";
    static const char means[] = "\"\\/\b\f\n\r\t";
    const char *name = NULL;
    uint32_t low = 0;

    if (at >= text.n)
        return 0;
    if (text.at[at] != 'u') {
        name = text.at[at] == 0 ? NULL : strchr(names, text.at[at]);
        if (name == NULL)
            return 0;
        *out = (uint8_t)means[name - names];
        return 1;
    }
    if (!unit(text, at + 1, out) || *out == 0 || (*out >= 0xdc00 && *out < 0xe000))
        return 0;
    if (*out < 0xd800 || *out >= 0xe000)
        return 5;
    /* the first half of a pair (RFC 8259, section 7) */
    if (text.n - at < 11 || text.at[at + 5] != '\\' || text.at[at + 6] != 'u' ||
        !unit(text, at + 7, &low) || low < 0xdc00 || low >= 0xe000)
        return 0;
    *out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
    return 11;
}

static size_t utf8_of(uint32_t c, uint8_t out[static 4])
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t)(0xc0 | c >> 6);
        out[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xe0 | c >> 12);
        out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

/* The next character of a checked string, written out; returns its bytes, 0 at the end. */
static size_t next_char(struct cy_span text, size_t *at, uint8_t out[static 4])
{
    uint32_t c = 0;

    if (*at >= text.n)
        return 0;
    if (text.at[*at] != '\\') {
        out[0] = text.at[(*at)++];
        return 1;
    }
    *at += 1 + escape(text, *at + 1, &c);
    return utf8_of(c, out);
}

static bool has_escape(struct cy_span text)
{
    return text.n > 0 && memchr(text.at, '\\', text.n) != NULL;
}

static bool same_string(struct cy_span a, struct cy_span b)
{
    uint8_t x[4];
    uint8_t y[4];
    struct cy_span left = {x, 0};
    struct cy_span right = {y, 0};
    size_t i = 0;
    size_t k = 0;

    if (cy_span_eq(a, b))
        return true;
    if (!has_escape(a) && !has_escape(b))
        return false;
    for (;;) { /* byte by byte: one may write plainly what the other escapes */
        if (left.n == 0)
            left = cy_span_of(x, next_char(a, &i, x));
        if (right.n == 0)
            right = cy_span_of(y, next_char(b, &k, y));
        if (left.n == 0 || right.n == 0)
            return left.n == right.n;
        if (left.at[0] != right.at[0])
            return false;
        left = cy_span_of(left.at + 1, left.n - 1);
        right = cy_span_of(right.at + 1, right.n - 1);
    }
}

/* A string whose opening quote was taken. */
static cy_err read_string(struct reader *r, struct cy_doc *out)
{
    const size_t from = r->at;

    *out = (struct cy_doc){.kind = CY_DOC_STRING};
    while (r->at < r->in.n && r->in.at[r->at] != '"') {
        uint32_t c = 0;
        size_t n = 1;

        if (r->in.at[r->at] < 0x20)
            return bad(r);
        if (r->in.at[r->at] == '\\') {
            out->escaped = true;
            n = escape(r->in, r->at + 1, &c);
            if (n == 0)
                return bad(r);
            n++;
        }
        r->at += n;
    }
    out->text = cy_span_of(r->in.at + from, r->at - from);
    if (!cy_ok(cy_utf8_form(out->text)) || !take(r, '"'))
        return bad(r);
    return CY_OK;
}

/* --- the grammar --- */

static cy_err read_value(struct reader *r, unsigned depth, struct cy_doc *out);

/* A whole number that fits 64 bits with a sign; nothing that begins like a fraction. */
static cy_err read_integer(struct reader *r, struct cy_doc *out)
{
    const size_t from = r->at;
    const bool minus = take(r, '-');
    const size_t digits = r->at;
    uint64_t v = 0;

    while (r->at < r->in.n && is_digit(r->in.at[r->at]))
        r->at++;
    if (!cy_ok(cy_u64_read(cy_span_of(r->in.at + digits, r->at - digits), &v)) ||
        v > (uint64_t)INT64_MAX + minus)
        return bad(r);
    if (r->at < r->in.n && memchr(".eE", r->in.at[r->at], 3) != NULL)
        return bad(r);
    *out =
        (struct cy_doc){.kind = CY_DOC_INTEGER, .text = cy_span_of(r->in.at + from, r->at - from)};
    return CY_OK;
}

static cy_err read_word(struct reader *r, struct cy_doc *out)
{
    static const struct {
        const char *word;
        enum cy_doc_kind kind;
    } words[] = {
        {"true",  CY_DOC_TRUE },
        {"false", CY_DOC_FALSE},
        {"null",  CY_DOC_NULL }
    };

    for (size_t i = 0; i < CY_COUNT(words); i++) {
        const size_t n = strlen(words[i].word);

        if (r->in.n - r->at < n || memcmp(r->in.at + r->at, words[i].word, n) != 0)
            continue;
        *out = (struct cy_doc){.kind = words[i].kind, .text = cy_span_of(r->in.at + r->at, n)};
        r->at += n;
        return CY_OK;
    }
    return bad(r);
}

/* A key and its colon; it stands once in its object, whose keys begin at `first`. */
static cy_err read_key(struct reader *r, unsigned first)
{
    struct cy_doc key;

    skip_space(r);
    if (!take(r, '"'))
        return bad(r);
    CY_TRY(read_string(r, &key));
    if (key.text.n > CY_DOC_KEY_MAX || r->n_keys == CY_DOC_KEYS_MAX)
        return bad(r);
    for (unsigned i = first; i < r->n_keys; i++) {
        if (same_string(r->keys[i], key.text))
            return bad(r);
    }
    r->keys[r->n_keys++] = key.text;
    skip_space(r);
    return take(r, ':') ? CY_OK : bad(r);
}

/* An object or array whose opening was taken. */
static cy_err read_members(struct reader *r, unsigned depth, bool keys)
{
    const uint8_t close = keys ? '}' : ']';
    const unsigned first = r->n_keys;
    struct cy_doc value;

    skip_space(r);
    if (take(r, close))
        return CY_OK;
    do {
        if (keys)
            CY_TRY(read_key(r, first));
        CY_TRY(read_value(r, depth, &value));
        skip_space(r);
    } while (take(r, ','));
    r->n_keys = first;
    return take(r, close) ? CY_OK : bad(r);
}

static cy_err read_value(struct reader *r, unsigned depth, struct cy_doc *out)
{
    size_t from = 0;

    skip_space(r);
    if (r->at == r->in.n)
        return bad(r);
    from = r->at;
    if (take(r, '"'))
        return read_string(r, out);
    if (r->in.at[from] == '-' || is_digit(r->in.at[from]))
        return read_integer(r, out);
    if (r->in.at[from] != '{' && r->in.at[from] != '[')
        return read_word(r, out);
    if (depth == r->depth_max)
        return bad(r);
    r->at++;
    CY_TRY(read_members(r, depth + 1, r->in.at[from] == '{'));
    *out = (struct cy_doc){.kind = r->in.at[from] == '{' ? CY_DOC_OBJECT : CY_DOC_ARRAY,
                           .text = cy_span_of(r->in.at + from, r->at - from)};
    return CY_OK;
}

cy_err cy_doc_read(struct cy_span text, unsigned depth_max, struct cy_doc *out)
{
    struct reader r = {.in = text, .depth_max = depth_max};

    CY_ASSERT(depth_max <= CY_DOC_DEPTH_MAX);
    *out = (struct cy_doc){.kind = CY_DOC_NONE};
    CY_TRY(read_value(&r, 0, out));
    if (out->kind != CY_DOC_OBJECT && out->kind != CY_DOC_ARRAY)
        return cy_fail(CY_E_BAD_JSON, 0);
    skip_space(&r);
    return r.at == text.n ? CY_OK : bad(&r);
}

/* --- walking: the text is known to be JSON --- */

static struct cy_span behind(struct cy_span text, size_t n)
{
    return n == 0 ? text : cy_span_of(text.at + n, text.n - n);
}

static struct cy_span trimmed(struct cy_span text)
{
    size_t n = 0;

    while (n < text.n && (is_space(text.at[n]) || text.at[n] == ',' || text.at[n] == ':'))
        n++;
    return behind(text, n);
}

/* The length of the string at the beginning, with its quotes. */
static size_t string_length(struct cy_span text, bool *escaped)
{
    size_t n = 1;

    *escaped = false;
    while (n < text.n && text.at[n] != '"') {
        const size_t step = text.at[n] == '\\' ? 2 : 1;

        *escaped = *escaped || step == 2;
        n += step;
    }
    return n + 1;
}

/* The length of the object or array at the beginning. */
static size_t nested_length(struct cy_span text)
{
    unsigned depth = 0;
    bool escaped = false;
    size_t n = 0;

    do {
        switch (text.at[n]) {
        case '"': n += string_length(behind(text, n), &escaped); continue;
        case '{':
        case '[': depth++; break;
        case '}':
        case ']': depth--; break;
        default: break;
        }
        n++;
    } while (depth > 0 && n < text.n);
    return n;
}

/* Takes one value off the front. */
static struct cy_doc take_value(struct cy_span *rest)
{
    struct cy_span text = trimmed(*rest);
    struct cy_doc value = {.kind = CY_DOC_INTEGER};
    size_t n = 0;

    switch (text.at[0]) {
    case '"':
        n = string_length(text, &value.escaped);
        value.kind = CY_DOC_STRING;
        value.text = cy_span_of(text.at + 1, n - 2);
        *rest = behind(text, n);
        return value;
    case '{':
    case '[':
        value.kind = text.at[0] == '{' ? CY_DOC_OBJECT : CY_DOC_ARRAY;
        n = nested_length(text);
        break;
    case 't':
        value.kind = CY_DOC_TRUE;
        n = 4;
        break;
    case 'f':
        value.kind = CY_DOC_FALSE;
        n = 5;
        break;
    case 'n':
        value.kind = CY_DOC_NULL;
        n = 4;
        break;
    default:
        for (n = 1; n < text.n && is_digit(text.at[n]); n++) {
        }
    }
    value.text = cy_span_of(text.at, n);
    *rest = behind(text, n);
    return value;
}

struct cy_doc_walk cy_doc_inside(const struct cy_doc *value)
{
    if (value->kind != CY_DOC_OBJECT && value->kind != CY_DOC_ARRAY)
        return (struct cy_doc_walk){
            .rest = {NULL, 0}
        };
    return (struct cy_doc_walk){.rest = cy_span_of(value->text.at + 1, value->text.n - 2),
                                .keys = value->kind == CY_DOC_OBJECT};
}

bool cy_doc_next(struct cy_doc_walk *walk, struct cy_doc *key, struct cy_doc *value)
{
    *key = (struct cy_doc){.kind = CY_DOC_NONE};
    *value = (struct cy_doc){.kind = CY_DOC_NONE};
    if (trimmed(walk->rest).n == 0)
        return false;
    if (walk->keys)
        *key = take_value(&walk->rest);
    *value = take_value(&walk->rest);
    return true;
}

struct cy_doc cy_doc_member(const struct cy_doc *object, const char *key)
{
    struct cy_doc_walk walk = cy_doc_inside(object);
    struct cy_doc name;
    struct cy_doc value;

    while (cy_doc_next(&walk, &name, &value)) {
        if (cy_doc_is(&name, key))
            return value;
    }
    return (struct cy_doc){.kind = CY_DOC_NONE};
}

bool cy_doc_is(const struct cy_doc *value, const char *text)
{
    const struct cy_span words = cy_span_text(text);
    uint8_t c[4];
    size_t seen = 0;
    size_t at = 0;
    size_t n = 0;

    if (value->kind != CY_DOC_STRING)
        return false;
    if (!value->escaped)
        return cy_span_eq(value->text, words);
    while ((n = next_char(value->text, &at, c)) > 0) {
        if (words.n - seen < n || memcmp(words.at + seen, c, n) != 0)
            return false;
        seen += n;
    }
    return seen == words.n;
}

/* The bytes up to the next escape, all of them when there is none. */
static size_t plain_run(struct cy_span text, size_t at)
{
    const uint8_t *next = memchr(text.at + at, '\\', text.n - at);

    return next == NULL ? text.n - at : (size_t)(next - text.at) - at;
}

cy_err cy_doc_string(const struct cy_doc *value, struct cy_arena *arena, struct cy_span *out)
{
    const struct cy_span text = value->text;
    uint8_t *to = NULL;
    uint8_t c[4];
    size_t at = 0;
    size_t got = 0;

    *out = text;
    if (value->kind != CY_DOC_STRING)
        return cy_fail(CY_E_BAD_JSON, 0);
    if (!value->escaped)
        return CY_OK;
    to = cy_arena_take(arena, text.n); /* an escape is never shorter than its bytes */
    if (to == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    while (at < text.n) {
        const size_t run = plain_run(text, at);
        size_t n = 0;

        memcpy(to + got, text.at + at, run);
        got += run;
        at += run;
        n = next_char(text, &at, c);
        memcpy(to + got, c, n);
        got += n;
    }
    *out = cy_span_of(to, got);
    return CY_OK;
}

cy_err cy_doc_u64(const struct cy_doc *value, uint64_t *out)
{
    if (value->kind != CY_DOC_INTEGER && (value->kind != CY_DOC_STRING || value->escaped))
        return cy_fail(CY_E_BAD_JSON, 0);
    return cy_ok(cy_u64_read(value->text, out)) ? CY_OK : cy_fail(CY_E_BAD_JSON, 0);
}

#include "models/screen/screen_quality.h"

#include <stdlib.h>

#define WORDS_MAX 16u
#define LEAST_THRESHOLD 700u
#define RESULTS 16u

const char *cy_variant_name(enum cy_variant variant)
{
    static const char *const names[] = {"as listed",
                                        "one error",
                                        "two errors",
                                        "respelt",
                                        "words turned round",
                                        "initial",
                                        "word missing",
                                        "word more",
                                        "words joined",
                                        "other legal form",
                                        "Cyrillic",
                                        "Greek",
                                        "Arabic",
                                        "Hebrew",
                                        "Katakana",
                                        "Hangul",
                                        "listed alias, one error",
                                        "real alias",
                                        "not listed (false alarms)",
                                        "not listed, Katakana",
                                        "not listed, Hangul",
                                        "not listed, Greek"};

    return names[variant];
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t draw(uint64_t *state, uint64_t below)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (z ^ z >> 31) % below;
}

/* A name cut at its spaces; words borrow the text. */
struct words {
    char text[CY_FOLD_BYTES_MAX];
    char *at[WORDS_MAX];
    size_t n;
};

static bool split(const char *name, struct words *out)
{
    char *rest = out->text;

    out->n = 0;
    if (strlen(name) >= sizeof out->text)
        return false;
    memcpy(out->text, name, strlen(name) + 1);
    for (char *word = strtok_r(rest, " ,", &rest); word != NULL;
         word = strtok_r(NULL, " ,", &rest)) {
        if (out->n == WORDS_MAX)
            return false;
        out->at[out->n++] = word;
    }
    return out->n > 0;
}

static bool join(const struct words *words, char *out, size_t cap)
{
    struct cy_text text = cy_text_on(out, cap);

    for (size_t i = 0; i < words->n; i++) {
        cy_text_add(&text, i > 0 ? " " : "");
        cy_text_add(&text, words->at[i]);
    }
    return !text.full && text.n > 0;
}

static bool latin(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* A word of at least five letters, drawn; NULL when there is none. */
static char *long_word(struct words *words, uint64_t *state)
{
    const size_t from = draw(state, words->n);

    for (size_t i = 0; i < words->n; i++) {
        char *word = words->at[(from + i) % words->n];
        size_t n = 0;

        while (latin(word[n]))
            n++;
        if (n >= 5 && word[n] == 0)
            return word;
    }
    return NULL;
}

/* One error inside a word, never at its first letter; words grow into room of their own. */
static void misspell(const char *word, uint64_t *state, char *out)
{
    const size_t n = strlen(word);
    const size_t at = 1 + draw(state, n - 2);
    const char letter = (char)((word[at] >= 'a' ? 'a' : 'A') + (int)draw(state, 26));

    memcpy(out, word, n + 1);
    switch (draw(state, 4)) {
    case 0: out[at] = letter; break;
    case 1: memmove(out + at, out + at + 1, n - at); break;
    case 2:
        memmove(out + at + 1, out + at, n - at + 1);
        out[at] = letter;
        break;
    default:
        out[at] = word[at + 1];
        out[at + 1] = word[at];
        break;
    }
}

static bool typo(struct words *words, uint64_t *state, unsigned errors, char *out, size_t cap)
{
    char changed[2][64];
    char *before = NULL;

    for (unsigned i = 0; i < errors; i++) {
        char *word = long_word(words, state);

        if (word == NULL || strlen(word) + 2 > sizeof changed[0])
            return false;
        if (word == before && strlen(word) < 8)
            return false;
        misspell(word, state, changed[i]);
        for (size_t k = 0; k < words->n; k++) {
            if (words->at[k] == word)
                words->at[k] = before = changed[i];
        }
    }
    return join(words, out, cap);
}

/* Spellings that stand for each other between transliterations. */
static bool respell(const char *name, uint64_t *state, char *out, size_t cap)
{
    static const char *const pairs[][2] = {
        {"ou", "u"  },
        {"ee", "i"  },
        {"oo", "u"  },
        {"kh", "h"  },
        {"gh", "g"  },
        {"q",  "k"  },
        {"v",  "w"  },
        {"ph", "f"  },
        {"y",  "i"  },
        {"zh", "j"  },
        {"iy", "y"  },
        {"ts", "tz" },
        {"ch", "tch"},
        {"mm", "m"  },
        {"ss", "s"  },
        {"dd", "d"  },
        {"ll", "l"  },
        {"ae", "e"  },
        {"sh", "sch"},
        {"u",  "ou" },
        {"k",  "q"  },
        {"w",  "v"  },
        {"e",  "i"  },
        {"a",  "e"  },
    };
    char lower[CY_FOLD_BYTES_MAX];
    const size_t n = strlen(name);
    const size_t from = draw(state, CY_COUNT(pairs));

    if (n + 8 >= sizeof lower || n + 8 >= cap)
        return false;
    for (size_t i = 0; i <= n; i++)
        lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
    for (size_t i = 0; i < CY_COUNT(pairs); i++) {
        const char *const *pair = pairs[(from + i) % CY_COUNT(pairs)];
        const char *found = strstr(lower + 1, pair[0]);
        const size_t at = found == NULL ? 0 : (size_t)(found - lower);

        if (found == NULL || !latin(lower[at - 1]))
            continue;
        memcpy(out, lower, at);
        memcpy(out + at, pair[1], strlen(pair[1]));
        memcpy(out + at + strlen(pair[1]), found + strlen(pair[0]), n - at - strlen(pair[0]) + 1);
        return true;
    }
    return false;
}

static bool turned(struct words *words, char *out, size_t cap)
{
    for (size_t i = 0; i < words->n / 2; i++) {
        char *word = words->at[i];

        words->at[i] = words->at[words->n - 1 - i];
        words->at[words->n - 1 - i] = word;
    }
    return words->n > 1 && join(words, out, cap);
}

static bool initial(struct words *words, char *out, size_t cap)
{
    char *last = words->at[words->n - 1];

    if (words->n < 2 || strlen(last) < 3 || !latin(last[0]))
        return false;
    last[1] = '.';
    last[2] = 0;
    return join(words, out, cap);
}

static bool drop(struct words *words, uint64_t *state, char *out, size_t cap)
{
    const size_t at = words->n < 3 ? 0 : 1 + draw(state, words->n - 1);

    if (words->n < 3)
        return false;
    memmove(words->at + at, words->at + at + 1, (words->n - at - 1) * sizeof words->at[0]);
    words->n--;
    return join(words, out, cap);
}

static bool add(struct words *words, uint64_t *state, enum cy_listed_kind kind, char *out,
                size_t cap)
{
    static const char *const given[] = {"Aleksandr", "Maria", "Hassan", "Jose", "Ivan", "Chen"};
    static const char *const firm[] = {"International", "Group",    "Trading",
                                       "Holding",       "Services", "General"};
    char word[32];
    const char *more = (kind == CY_LISTED_PERSON ? given : firm)[draw(state, 6)];

    if (words->n < 2 || words->n == WORDS_MAX)
        return false;
    memcpy(word, more, strlen(more) + 1);
    words->at[words->n++] = word;
    return join(words, out, cap);
}

static bool joined(struct words *words, uint64_t *state, char *out, size_t cap)
{
    const size_t at = words->n < 2 ? 0 : draw(state, words->n - 1);
    char word[CY_FOLD_BYTES_MAX];
    struct cy_text text = cy_text_on(word, sizeof word);

    if (words->n < 2 || strlen(words->at[at]) + strlen(words->at[at + 1]) > CY_JOINED_LETTERS_MAX)
        return false;
    cy_text_add(&text, words->at[at]);
    cy_text_add(&text, words->at[at + 1]);
    words->at[at] = word;
    memmove(words->at + at + 1, words->at + at + 2, (words->n - at - 2) * sizeof words->at[0]);
    words->n--;
    return join(words, out, cap);
}

static bool other_form(struct words *words, enum cy_listed_kind kind, char *out, size_t cap)
{
    static const char *const forms[] = {"LTD",   "LTD.", "LLC",     "CO.",     "INC.",   "INC",
                                        "CORP.", "GMBH", "LIMITED", "COMPANY", "L.L.C.", "S.A."};
    char word[] = "Limited Liability Company";
    const char *last = words->at[words->n - 1];

    for (size_t i = 0; i < CY_COUNT(forms); i++) {
        if (strcmp(last, forms[i]) == 0 && words->n > 1 && kind != CY_LISTED_PERSON) {
            words->at[words->n - 1] = word;
            return join(words, out, cap);
        }
    }
    return false;
}

bool cy_variant_make(enum cy_variant variant, const char *name, enum cy_listed_kind kind,
                     uint64_t *state, char *out, size_t cap)
{
    struct words words;

    if (!split(name, &words))
        return false;
    switch (variant) {
    case CY_VARIANT_SAME:
    case CY_VARIANT_ALIAS:
    case CY_VARIANT_HELD_OUT:
        memcpy(out, name, strlen(name) + 1 > cap ? cap : strlen(name) + 1);
        out[cap - 1] = 0;
        return true;
    case CY_VARIANT_LISTED_ALIAS:
    case CY_VARIANT_TYPO: return typo(&words, state, 1, out, cap);
    case CY_VARIANT_TYPOS: return typo(&words, state, 2, out, cap);
    case CY_VARIANT_RESPELT: return respell(name, state, out, cap);
    case CY_VARIANT_ORDER: return turned(&words, out, cap);
    case CY_VARIANT_INITIAL: return kind == CY_LISTED_PERSON && initial(&words, out, cap);
    case CY_VARIANT_DROPPED: return drop(&words, state, out, cap);
    case CY_VARIANT_ADDED: return add(&words, state, kind, out, cap);
    case CY_VARIANT_JOINED: return joined(&words, state, out, cap);
    case CY_VARIANT_FORM: return other_form(&words, kind, out, cap);
    case CY_VARIANT_CYRILLIC: return cy_scripted("Cyrillic", name, out, cap);
    case CY_VARIANT_HELD_OUT_GREEK:
    case CY_VARIANT_GREEK: return cy_scripted("Greek", name, out, cap);
    case CY_VARIANT_ARABIC:
        return kind == CY_LISTED_PERSON && cy_scripted("Arabic", name, out, cap);
    case CY_VARIANT_HEBREW:
        return kind == CY_LISTED_PERSON && cy_scripted("Hebrew", name, out, cap);
    case CY_VARIANT_HELD_OUT_KATAKANA:
    case CY_VARIANT_KATAKANA: return cy_scripted("Katakana", name, out, cap);
    case CY_VARIANT_HELD_OUT_HANGUL:
    case CY_VARIANT_HANGUL: return cy_scripted("Hangul", name, out, cap);
    case CY_VARIANTS: break;
    }
    return false;
}

/* --- measuring --- */

enum { HELD_OUT, ALIASES_OUT, PARTS = 5 };

static bool left_out(const void *of, const struct cy_listed *entry, size_t name)
{
    const struct cy_list *list = of;
    const size_t part = (size_t)(entry - list->entries) % PARTS;

    return part == HELD_OUT || (part == ALIASES_OUT && name > 0);
}

/* Asked for though it is not there: any hit is a false alarm. */
static bool held_out(enum cy_variant variant)
{
    return variant >= CY_VARIANT_HELD_OUT && variant < CY_VARIANTS;
}

struct meter {
    struct cy_screen *screen;
    const struct cy_screen_index *index;
    const struct cy_list *list;
    struct cy_quality *quality;
    size_t most;
};

static void ask(struct meter *m, enum cy_variant variant, const struct cy_listed *entry,
                const char *name)
{
    struct cy_screen_result results[RESULTS];
    const struct cy_screen_query query = {
        .name = name, .n = strlen(name), .threshold = LEAST_THRESHOLD, .any_kind = true};
    const size_t n = cy_screen_ask(m->screen, &query, NULL, results, RESULTS);
    int score = 0;

    for (size_t i = 0; i < n && score == 0; i++) {
        if (held_out(variant) || m->index->entries[results[i].entry].listed == entry)
            score = results[i].score;
    }
    m->quality->asked[variant]++;
    for (size_t i = 0; i < CY_QUALITY_LEVELS; i++)
        m->quality->hit[variant][i] += score >= (int)m->quality->thresholds[i];
}

static void ask_entry(struct meter *m, enum cy_variant variant, size_t i, uint64_t *state)
{
    const struct cy_listed *entry = &m->list->entries[i];
    char text[4 * CY_FOLD_BYTES_MAX];

    if (variant == CY_VARIANT_ALIAS || variant == CY_VARIANT_LISTED_ALIAS) {
        for (size_t k = 1; k < entry->n_names; k++) {
            if (cy_variant_make(variant, entry->names[k].text, entry->kind, state, text,
                                sizeof text))
                ask(m, variant, entry, text);
        }
        return;
    }
    if (cy_variant_make(variant, entry->names[0].text, entry->kind, state, text, sizeof text))
        ask(m, variant, entry, text);
}

static void measure(struct meter *m, uint64_t seed)
{
    for (unsigned v = 0; v < CY_VARIANTS; v++) {
        uint64_t state = seed * 1000 + v;

        for (size_t i = 0; i < m->list->n && m->quality->asked[v] < m->most; i++) {
            const size_t at = (i * 7919) % m->list->n; /* spread over the list */
            const size_t part = at % PARTS;
            const bool mine = held_out((enum cy_variant)v) ? part == HELD_OUT
                              : v == CY_VARIANT_ALIAS      ? part == ALIASES_OUT
                                                           : part > ALIASES_OUT;

            if (mine)
                ask_entry(m, (enum cy_variant)v, at, &state);
        }
    }
}

cy_err cy_quality_measure(const struct cy_list *list, struct cy_folder *folder, uint64_t seed,
                          size_t most_each, struct cy_quality *out)
{
    struct cy_screen_index index;
    struct meter m = {.index = &index, .list = list, .quality = out, .most = most_each};
    cy_err err = CY_OK;

    *out = (struct cy_quality){
        .thresholds = {700, 750, 780, 800, 820, 850, 900}
    };
    CY_TRY(cy_screen_index_make(&list, 1, folder, left_out, list, &index));
    out->names = index.n_names;
    err = cy_screen_open(&index, folder, &m.screen);
    if (cy_ok(err)) {
        measure(&m, seed);
        cy_screen_close(m.screen);
        if (cy_folder_failed(folder))
            err = cy_fail(CY_E_NO_MEMORY, 0);
    }
    cy_screen_index_free(&index);
    return err;
}

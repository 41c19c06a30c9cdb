#include "models/screen/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>
#include <unicode/utrans.h>
#include <unicode/uversion.h>

#define UNITS_MAX 1024 /* UTF-16 units while transliterating */
#define SOURCE_MAX 512 /* bytes of a name that are read */

struct cy_folder {
    UTransliterator *latin; /* made when first needed: it takes a tenth of a second */
    bool failed;
};

/* Cyrillic as the lists print it; the rest by ICU. Upper case first, so that one table is enough.
 */
static const char rules[] =
    ":: [:Cyrillic:] Upper;"
    "Щ>SHCH; Ш>SH; Ч>CH; Ж>ZH; Х>KH; Ц>TS; Ю>YU; Я>YA; Ё>E; Й>Y; Ы>Y; Э>E; Ъ>; Ь>; Є>YE; І>I;"
    "Ї>YI; Ґ>G; Ў>U; Ә>A; Ғ>G; Қ>K; Ң>NG; Ө>O; Ұ>U; Ү>U; Һ>H; Ҳ>H; Ҷ>J; Ӣ>I; Ӯ>U; Ј>J; Љ>LJ; Њ>NJ;"
    "Ћ>C; Ђ>DJ; Џ>DZ; Ѓ>G; Ќ>K; Ѕ>DZ;"
    ":: Any-Latin; ʿ>a; :: Latin-ASCII; :: [[:Lm:][:Mn:]] Remove; :: Upper;";

static UTransliterator *open_rules(const char *id, const char *text)
{
    UChar wide_id[64];
    UChar wide[UNITS_MAX];
    int32_t n_id = 0;
    int32_t n = 0;
    UErrorCode error = U_ZERO_ERROR;
    UParseError place;
    UTransliterator *made = NULL;

    u_strFromUTF8(wide_id, CY_COUNT(wide_id), &n_id, id, -1, &error);
    if (text != NULL)
        u_strFromUTF8(wide, UNITS_MAX, &n, text, -1, &error);
    if (U_FAILURE(error))
        return NULL;
    made =
        utrans_openU(wide_id, n_id, UTRANS_FORWARD, text == NULL ? NULL : wide, n, &place, &error);
    return U_FAILURE(error) ? NULL : made;
}

cy_err cy_folder_open(struct cy_folder **out)
{
    struct cy_folder *folder = calloc(1, sizeof *folder);

    *out = folder;
    return folder == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;
}

void cy_folder_close(struct cy_folder *folder)
{
    if (folder == NULL)
        return;
    if (folder->latin != NULL)
        utrans_close(folder->latin);
    free(folder);
}

bool cy_folder_failed(const struct cy_folder *folder)
{
    return folder->failed;
}

const char *cy_folder_version(void)
{
    return "ICU " U_ICU_VERSION " Unicode " U_UNICODE_VERSION;
}

/* UTF-8 through a transliterator; what is no UTF-8 becomes U+FFFD, a mark. */
static bool carry(UTransliterator *way, const char *from, size_t n, char *to, size_t cap)
{
    UChar wide[UNITS_MAX];
    int32_t units = 0;
    int32_t bytes = 0;
    int32_t limit = 0;
    UErrorCode error = U_ZERO_ERROR;

    u_strFromUTF8WithSub(wide, UNITS_MAX / 2, &units, from, (int32_t)n, 0xFFFD, NULL, &error);
    limit = units;
    if (U_SUCCESS(error))
        utrans_transUChars(way, wide, &units, UNITS_MAX, 0, &limit, &error);
    u_strToUTF8WithSub(to, (int32_t)cap - 1, &bytes, wide, units, 0xFFFD, NULL, &error);
    if (U_FAILURE(error))
        return false;
    to[bytes] = 0;
    return true;
}

static bool between(UChar32 c, UChar32 first, UChar32 last)
{
    return c >= first && c <= last;
}

static enum cy_writing writing_of(const char *name, size_t n)
{
    enum cy_writing writing = CY_WRITING_FULL;

    for (int32_t i = 0; i < (int32_t)n;) {
        UChar32 c = 0;

        U8_NEXT((const uint8_t *)name, i, (int32_t)n, c);
        if (between(c, 0x590, 0x77F) || between(c, 0xFB1D, 0xFDFF) || between(c, 0xFE70, 0xFEFE))
            return CY_WRITING_SKELETAL;
        if (between(c, 0x370, 0x3FF) || between(c, 0x1F00, 0x1FFF) || /* Greek */
            between(c, 0x3041, 0x30FF) || between(c, 0x31F0, 0x31FF) ||
            between(c, 0xFF66, 0xFF9F) || /* kana */
            between(c, 0x1100, 0x11FF) || between(c, 0x3131, 0x318E) ||
            between(c, 0xAC00, 0xD7FB)) /* hangul */
            writing = CY_WRITING_SYLLABIC;
    }
    return writing;
}

static bool plain(const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((uint8_t)name[i] >= 0x80)
            return false;
    }
    return true;
}

/* Marks part words, apostrophes and the like join them. */
static void cut_words(const char *from, struct cy_folded *out)
{
    size_t n = 0;
    size_t begin = 0;

    for (const char *at = from;; at++) {
        const char c = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
        const bool letter = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (letter && n - begin < CY_WORD_LETTERS_MAX && n + 2 < sizeof out->text)
            out->text[n++] = c;
        else if (letter)
            out->cut = true;
        else if (*at != '\'' && *at != '`' && n > begin) {
            out->text[n] = 0;
            if (out->n == CY_WORDS_MAX) {
                out->cut = true;
                return;
            }
            out->words[out->n] =
                (struct cy_word){(uint16_t)begin, (uint8_t)(n - begin), (uint8_t)out->n};
            out->n++;
            begin = ++n;
        }
        if (*at == 0)
            return;
    }
}

/* Legal forms: what is written, and the one word for it. Longer ones stand before those that they
 * begin with. */
static const char *const forms[][2] = {
    {"OPEN JOINT STOCK COMPANY",                     "JSC" },
    {"PUBLIC JOINT STOCK COMPANY",                   "JSC" },
    {"CLOSED JOINT STOCK COMPANY",                   "JSC" },
    {"PRIVATE JOINT STOCK COMPANY",                  "JSC" },
    {"JOINT STOCK COMPANY",                          "JSC" },
    {"JOINT STOCK CO",                               "JSC" },
    {"JOINT STOCK",                                  "JSC" },
    {"OTKRYTOE AKTSIONERNOE OBSHCHESTVO",            "JSC" },
    {"PUBLICHNOE AKTSIONERNOE OBSHCHESTVO",          "JSC" },
    {"ZAKRYTOE AKTSIONERNOE OBSHCHESTVO",            "JSC" },
    {"AKTSIONERNOE OBSHCHESTVO",                     "JSC" },
    {"OBSHCHESTVO S OGRANICHENNOI OTVETSTVENNOSTYU", "LLC" },
    {"OBSHCHESTVO S OGRANICHENNOY OTVETSTVENNOSTYU", "LLC" },
    {"LIMITED LIABILITY COMPANY",                    "LLC" },
    {"LIMITED LIABILITY PARTNERSHIP",                "LLP" },
    {"PRIVATE LIMITED COMPANY",                      "LTD" },
    {"PUBLIC LIMITED COMPANY",                       "PLC" },
    {"PRIVATE LIMITED",                              "LTD" },
    {"PVT LTD",                                      "LTD" },
    {"PTE LTD",                                      "LTD" },
    {"PTY LTD",                                      "LTD" },
    {"SDN BHD",                                      "LTD" },
    {"COMPANY LIMITED",                              "LTD" },
    {"COMPANY LTD",                                  "LTD" },
    {"CO LIMITED",                                   "LTD" },
    {"CO LTD",                                       "LTD" },
    {"S A DE C V",                                   "SA"  },
    {"SA DE CV",                                     "SA"  },
    {"S DE R L DE C V",                              "SRL" },
    {"S DE R L",                                     "SRL" },
    {"S A R L",                                      "SARL"},
    {"S A S",                                        "SAS" },
    {"S P A",                                        "SPA" },
    {"S R L",                                        "SRL" },
    {"S L",                                          "SL"  },
    {"S A",                                          "SA"  },
    {"L L C",                                        "LLC" },
    {"L L P",                                        "LLP" },
    {"L T D",                                        "LTD" },
    {"P L C",                                        "PLC" },
    {"G M B H",                                      "GMBH"},
    {"B V",                                          "BV"  },
    {"N V",                                          "NV"  },
    {"A G",                                          "AG"  },
    {"A S",                                          "AS"  },
    {"D O O",                                        "DOO" },
    {"O O O",                                        "LLC" },
    {"O A O",                                        "JSC" },
    {"Z A O",                                        "JSC" },
    {"P A O",                                        "JSC" },
    {"LTD",                                          "LTD" },
    {"LIMITED",                                      "LTD" },
    {"LTDA",                                         "LTD" },
    {"LLC",                                          "LLC" },
    {"LLP",                                          "LLP" },
    {"PLC",                                          "PLC" },
    {"INC",                                          "INC" },
    {"INCORPORATED",                                 "INC" },
    {"CORP",                                         "INC" },
    {"CORPORATION",                                  "INC" },
    {"CO",                                           "CO"  },
    {"COMPANY",                                      "CO"  },
    {"COMPANIA",                                     "CO"  },
    {"CIA",                                          "CO"  },
    {"SA",                                           "SA"  },
    {"SARL",                                         "SARL"},
    {"SAS",                                          "SAS" },
    {"SPA",                                          "SPA" },
    {"SRL",                                          "SRL" },
    {"GMBH",                                         "GMBH"},
    {"GESELLSCHAFT MIT BESCHRANKTER HAFTUNG",        "GMBH"},
    {"AKTIENGESELLSCHAFT",                           "AG"  },
    {"AG",                                           "AG"  },
    {"KG",                                           "KG"  },
    {"BV",                                           "BV"  },
    {"NV",                                           "NV"  },
    {"OY",                                           "OY"  },
    {"OYJ",                                          "OY"  },
    {"AB",                                           "AB"  },
    {"ASA",                                          "AS"  },
    {"DOO",                                          "DOO" },
    {"EOOD",                                         "DOO" },
    {"OOD",                                          "DOO" },
    {"OOO",                                          "LLC" },
    {"TOO",                                          "LLC" },
    {"OAO",                                          "JSC" },
    {"ZAO",                                          "JSC" },
    {"PAO",                                          "JSC" },
    {"AO",                                           "JSC" },
    {"JSC",                                          "JSC" },
    {"OJSC",                                         "JSC" },
    {"PJSC",                                         "JSC" },
    {"CJSC",                                         "JSC" },
    {"PJS",                                          "JSC" },
    {"FZE",                                          "FZE" },
    {"FZCO",                                         "FZE" },
    {"FZC",                                          "FZE" },
    {"PTE",                                          "LTD" },
    {"PVT",                                          "LTD" },
    {"PTY",                                          "LTD" },
    {"KABUSHIKI KAISHA",                             "KK"  },
    {"SHIRKAT",                                      "CO"  },
};

/* A word and a word of a form: equal, or of one sound where the script mixes letters up. A single
 * letter may have a vowel more (S A: SU A); forms of two and three letters sound like too much. */
static bool same_word(const struct cy_folded *name, size_t i, const char *word, size_t n)
{
    char own[CY_SOUND_MAX];
    char other[CY_SOUND_MAX];

    if (name->words[i].n == n && memcmp(cy_word(name, i), word, n) == 0)
        return true;
    if (name->writing != CY_WRITING_SYLLABIC || (n == 1 && name->words[i].n > 3) || n == 2 ||
        n == 3)
        return false;
    return cy_sound_syllabic(cy_word(name, i), name->words[i].n, own) ==
               cy_sound_syllabic(word, n, other) &&
           (n == 1 || own[1] != 0) && strcmp(own, other) == 0;
}

/* How many words from the i-th spell that form; 0: they do not. */
static size_t spells(const struct cy_folded *name, size_t i, const char *form)
{
    size_t words = 0;

    while (*form != 0) {
        const size_t n = strcspn(form, " ");

        if (i + words == name->n || !same_word(name, i + words, form, n))
            return 0;
        words++;
        form += n + (form[n] == ' ');
    }
    return words;
}

/* A form begins no name: "CO" of "Co, Nguyen" and "AG" of "Ag Acharif" are words. */
static size_t form_at(const struct cy_folded *name, size_t i, const char **canonical)
{
    for (size_t k = 0; k < CY_COUNT(forms); k++) {
        const size_t words = spells(name, i, forms[k][0]);

        if (words > 0 && (i > 0 || (words < name->n && name->words[i].n >= 3))) {
            *canonical = forms[k][1];
            return words;
        }
    }
    return 0;
}

/* Arabic writes its article with the word: ALQDHAFY is AL QDHAFY. */
static void part_articles(struct cy_folded *name)
{
    struct cy_folded rest = {.n = 0};
    size_t at = 0;

    for (size_t i = 0; i < name->n && rest.n + 2 < CY_WORDS_MAX; i++) {
        const char *word = cy_word(name, i);
        const size_t n = name->words[i].n;
        const size_t article = n >= 5 && word[0] == 'A' && word[1] == 'L' ? 2 : 0;

        if (at + n + 2 > sizeof rest.text)
            break;
        if (article > 0) {
            memcpy(rest.text + at, "AL", 3);
            rest.words[rest.n] = (struct cy_word){(uint16_t)at, 2, (uint8_t)rest.n};
            rest.n++;
            at += 3;
        }
        memcpy(rest.text + at, word + article, n - article);
        rest.words[rest.n] =
            (struct cy_word){(uint16_t)at, (uint8_t)(n - article), (uint8_t)rest.n};
        rest.n++;
        at += n - article;
        rest.text[at++] = 0;
    }
    memcpy(name->text, rest.text, at);
    memcpy(name->words, rest.words, sizeof rest.words);
    name->n = rest.n;
}

static void take_forms(struct cy_folded *name)
{
    struct cy_folded rest = {.n = 0};

    for (size_t i = 0; i < name->n;) {
        const char *canonical = NULL;
        const size_t words = form_at(name, i, &canonical);

        if (words == 0) {
            rest.words[rest.n++] = name->words[i++];
            continue;
        }
        if (rest.n_forms < CY_COUNT(rest.forms))
            rest.forms[rest.n_forms++] = canonical;
        i += words;
    }
    if (rest.n == 0)
        return;
    memcpy(name->words, rest.words, rest.n * sizeof rest.words[0]);
    name->n = rest.n;
    memcpy(name->forms, rest.forms, sizeof rest.forms);
    name->n_forms = rest.n_forms;
}

void cy_fold(struct cy_folder *folder, const char *name, size_t n, struct cy_folded *out)
{
    char source[SOURCE_MAX + 1];
    char latin[4 * UNITS_MAX];

    out->n = 0;
    out->n_forms = 0;
    out->writing = CY_WRITING_FULL;
    out->cut = n > SOURCE_MAX;
    if (out->cut) {
        n = SOURCE_MAX;
        while (n > 0 && ((uint8_t)name[n] & 0xC0) == 0x80)
            n--;
    }
    if (plain(name, n)) {
        memcpy(source, name, n);
        source[n] = 0;
        cut_words(source, out);
    } else {
        out->writing = writing_of(name, n);
        if (folder->latin == NULL && !folder->failed)
            folder->latin = open_rules("comity-names", rules);
        if (folder->latin == NULL || !carry(folder->latin, name, n, latin, sizeof latin)) {
            folder->failed = true;
            return;
        }
        cut_words(latin, out);
        if (out->writing == CY_WRITING_SKELETAL)
            part_articles(out);
    }
    take_forms(out);
}

/* Latin letters as Russian newspapers write names; ICU's own way is that of librarians. */
static const char cyrillic[] =
    ":: Lower; shch>щ; sch>ш; sh>ш; ch>ч; zh>ж; kh>х; ts>ц; yu>ю; ya>я; yo>ё; ye>е; ph>ф; th>т;"
    "ck>к; ee>и; oo>у; ou>у; a>а; b>б; c>к; d>д; e>е; f>ф; g>г; h>х; i>и; j>дж; k>к; l>л; m>м; n>н;"
    "o>о; p>п; q>к; r>р; s>с; t>т; u>у; v>в; w>в; x>кс; y>й; z>з;";

bool cy_scripted(const char *script, const char *name, char *out, size_t cap)
{
    char id[64];
    UTransliterator *way = NULL;
    bool done = false;

    (void)snprintf(id, sizeof id, "Lower; Latin-%s", script);
    way = strcmp(script, "Cyrillic") == 0 ? open_rules("comity-cyrillic", cyrillic)
                                          : open_rules(id, NULL);
    if (way == NULL)
        return false;
    done = carry(way, name, strlen(name), out, cap);
    utrans_close(way);
    return done;
}

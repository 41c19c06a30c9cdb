#include "verify/report.h"

#include "base/date.h"
#include "wire/print.h"

void cy_report_begin(struct comity_report *report)
{
    memset(report, 0, sizeof *report);
}

bool cy_report_step(struct comity_report *report, enum comity_step_kind kind, cy_err err,
                    uint64_t a, uint64_t b)
{
    CY_ASSERT(report->error == 0);
    CY_ASSERT(report->n_steps < COMITY_STEPS_MAX);
    report->steps[report->n_steps++] =
        (struct comity_step){.kind = kind, .error = (int32_t)err.code, .a = a, .b = b};
    report->error = (int32_t)err.code;
    report->detail = err.detail;
    return cy_ok(err);
}

bool cy_report_unless(struct comity_report *report, enum comity_step_kind kind, cy_err err)
{
    return cy_ok(err) || cy_report_step(report, kind, err, 0, 0);
}

void cy_report_text(char *out, size_t cap, struct cy_span text)
{
    size_t n = text.n < cap ? text.n : cap - 1;

    while (n > 0 && n < text.n && (text.at[n] & 0xc0) == 0x80) /* not inside a character */
        n--;
    if (n > 0)
        memcpy(out, text.at, n);
    out[n] = 0;
}

const char *cy_kind_text(uint32_t kind)
{
    static const char *const words[] = {
        [COMITY_KIND_NONE] = "file",
        [COMITY_KIND_CHECKPOINT] = "checkpoint",
        [COMITY_KIND_PROOF] = "tlog-proof",
        [COMITY_KIND_RECEIPT] = "receipt",
        [COMITY_KIND_COSE_RECEIPT] = "COSE receipt",
        [COMITY_KIND_ACT] = "act",
        [COMITY_KIND_BUNDLE] = "answer bundle",
        [COMITY_KIND_HEADS] = "two heads",
        [COMITY_KIND_EVIDENCE] = "evidence",
    };

    return words[kind < CY_COUNT(words) ? kind : COMITY_KIND_NONE];
}

/* --- sentences --- */

/* Writes a sentence with %a, %b and %c for the step's numbers, %k of the cosigned, %n of the
 * needed, %w of the witnesses, %o the ledger's name, %s what the act says, %t the second number as
 * a time, %h the key of evidence. */
static void say(const struct comity_report *r, const struct comity_step *step, const char *words,
                struct cy_text *out)
{
    for (const char *at = words; *at != 0; at++) {
        if (*at != '%') {
            cy_text_span(out, cy_span_of(at, 1));
            continue;
        }
        switch (*++at) {
        case 'a': cy_text_u64(out, step->a); break;
        case 'b': cy_text_u64(out, step->b); break;
        case 'c': cy_text_u64(out, step->c); break;
        case 'k': cy_text_u64(out, r->cosigned); break;
        case 'n': cy_text_u64(out, r->need); break;
        case 'w': cy_text_u64(out, r->witnesses); break;
        case 'o': cy_text_add(out, r->origin); break;
        case 's': cy_text_add(out, r->say); break;
        case 't': cy_time_text(out, step->b); break;
        case 'h': cy_text_hex(out, cy_span_of(r->key, sizeof r->key)); break;
        default: CY_NEVER("a place of a sentence");
        }
    }
}

/* What a step says when it holds, and when it does not. */
static const struct sentence {
    enum comity_step_kind step;
    enum comity_kind kind; /* NONE: of any kind that has no row of its own above it */
    const char *holds;
    const char *fails; /* NULL: the same */
} sentences[] = {
    {COMITY_STEP_FORM,           COMITY_KIND_PROOF,        "the proof is in the form c2sp.org/tlog-proof@v1",       NULL                                                               },
    {COMITY_STEP_FORM,           COMITY_KIND_RECEIPT,      "the proof is in the form c2sp.org/tlog-proof@v1",
     NULL                                                                                                                                                                              },
    {COMITY_STEP_FORM,           COMITY_KIND_HEADS,        "the file is in the form comity heads@v1",               NULL                                                               },
    {COMITY_STEP_FORM,           COMITY_KIND_EVIDENCE,     "the file is in the form comity evidence@v1",            NULL                                                               },
    {COMITY_STEP_FORM,           COMITY_KIND_BUNDLE,       "form: a bundle@v1 document",                            NULL                                                               },
    {COMITY_STEP_FORM,           COMITY_KIND_COSE_RECEIPT, "it is a COSE receipt",
     "a receipt of consistency proves no entry; compare two checkpoints instead"                                                                                                       },
    {COMITY_STEP_HEAD,           COMITY_KIND_BUNDLE,
     "checkpoint of %a entries: signed by the ledger's key, cosigned by %k",                                        "signed head and place of the tick in the ledger"                  },
    {COMITY_STEP_HEAD,           COMITY_KIND_NONE,
     "checkpoint of %o, %a entries: signed by the ledger's key, cosigned by %k of %w witnesses",                    "the checkpoint is signed by %o and cosigned by %n of %w witnesses"},
    {COMITY_STEP_POLICY_HEAD,    COMITY_KIND_BUNDLE,
     "checkpoint of %o, %a entries: cosigned by %k of the %w whom the policy names, which meets it",                "signed head and place of the tick in the ledger"                  },
    {COMITY_STEP_POLICY_HEAD,    COMITY_KIND_NONE,
     "checkpoint of %o, %a entries: cosigned by %k of the %w whom the policy names, which meets it",                "the checkpoint is of %o and its cosignatures meet the policy"     },
    {COMITY_STEP_HOLDS_ENTRY,    COMITY_KIND_COSE_RECEIPT, "the receipt holds the entry",
     "a COSE receipt does not hold the entry; give --entry FILE"                                                                                                                       },
    {COMITY_STEP_HOLDS_ENTRY,    COMITY_KIND_NONE,         "the proof holds the entry, %a bytes",
     "the proof does not hold the entry; give --entry FILE"                                                                                                                            },
    {COMITY_STEP_PLACE,          COMITY_KIND_BUNDLE,       "the tick has its place in the ledger",
     "signed head and place of the tick in the ledger"                                                                                                                                 },
    {COMITY_STEP_PLACE,          COMITY_KIND_NONE,
     "entry %a is in the tree under that checkpoint (%b hashes)",                                                   NULL                                                               },
    {COMITY_STEP_ENTRY,          COMITY_KIND_NONE,         "the entry is an act of %a bytes",                       NULL                                                               },
    {COMITY_STEP_ALONE,          COMITY_KIND_NONE,
     "that it stands in a ledger is not shown by the act alone",                                                    NULL                                                               },
    {COMITY_STEP_NAMES_ACT,      COMITY_KIND_NONE,         "the receipt names this act",                            NULL                                                               },
    {COMITY_STEP_NAMES_PLACE,    COMITY_KIND_NONE,         "the receipt names this place in the ledger",            NULL                                                               },
    {COMITY_STEP_COSE_KEY,       COMITY_KIND_NONE,         "the receipt names the ledger's key",                    NULL                                                               },
    {COMITY_STEP_COSE_WITNESSES, COMITY_KIND_NONE,         "no witness is asked for",
     "no witness can sign a COSE receipt; ask for none, or for the tlog-proof"                                                                                                         },
    {COMITY_STEP_COSE_PATH,      COMITY_KIND_NONE,
     "its path leads from entry %a to a root of %b entries",                                                        NULL                                                               },
    {COMITY_STEP_COSE_SIGNATURE, COMITY_KIND_NONE,         "the ledger's key signed that root",                     NULL                                                               },
    {COMITY_STEP_QUESTION,       COMITY_KIND_NONE,         "question",                                              NULL                                                               },
    {COMITY_STEP_TICK,           COMITY_KIND_NONE,         "entry %a is a tick of %t that names a state root",
     "signed head and place of the tick in the ledger"                                                                                                                                 },
    {COMITY_STEP_RECORDS,        COMITY_KIND_NONE,
     "%a records are in the state under that root; none is missing",                                                "records under the state root"                                     },
    {COMITY_STEP_COMPLETE,       COMITY_KIND_NONE,         "completeness of events and parties",                    NULL                                                               },
    {COMITY_STEP_ANSWER,         COMITY_KIND_NONE,         "the answer follows from these records",
     "answer recomputed from the records"                                                                                                                                              },
    {COMITY_STEP_FIRST_HEAD,     COMITY_KIND_NONE,
     "the first head, of %a entries, is signed by %o and cosigned by %b",                                           "the first head is signed by %o"                                   },
    {COMITY_STEP_SECOND_HEAD,    COMITY_KIND_NONE,
     "the second head, of %a entries, is signed by %o and cosigned by %b",                                          "the second head is signed by %o"                                  },
    {COMITY_STEP_ONE_HISTORY,    COMITY_KIND_NONE,
     "both heads are of %a entries under one root: the same history",                                               NULL                                                               },
    {COMITY_STEP_EXTENDS,        COMITY_KIND_NONE,         "the head of %b entries extends that of %a (%c hashes)",
     NULL                                                                                                                                                                              },
};

static const char *statement_words(uint64_t kind, bool first)
{
    if (kind == 1)
        return first ? "the first vote is signed by the key %h"
                     : "the second vote is signed by the same key";
    if (kind == 2)
        return first ? "the first head is signed by the key %h"
                     : "the second head is signed by the same key";
    return first ? "the first head is cosigned by the key %h"
                 : "the second head is cosigned by the same key";
}

static const char *contradict_words(const struct comity_step *step)
{
    if (step->error != 0)
        return "nobody honest signs both";
    if (step->c == 1)
        return "two votes at height %a, round %b of %o differ: the key has voted twice";
    return step->b == 0 ? "two roots of %o are signed for one size, %a: the key has stood for two "
                          "histories"
                        : "the head of %b entries of %o began, up to %a, with another history than "
                          "was signed";
}

/* The few that depend on more. */
static const char *special(const struct comity_report *r, const struct comity_step *step)
{
    switch (step->kind) {
    case COMITY_STEP_FORM:
        if (r->kind == COMITY_KIND_NONE && step->a > 0)
            return "line %a, column %b: this is not the JSON of a receipt or bundle";
        return r->kind == COMITY_KIND_NONE ? "the JSON is neither a receipt nor an answer bundle"
                                           : NULL;
    case COMITY_STEP_HOLDS_ENTRY:
        if (r->kind == COMITY_KIND_RECEIPT && step->a == 0 && step->error != (int32_t)CY_E_NO_FILE)
            return "the receipt holds the entry";
        return NULL;
    case COMITY_STEP_POLICY_HEAD:
        if (step->c == 0 || (r->kind == COMITY_KIND_BUNDLE && step->error != 0))
            return NULL;
        return step->error == 0
                   ? "checkpoint of %o, %a entries: signed by the ledger's key, cosigned by %k of "
                     "the "
                     "%w whom the policy names, which meets it"
                   : "the checkpoint is signed by %o and its cosignatures meet the policy";
    case COMITY_STEP_SIGNATURES:
        return step->a == 1 ? "its %a signature verifies: \"%s\""
                            : "its %a signatures verify: \"%s\"";
    case COMITY_STEP_FIRST_STATEMENT: return statement_words(step->a, true);
    case COMITY_STEP_SECOND_STATEMENT: return statement_words(step->a, false);
    case COMITY_STEP_CONTRADICT: return contradict_words(step);
    case COMITY_STEP_KEY_KNOWN:
        return step->a == 1   ? "the key is the ledger's own"
               : step->a == 2 ? "the key is that of a cosigner you trust"
                              : "whose key it is, the keys given here do not say";
    case COMITY_STEP_TWO_HISTORIES:
        if (step->error != 0)
            return "the two heads are of two histories";
        return step->b == 0
                   ? "two roots are signed for one size, %a: the ledger has shown two histories"
                   : "the head of %b entries began, up to %a, with another history than was signed";
    default: return NULL;
    }
}

static const char *words_of(const struct comity_report *r, const struct comity_step *step)
{
    const char *words = special(r, step);

    for (size_t i = 0; words == NULL && i < CY_COUNT(sentences); i++) {
        const struct sentence *s = &sentences[i];

        if (s->step != step->kind || (s->kind != COMITY_KIND_NONE && s->kind != r->kind))
            continue;
        words = step->error == 0 || s->fails == NULL ? s->holds : s->fails;
    }
    return words == NULL ? "a step that this program does not know" : words;
}

void cy_step_say(const struct comity_report *report, uint32_t i, struct cy_text *out)
{
    if (i < report->n_steps)
        say(report, &report->steps[i], words_of(report, &report->steps[i]), out);
}

/* --- JSON --- */

static void field(struct cy_text *out, const char *name)
{
    cy_text_add(out, ",\"");
    cy_text_add(out, name);
    cy_text_add(out, "\":");
}

static void text_field(struct cy_text *out, const char *name, const char *words)
{
    field(out, name);
    cy_print_string(out, cy_span_text(words));
}

/* Above 2^53 a JSON reader may lose digits: then as a string. */
static void number_field(struct cy_text *out, const char *name, uint64_t v)
{
    const bool quoted = v > (uint64_t)1 << 53;

    field(out, name);
    cy_text_add(out, quoted ? "\"" : "");
    cy_text_u64(out, v);
    cy_text_add(out, quoted ? "\"" : "");
}

static void hash_field(struct cy_text *out, const char *name, const uint8_t hash[static 32])
{
    struct cy_id id;

    memcpy(id.b, hash, sizeof id.b);
    if (cy_id_none(&id))
        return;
    field(out, name);
    cy_text_add(out, "\"");
    cy_text_hex(out, cy_span_of(id.b, sizeof id.b));
    cy_text_add(out, "\"");
}

static void step_json(const struct comity_report *r, uint32_t i, struct cy_text *out)
{
    char sentence[1024];
    struct cy_text words = cy_text_on(sentence, sizeof sentence);

    cy_step_say(r, i, &words);
    cy_text_add(out, i == 0 ? "{\"step\":" : ",{\"step\":");
    cy_print_string(out, cy_text_bytes(&words));
    cy_text_add(out, r->steps[i].error == 0 ? ",\"holds\":true" : ",\"holds\":false");
    if (r->steps[i].error != 0)
        text_field(out, "code", cy_err_info((enum cy_code)r->steps[i].error)->path);
    cy_text_add(out, "}");
}

static void proven_json(const struct comity_report *r, struct cy_text *out)
{
    bool head = false;
    bool place = false;

    for (uint32_t i = 0; i < r->n_steps; i++) {
        const uint32_t kind = r->steps[i].kind;

        head = head || (r->steps[i].error == 0 &&
                        (kind == COMITY_STEP_HEAD || kind == COMITY_STEP_POLICY_HEAD));
        place = place || (r->steps[i].error == 0 &&
                          (kind == COMITY_STEP_PLACE || kind == COMITY_STEP_COSE_SIGNATURE));
    }
    if (r->origin[0] != 0)
        text_field(out, "origin", r->origin);
    if (head || place) {
        number_field(out, "size", r->size);
        hash_field(out, "root", r->root);
    }
    if (head) {
        number_field(out, "cosigned", r->cosigned);
        number_field(out, "witnesses", r->witnesses);
    }
    if (place)
        number_field(out, "index", r->index);
    hash_field(out, "act", r->act);
    if (r->say[0] != 0)
        text_field(out, "say", r->say);
    if (r->convicts != 0) {
        field(out, "convicts");
        cy_text_add(out, "true");
    }
    hash_field(out, "key", r->key);
    hash_field(out, "state_root", r->state_root);
    if (r->records > 0)
        number_field(out, "records", r->records);
}

void cy_report_json(const struct comity_report *report, struct cy_text *out)
{
    const struct cy_err_info *info = cy_err_info((enum cy_code)report->error);

    cy_text_add(out, "{\"kind\":");
    cy_print_string(out, cy_span_text(cy_kind_text(report->kind)));
    cy_text_add(out, report->error == 0 ? ",\"holds\":true" : ",\"holds\":false");
    if (report->error != 0) {
        number_field(out, "error", (uint64_t)report->error);
        text_field(out, "code", info->path);
        text_field(out, "text", info->text);
        text_field(out, "remedy", info->remedy);
    }
    cy_text_add(out, ",\"steps\":[");
    for (uint32_t i = 0; i < report->n_steps; i++)
        step_json(report, i, out);
    cy_text_add(out, "]");
    if (report->error == 0)
        proven_json(report, out);
    cy_text_add(out, "}");
}

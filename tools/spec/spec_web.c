/* spec_web: prints the tables that a verifier outside this program needs, as one JSON document: the
 * closed lists of words, every act, item and record with its fields, and what the refusals of a
 * verification mean. tools/spec.sh keeps web/src/verify/schema.json equal to it.
 *
 *   sets     {name: {number: word}}
 *   schemas  [{kind, number, name, keys, say, fields: [[name, key, type, least, most, of]]}]
 *            `of` is the set of a word, the item of a list; bounds above 2^53 - 1 are texts
 *   errors   {name: [party.component.reason, sentence, remedy]} */
#include "base/err.h"
#include "wire/print.h"

#include <stdio.h>
#include <string.h>

enum { ERRORS_MAX = 1024, STRING_MAX = 2048 };

#define SAFE_INTEGER 9007199254740991u /* 2^53 - 1 */

/* Errors with these numbers are of base, wire and crypto: any of them can end a verification. */
#define LOW_ERRORS 300

/* Those of higher floors that can, too. */
static const enum cy_code verdicts[] = {
    CY_E_NO_FILE,        CY_E_NOT_SIGNED,     CY_E_FEW_WITNESSES,    CY_E_OTHER_LOG,
    CY_E_EVENT_ORDER,    CY_E_HEAD_ENTRY,     CY_E_WRONG_KEY,        CY_E_BUNDLE_ORDER,
    CY_E_BUNDLE_KEYS,    CY_E_ANSWER_DIFFERS, CY_E_UNKNOWN_PASSPORT, CY_E_NO_VKEY,
    CY_E_QUORUM_COMPLEX, CY_E_NO_CONFLICT};

static void string(const char *text)
{
    char room[STRING_MAX];
    struct cy_text out = cy_text_on(room, sizeof room);

    cy_print_string(&out, cy_span_text(text));
    CY_ASSERT(!out.full);
    (void)fputs(room, stdout);
}

static void number(uint64_t v)
{
    (void)printf(v > SAFE_INTEGER ? "\"%llu\"" : "%llu", (unsigned long long)v);
}

static const char *type_name(const struct cy_field *field)
{
    static const char *const names[] = {
        [CY_T_bool] = "bool", [CY_T_u8] = "u8",         [CY_T_u16] = "u16",   [CY_T_u32] = "u32",
        [CY_T_u64] = "u64",   [CY_T_amount] = "amount", [CY_T_date] = "date", [CY_T_time] = "time",
        [CY_T_id] = "id",     [CY_T_code] = "code",     [CY_T_name] = "name", [CY_T_line] = "line",
        [CY_T_text] = "text", [CY_T_bytes] = "bytes",   [CY_T_enum] = "word", [CY_T_list] = "list",
        [CY_T_acts] = "acts"};

    return names[field->type];
}

static void sets(void)
{
    const char *comma = "";
    const char *inner = "";

    (void)fputs("\"sets\":{", stdout);
#define CY_SET(set)                                                                                \
    (void)printf("%s\n\"" #set "\":{", comma);                                                     \
    comma = ",";                                                                                   \
    inner = "";
#define CY_VALUE(set, NAME, number, text)                                                          \
    (void)printf("%s\"%d\":", inner, number);                                                      \
    string(text);                                                                                  \
    inner = ",";
#define CY_SET_END(set) (void)fputs("}", stdout);
#include "wire/enums.def"
#undef CY_SET
#undef CY_VALUE
#undef CY_SET_END
    (void)fputs("},\n", stdout);
}

static void field(const struct cy_field *f)
{
    const char *of = f->set != NULL ? f->set->name : f->item != NULL ? f->item->name : NULL;

    (void)fputs("[", stdout);
    string(f->name);
    (void)printf(",%u,\"%s\",", (unsigned)f->key, type_name(f));
    number(f->least);
    (void)fputs(",", stdout);
    number(f->most);
    if (of != NULL) {
        (void)fputs(",", stdout);
        string(of);
    }
    (void)fputs("]", stdout);
}

static void schemas(void)
{
    static const char *const kinds[] = {
        [CY_SCHEMA_ACT] = "act", [CY_SCHEMA_ITEM] = "item", [CY_SCHEMA_RECORD] = "record"};
    const struct cy_schema *s = NULL;

    (void)fputs("\"schemas\":[", stdout);
    for (size_t i = 0; (s = cy_schema_at(i)) != NULL; i++) {
        (void)printf("%s\n{\"kind\":\"%s\",\"number\":%u,\"keys\":%zu,\"name\":", i > 0 ? "," : "",
                     kinds[s->kind], (unsigned)s->number, s->n_keys);
        string(s->name);
        (void)fputs(",\"doc\":", stdout);
        string(s->doc);
        if (s->say != NULL) {
            (void)fputs(",\"say\":", stdout);
            string(s->say);
        }
        (void)fputs(",\"fields\":[", stdout);
        for (size_t f = 0; f < s->n_fields; f++) {
            (void)fputs(f > 0 ? "," : "", stdout);
            field(&s->fields[f]);
        }
        (void)fputs("]}", stdout);
    }
    (void)fputs("],\n", stdout);
}

static bool is_verdict(const struct cy_err_info *info)
{
    if (info->code > CY_E_UNKNOWN_CODE && info->code < LOW_ERRORS)
        return info->kind == CY_ERR_refusal || info->code == CY_E_NO_ROOM;
    for (size_t i = 0; i < CY_COUNT(verdicts); i++) {
        if (verdicts[i] == info->code)
            return true;
    }
    return false;
}

static void errors(void)
{
    const struct cy_err_info *info = NULL;
    const char *comma = "";

    (void)fputs("\"errors\":{", stdout);
    for (unsigned i = 0; i < ERRORS_MAX && (info = cy_err_at(i)) != NULL; i++) {
        if (!is_verdict(info))
            continue;
        (void)printf("%s\n\"%s\":[", comma, info->name);
        string(info->path);
        (void)fputs(",", stdout);
        string(info->text);
        (void)fputs(",", stdout);
        string(info->remedy);
        (void)fputs("]", stdout);
        comma = ",";
    }
    (void)fputs("}", stdout);
}

int main(void)
{
    (void)fputs("{", stdout);
    sets();
    schemas();
    errors();
    (void)fputs("}\n", stdout);
    return 0;
}

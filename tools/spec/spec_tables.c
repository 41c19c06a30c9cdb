/* spec_tables [NAME [PART]]: prints one table of the specification in Markdown, from the very
 * tables that the programs run on. Without a name it lists the names. tools/spec.sh puts them into
 * SPEC/. */
#include "host/admin/admin.h"
#include "host/http/problem.h"
#include "host/routes/openapi.h"
#include "host/routes/routes_all.h"
#include "host/sql/sql_shape.h"
#include "host/system/cage.h"
#include "host/system/daemon_config.h"
#include "institutions/roster.h"
#include "wire/signer_message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FRESH_BYTES ((size_t)2 << 30)
enum { ERRORS_MAX = 1024 };

static struct cy_engine engine;

/* The kernel's institutions that have a name outside, in the order of the engine; what belongs to
 * none of them and to no institution of the roster is the engine's own. */
static const struct cy_institution *const kernel[] = {
    &cy_constitution, &cy_identity, &cy_capability, &cy_constraints,
    &cy_stake,        &cy_escrow,   &cy_evidences,  &cy_uploads,
};

static const struct cy_institution *institution_at(size_t i)
{
    if (i < CY_COUNT(kernel))
        return kernel[i];
    i -= CY_COUNT(kernel);
    return i < cy_roster_count ? cy_roster[i] : NULL;
}

static const struct cy_institution *owner_of(const struct cy_schema *schema)
{
    const struct cy_institution *institution = NULL;

    for (size_t i = 0; (institution = institution_at(i)) != NULL; i++) {
        for (size_t a = 0; a < institution->n_acts; a++) {
            if (institution->acts[a].schema == schema)
                return institution;
        }
        for (size_t t = 0; t < institution->n_tables; t++) {
            if (institution->tables[t].schema == schema)
                return institution;
        }
    }
    return NULL;
}

/* Kernel or the name of the institution: the part of the specification a schema stands in. */
static bool in_part(const struct cy_schema *schema, const char *part)
{
    const struct cy_institution *owner = owner_of(schema);

    for (size_t i = 0; i < cy_roster_count; i++) {
        if (owner == cy_roster[i])
            return strcmp(owner->name, part) == 0;
    }
    return strcmp(part, "kernel") == 0;
}

/* --- cells --- */

static void cell(const char *text)
{
    (void)fputs("| ", stdout);
    for (const char *c = text; *c != 0; c++) {
        if (*c == '|')
            (void)putchar('\\');
        (void)putchar(*c);
    }
    (void)putchar(' ');
}

static void number(uint64_t v)
{
    if (v == UINT64_MAX)
        (void)fputs("2^64-1", stdout);
    else if (v == UINT32_MAX)
        (void)fputs("2^32-1", stdout);
    else
        (void)printf("%" PRIu64, v);
}

static void range(uint64_t least, uint64_t most)
{
    number(least);
    if (least != most) {
        (void)fputs(" to ", stdout);
        number(most);
    }
}

static const char *type_name(enum cy_type type)
{
    static const char *const names[] = {
        [CY_T_bool] = "bool", [CY_T_u8] = "u8",         [CY_T_u16] = "u16",   [CY_T_u32] = "u32",
        [CY_T_u64] = "u64",   [CY_T_amount] = "amount", [CY_T_date] = "date", [CY_T_time] = "time",
        [CY_T_id] = "id",     [CY_T_code] = "code",     [CY_T_name] = "name", [CY_T_line] = "line",
        [CY_T_text] = "text", [CY_T_bytes] = "bytes",   [CY_T_enum] = "word", [CY_T_list] = "list",
        [CY_T_acts] = "acts"};
    return names[type];
}

static void bounds(const struct cy_field *field)
{
    switch (field->type) {
    case CY_T_bool:
    case CY_T_amount:
    case CY_T_id:
    case CY_T_enum: (void)fputs(field->least > 0 ? "needed" : "", stdout); break;
    case CY_T_u8:
    case CY_T_u16:
    case CY_T_u32:
    case CY_T_u64:
    case CY_T_date:
    case CY_T_time: range(field->least, field->most); break;
    case CY_T_code:
    case CY_T_name:
    case CY_T_line:
    case CY_T_text:
    case CY_T_bytes:
        range(field->least, field->most);
        (void)fputs(" bytes", stdout);
        break;
    case CY_T_list:
    case CY_T_acts:
        range(field->least, field->most);
        (void)fputs(" elements", stdout);
        break;
    }
}

static void fields(const struct cy_schema *schema)
{
    (void)puts("| key | field | type | bounds | meaning |\n|---|---|---|---|---|");
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct cy_field *field = &schema->fields[i];

        (void)printf("| %" PRIu32 " | `%s`%s | %s", field->key, field->name,
                     i < schema->n_keys ? " (key)" : "", type_name(field->type));
        if (field->set != NULL)
            (void)printf(" of `%s`", field->set->name);
        if (field->item != NULL)
            (void)printf(" of `%s`", field->item->name);
        (void)fputs(" | ", stdout);
        bounds(field);
        (void)putchar(' ');
        cell(field->doc);
        (void)puts("|");
    }
    (void)putchar('\n');
}

/* --- acts --- */

static const char *who_text(enum cy_who who)
{
    switch (who) {
    case CY_WHO_INCEPTION: return "the keys it declares";
    case CY_WHO_ROTATION: return "the new keys";
    case CY_WHO_PASSPORT: return "a passport";
    case CY_WHO_OPERATOR: return "the operator";
    case CY_WHO_SEAT: return "a seat";
    case CY_WHO_ANYBODY: return "a passport or a seat";
    }
    return "?";
}

static const char *risk_text(enum cy_risk risk)
{
    static const char *const texts[] = {"low", "medium", "high"};

    return texts[risk];
}

static const char *gate_text(char c)
{
    switch (c) {
    case 'a': return "allow";
    case 'd': return "delay";
    case 's': return "second";
    case 'r': return "refuse";
    default: return "?";
    }
}

static void acts(const char *part)
{
    const struct cy_schema *schema = NULL;

    (void)puts("| number | act | what it does | signed by | risk | normal | elevated | safe | "
               "lockdown | recovery | records it may touch | in a batch |\n"
               "|---|---|---|---|---|---|---|---|---|---|---|---|");
    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        const struct cy_act_row *row = NULL;

        if (schema->kind != CY_SCHEMA_ACT || !in_part(schema, part))
            continue;
        row = cy_engine_row(&engine, schema->number);
        (void)printf("| 0x%04x | `%s` ", schema->number, schema->name);
        cell(schema->doc);
        if (row == NULL) {
            (void)puts("| no rule | | | | | | | | |");
            continue;
        }
        (void)printf("| %s | %s |", who_text(row->who), risk_text(row->risk));
        for (size_t state = 0; state < 5; state++)
            (void)printf(" %s |", gate_text(row->gate[state]));
        if (row->validate == NULL)
            (void)fputs(" those of its acts |", stdout);
        else
            (void)printf(" %u |", row->writes);
        (void)puts(row->alone ? " no |" : " yes |");
    }
}

static void act_fields(const char *part)
{
    const struct cy_schema *schema = NULL;

    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        if (schema->kind != CY_SCHEMA_ACT || !in_part(schema, part))
            continue;
        (void)printf("#### `%s` 0x%04x\n\n%s. In one sentence: \"%s\".\n\n", schema->name,
                     schema->number, schema->doc, schema->say);
        fields(schema);
    }
}

static bool uses_item(const struct cy_schema *schema, const struct cy_schema *item)
{
    for (size_t f = 0; f < schema->n_fields; f++) {
        if (schema->fields[f].item == item)
            return true;
    }
    return false;
}

static void items(const char *part)
{
    const struct cy_schema *item = NULL;
    const struct cy_schema *user = NULL;

    for (size_t i = 0; (item = cy_schema_at(i)) != NULL; i++) {
        if (item->kind != CY_SCHEMA_ITEM)
            continue;
        for (size_t u = 0; (user = cy_schema_at(u)) != NULL; u++) {
            if (uses_item(user, item) && in_part(user, part))
                break;
        }
        if (user == NULL)
            continue;
        (void)printf("#### `%s`\n\n%s.\n\n", item->name, item->doc);
        fields(item);
    }
}

/* --- records --- */

static void records(const char *part)
{
    const struct cy_schema *schema = NULL;

    (void)puts("| table | record | key | what | default limit | in the state tree |\n"
               "|---|---|---|---|---|---|");
    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        const struct cy_world_table *table = NULL;

        if (schema->kind != CY_SCHEMA_RECORD || !in_part(schema, part))
            continue;
        table = cy_world_table(&engine.world, schema->number);
        (void)printf("| %u | `%s` | ", schema->number, schema->name);
        for (size_t k = 0; k < schema->n_keys; k++)
            (void)printf("%s`%s`", k > 0 ? ", " : "", schema->fields[k].name);
        (void)putchar(' ');
        cell(schema->doc);
        (void)printf("| %u | %s |\n", table->spec->limit, table->spec->unproven ? "no" : "yes");
    }
}

static void record_fields(const char *part)
{
    const struct cy_schema *schema = NULL;

    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        if (schema->kind != CY_SCHEMA_RECORD || !in_part(schema, part))
            continue;
        (void)printf("#### `%s`, table %u\n\n%s.\n\n", schema->name, schema->number, schema->doc);
        fields(schema);
    }
}

static void words(const char *part)
{
    const char *comma = "";

    (void)part;
    (void)puts("| set | words |\n|---|---|");
#define CY_SET(set)                                                                                \
    (void)fputs("| `" #set "` |", stdout);                                                         \
    comma = "";
#define CY_VALUE(set, NAME, number, text)                                                          \
    (void)printf("%s %d %s", comma, number, text);                                                 \
    comma = ",";
#define CY_SET_END(set) (void)puts(" |");
#include "wire/enums.def"
#undef CY_SET
#undef CY_VALUE
#undef CY_SET_END
}

/* --- errors --- */

static int by_number(const void *a, const void *b)
{
    const struct cy_err_info *const *x = a;
    const struct cy_err_info *const *y = b;

    return (int)(*x)->code - (int)(*y)->code;
}

static void errors(const char *part)
{
    static const char *const kinds[] = {"none", "refusal", "soft", "hard"};
    const struct cy_err_info *infos[ERRORS_MAX];
    unsigned n = 0;

    (void)part;
    for (; cy_err_at(n) != NULL && n < ERRORS_MAX; n++)
        infos[n] = cy_err_at(n);
    qsort(infos, n, sizeof infos[0], by_number);
    (void)puts("| number | name | kind | party.component.reason | what | what to do | HTTP |\n"
               "|---|---|---|---|---|---|---|");
    for (unsigned i = 0; i < n; i++) {
        (void)printf("| %d | `%s` | %s | %s ", (int)infos[i]->code, infos[i]->name,
                     kinds[infos[i]->kind], infos[i]->path);
        cell(infos[i]->text);
        cell(infos[i]->remedy);
        (void)printf("| %u |\n", cy_problem_status(infos[i]->code));
    }
}

/* --- parameters, charters --- */

static void params(const char *part)
{
    const struct cy_param_row *row = NULL;

    (void)part;
    (void)puts("| name | default | bounds | unit | meaning |\n|---|---|---|---|---|");
    for (unsigned i = 0; (row = cy_param_row(i)) != NULL; i++) {
        (void)printf("| `%s` | ", row->name);
        number(row->value);
        (void)fputs(" | ", stdout);
        range(row->least, row->most);
        (void)printf(" | %s ", row->unit);
        cell(row->meaning);
        (void)puts("|");
    }
}

static void clauses(const char *part)
{
    const struct cy_clause_row *row = NULL;

    (void)part;
    (void)puts(
        "| clause | default | bounds | unit | meaning | read by |\n|---|---|---|---|---|---|");
    for (unsigned i = 0; (row = cy_clause_row(i)) != NULL; i++) {
        (void)printf("| `%s` | ", row->name);
        number(row->value);
        (void)fputs(" | ", stdout);
        range(row->least, row->most);
        (void)printf(" | %s ", row->unit);
        cell(row->meaning);
        cell(row->actuator);
        (void)puts("|");
    }
}

static void treaty_faults(const char *part)
{
    (void)part;
    (void)puts("| fault | what is wrong | what to do |\n|---|---|---|");
#define CY_FAULT(NAME, number, what, remedy) (void)puts("| " #number " | " what " | " remedy " |");
#include "institutions/treaty/treaty_fault.def"
#undef CY_FAULT
}

static void template_rows(uint8_t topic, const char *name)
{
    for (unsigned i = 0; cy_clause_row(i) != NULL; i++) {
        const struct cy_clause_row *row = cy_clause_row(i);
        const struct cy_clause_band band = cy_clause_band(topic, i);

        if (band.value == row->value && !band.mandatory)
            continue;
        (void)printf("| %s | `%s` | ", name, row->name);
        number(band.value);
        (void)fputs(" | ", stdout);
        if (band.mandatory)
            range(band.least, band.most);
        (void)printf(" | %s |\n", row->unit);
    }
}

static void templates(const char *part)
{
    (void)part;
    (void)puts("| template | clause | value | band that no amendment leaves | unit |\n"
               "|---|---|---|---|---|");
#define CY_SET(set)
#define CY_VALUE(set, NAME, number, text)                                                          \
    if (strcmp(#set, "topic") == 0)                                                                \
        template_rows(number, text);
#define CY_SET_END(set)
#include "wire/enums.def"
#undef CY_SET
#undef CY_VALUE
#undef CY_SET_END
}

static void purposes(const char *part)
{
    (void)part;
    (void)puts("| number | purpose | what is signed |\n|---|---|---|");
#define CY_PURPOSE(NAME, number, text, doc) (void)printf("| %d | `%s` | %s |\n", number, text, doc);
#include "wire/purpose.def"
#undef CY_PURPOSE
}

/* --- host --- */

static void who_may(unsigned processes)
{
    for (unsigned i = 0; i < CY_CAGE_PROCESSES; i++)
        (void)fputs((processes & 1u << i) != 0 ? "| yes " : "| ", stdout);
}

static void who_heads(void)
{
    for (unsigned i = 0; i < CY_CAGE_PROCESSES; i++)
        (void)printf("| %s ", cy_cage_name(1u << i));
}

/* What each process may ask of the system. */
static void cage(const char *part)
{
    size_t n = 0;
    const struct cy_cage_group *groups = cy_cage_groups(&n);

    (void)part;
    (void)fputs("| what for ", stdout);
    who_heads();
    (void)puts("| calls |\n|---|---|---|---|---|---|---|");
    for (size_t i = 0; i < n; i++) {
        (void)printf("| %s: %s ", groups[i].name, groups[i].why);
        who_may(groups[i].processes);
        (void)printf("| %s |\n", groups[i].calls);
    }
}

static void cage_limits(const char *part)
{
    size_t n = 0;
    const struct cy_cage_limit *limits = cy_cage_limits(&n);

    (void)part;
    (void)fputs("| call | only ", stdout);
    who_heads();
    (void)puts("| what for |\n|---|---|---|---|---|---|---|---|");
    for (size_t i = 0; i < n; i++) {
        (void)printf("| `%s` | %s ", limits[i].call, limits[i].say);
        who_may(limits[i].processes);
        (void)printf("| %s |\n", limits[i].why);
    }
}

static void routes(const char *part)
{
    struct cy_http_route rows[CY_ROUTES_MAX];
    const size_t n = cy_routes_all(rows);

    (void)part;
    (void)puts("| method | path | what | body at most |\n|---|---|---|---|");
    for (size_t i = 0; i < n; i++) {
        (void)printf("| %s | `%s` ", rows[i].method, rows[i].pattern);
        cell(rows[i].doc);
        if (rows[i].body_max > 0)
            (void)printf("| %zu |\n", rows[i].body_max);
        else
            (void)puts("| |");
    }
}

static const char *form_text(enum cy_form form)
{
    static const char *const texts[] = {
        [CY_FORM_ANY] = "a text",         [CY_FORM_ORIGIN] = "a ledger's name",
        [CY_FORM_ADDRESS] = "an address", [CY_FORM_HOST] = "a host name",
        [CY_FORM_URL] = "a URL",          [CY_FORM_VKEY] = "a verifier key",
        [CY_FORM_PIN] = "a key pin",      [CY_FORM_PATH] = "a path",
        [CY_FORM_TIME] = "a time"};
    return texts[form];
}

static void setting_range(const struct cy_setting *setting)
{
    switch (setting->type) {
    case CY_SETTING_BOOL: (void)fputs("true, false", stdout); break;
    case CY_SETTING_NUMBER:
        (void)printf("%" PRId64 " to %" PRId64, setting->low, setting->high);
        break;
    case CY_SETTING_TEXT: (void)fputs(form_text(setting->form), stdout); break;
    case CY_SETTING_CHOICE:
        for (const char *c = setting->choices; *c != 0; c++)
            (void)fputs(*c == '|' ? ", " : (const char[]){*c, 0}, stdout);
        break;
    case CY_SETTING_NAMES: (void)printf("at most %" PRId64 " texts", setting->high); break;
    case CY_SETTING_LIST:
        (void)printf("at most %" PRId64 " groups of", setting->high);
        for (const struct cy_config_column *c = setting->columns; c->name != NULL; c++)
            (void)printf("%s `%s`%s", c == setting->columns ? "" : ",", c->name,
                         c->need ? "" : " (may be left out)");
        break;
    }
}

static void settings(const char *part)
{
    size_t n = 0;
    const struct cy_setting *rows = cy_daemon_settings(&n);

    (void)part;
    (void)puts("| setting | default | values | meaning |\n|---|---|---|---|");
    for (size_t i = 0; i < n; i++) {
        (void)printf("| `%s` | ", rows[i].name);
        if (rows[i].value == NULL)
            (void)fputs("must be set", stdout);
        else if (rows[i].value[0] == 0)
            (void)fputs("none", stdout);
        else
            (void)printf("`%s`", rows[i].value);
        (void)fputs(" | ", stdout);
        setting_range(&rows[i]);
        (void)putchar(' ');
        cell(rows[i].doc);
        (void)puts("|");
    }
}

static void actions(const char *part)
{
    const struct cy_action *action = NULL;

    (void)part;
    (void)puts("| `comity admin` | request | least role | what |\n|---|---|---|---|");
    for (unsigned i = 0; (action = cy_action_at(i)) != NULL; i++) {
        (void)printf("| `%s` | %s `%s` | %s ", action->name, action->method, action->pattern,
                     cy_role_text(action->role));
        cell(action->doc);
        (void)puts("|");
    }
}

static void openapi(const char *part)
{
    struct cy_http_route rows[CY_ROUTES_MAX];
    const size_t n_rows = cy_routes_all(rows);
    const char *fault = cy_openapi_fault(rows, n_rows);
    size_t n = 0;
    char *text = cy_openapi(rows, n_rows, true, &n);

    (void)part;
    if (fault != NULL) {
        (void)fprintf(stderr, "spec_tables: the tables of routes: %s\n", fault);
        exit(1);
    }
    (void)puts(text == NULL ? "" : text);
    free(text);
}

/* --- main --- */

/* --- the SQL projection --- */

static struct cy_sql_shape *sql_shape(void)
{
    struct cy_sql_shape *shape = cy_sql_shape_new();

    if (shape == NULL)
        exit(1);
    return shape;
}

static void sql_tables(const char *part)
{
    struct cy_sql_shape *shape = sql_shape();

    (void)part;
    (void)puts("| table | what a row is | primary key |\n|---|---|---|");
    for (uint32_t i = 0; i < shape->n; i++) {
        const struct cy_sql_table *t = &shape->tables[i];

        (void)printf("| `%s` ", t->name);
        cell(t->doc);
        (void)fputs("| ", stdout);
        for (uint32_t k = 0; k < t->n_keys; k++)
            (void)printf("%s`%s%s`", k > 0 ? ", " : "", t->columns[k].name,
                         t->columns[k].type == CY_SQL_T_time ? "_ms" : "");
        (void)puts(" |");
    }
    free(shape);
}

static void sql_column(const struct cy_sql_column *c)
{
    const bool time = c->type == CY_SQL_T_time;
    const enum cy_sql_type type = time ? CY_SQL_T_big : c->type;

    (void)printf("| `%s%s` | %s | %s | %s ", c->name, time ? "_ms" : "",
                 cy_sql_type_name(type, CY_SQL_SQLITE), cy_sql_type_name(type, CY_SQL_POSTGRESQL),
                 c->needed ? "" : "NULL ");
    cell(c->doc);
    (void)puts(time ? "(Unix milliseconds) |" : "|");
    if (time)
        (void)printf("| `%s` | TEXT | timestamptz | NULL | the same, civil |\n", c->name);
}

static void sql_columns(const char *part)
{
    struct cy_sql_shape *shape = sql_shape();

    for (uint32_t i = 0; i < shape->n; i++) {
        const struct cy_sql_table *t = &shape->tables[i];

        if ((strcmp(part, "ledger") == 0) != (t->record == NULL))
            continue;
        (void)printf("### `%s`\n\n%c%s.\n\n", t->name, t->doc[0] - ('a' - 'A'), t->doc + 1);
        (void)puts("| column | SQLite | PostgreSQL | | meaning |\n|---|---|---|---|---|");
        for (uint32_t c = 0; c < t->n; c++)
            sql_column(&t->columns[c]);
        (void)putchar('\n');
    }
    free(shape);
}

/* The columns stand as "name: sentence; name: sentence". */
static void sql_views(const char *part)
{
    size_t n = 0;
    const struct cy_sql_view *views = cy_sql_views(&n);

    (void)part;
    for (size_t i = 0; i < n; i++) {
        const char *at = views[i].columns;

        (void)printf("### `%s`: %s\n\n%c%s.\n\n", views[i].name, views[i].question,
                     views[i].doc[0] - ('a' - 'A'), views[i].doc + 1);
        (void)puts("| column | meaning |\n|---|---|");
        while (*at != 0) {
            const size_t all = strcspn(at, ";");
            const size_t name = strcspn(at, ":");

            (void)printf("| `%.*s` | %.*s |\n", (int)name, at, (int)(all - name - 2),
                         at + name + 2);
            at += all;
            at += strspn(at, "; ");
        }
        (void)putchar('\n');
    }
}

static const struct {
    const char *name;
    void (*print)(const char *part);
} tables[] = {
    {"acts",          acts         },
    {"act-fields",    act_fields   },
    {"items",         items        },
    {"records",       records      },
    {"record-fields", record_fields},
    {"words",         words        },
    {"errors",        errors       },
    {"params",        params       },
    {"clauses",       clauses      },
    {"templates",     templates    },
    {"treaty-faults", treaty_faults},
    {"cage",          cage         },
    {"cage-limits",   cage_limits  },
    {"purposes",      purposes     },
    {"routes",        routes       },
    {"settings",      settings     },
    {"sql-tables",    sql_tables   },
    {"sql-columns",   sql_columns  },
    {"sql-views",     sql_views    },
    {"openapi",       openapi      },
    {"actions",       actions      },
};

int main(int argc, char **argv)
{
    void *fresh = mmap(NULL, FRESH_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    struct cy_arena arena = cy_arena_on(fresh, fresh == MAP_FAILED ? 0 : FRESH_BYTES);

    if (!cy_ok(cy_engine_init(&engine, cy_roster, cy_roster_count, NULL, 0, &arena))) {
        (void)fputs("spec_tables: no memory for a world\n", stderr);
        return 1;
    }
    for (size_t i = 0; i < CY_COUNT(tables); i++) {
        if (argc == 1)
            (void)puts(tables[i].name);
        else if (strcmp(argv[1], tables[i].name) == 0) {
            tables[i].print(argc > 2 ? argv[2] : "kernel");
            return 0;
        }
    }
    return argc == 1 ? 0 : 2;
}

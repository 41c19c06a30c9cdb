#include "host/cli/cli_import.h"

#include "host/cli/cli_passport.h"
#include "host/json/json.h"

#include <stdlib.h>
#include <unistd.h>

#define AT_ONCE 64u      /* passports made before they are sent */
#define ATTEST_MOST 400u /* attestations in one batch */
#define ISO_DIR "/usr/share/iso-codes/json/"
#define COUNTRIES_MAX 1024u

_Static_assert(sizeof(struct cy_alias) % 16 == 0, "aliases taken from an arena stand as an array");

const struct cy_cli_option cy_cli_import_options[] = {
    {"kind",      "KIND", "kind of the passports (nation)"                                 },
    {"file",      "FILE", "countries as JSON (" ISO_DIR "iso_3166-1.json)"                 },
    {"former",    "FILE", "former countries as JSON (" ISO_DIR "iso_3166-3.json)"          },
    {"no-former", NULL,   "leave the former countries out"                                 },
    {"only",      "LIST", "only these alpha-3 (former: alpha-4) codes, with commas between"},
    {NULL,        NULL,   NULL                                                             },
};

/* --- sending with a line of progress --- */

struct progress {
    FILE *to; /* NULL: quiet */
    const char *what;
};

static void show_progress(void *user, size_t done, size_t n)
{
    const struct progress *p = user;

    if (p->to != NULL && (done % 16 == 0 || done == n))
        (void)fprintf(p->to, "\r%s: %zu of %zu%s", p->what, done, n, done == n ? "\n" : "");
}

cy_err cy_cli_send_all(struct cy_cli *run, const char *what, const struct cy_span *acts,
                       const char *const *names, size_t n, cy_err *errors, struct cy_id *ids,
                       size_t *refused)
{
    struct progress progress = {!run->json && isatty(fileno(run->err)) ? run->err : NULL, what};
    const struct cy_cli_many many = {.acts = acts,
                                     .n = n,
                                     .errors = errors,
                                     .ids = ids,
                                     .progress = show_progress,
                                     .user = &progress};
    const cy_err err = cy_cli_post_many(run, &many);

    for (size_t i = 0; i < n; i++) {
        if (cy_ok(errors[i]) || errors[i].code == CY_E_STOPPING)
            continue;
        (*refused)++;
        (void)fprintf(run->err, "comity: %s %s: %s (%s)\n", what, names[i],
                      cy_err_info(errors[i].code)->text, cy_err_info(errors[i].code)->path);
    }
    return err;
}

/* --- what the realm has already --- */

/* Marks the newcomers one of whose codes is attested, and keeps an alias for each. */
static cy_err mark_attested(struct cy_cli *run, const json_t *items,
                            const struct cy_newcomer *newcomers, size_t n, bool (*code_there)[4])
{
    for (size_t k = 0; k < json_array_size(items); k++) {
        const json_t *item = json_array_get(items, k);
        const char *scheme = json_string_value(json_object_get(item, "scheme"));
        const char *value = json_string_value(json_object_get(item, "value"));
        const char *hex = json_string_value(json_object_get(item, "passport"));

        if (scheme == NULL || value == NULL || hex == NULL)
            return cy_fail(CY_E_PEER_ANSWER, 0);
        for (size_t i = 0; i < n; i++) {
            for (uint32_t c = 0; c < newcomers[i].n_codes; c++) {
                struct cy_alias alias;
                struct cy_id id;

                if (strcmp(newcomers[i].codes[c].scheme, scheme) != 0 ||
                    strcmp(newcomers[i].codes[c].value, value) != 0)
                    continue;
                code_there[i][c] = true;
                if (cy_home_alias(&run->home, "passport", newcomers[i].alias) != NULL)
                    continue;
                CY_TRY(cy_hex_read(cy_span_text(hex), id.b, sizeof id.b));
                CY_TRY(cy_alias_of("passport", newcomers[i].alias, &id, &alias));
                CY_TRY(cy_home_add(&run->home, &alias, 1));
            }
        }
    }
    return CY_OK;
}

static cy_err ask_attested(struct cy_cli *run, const struct cy_newcomer *newcomers, size_t n,
                           bool (*code_there)[4])
{
    uint64_t after = 0;
    bool more = true;

    while (more) {
        char path[96];
        json_t *page = NULL;
        cy_err err = CY_OK;

        (void)snprintf(path, sizeof path, "/v1/records/attestation?limit=1000&after=%llu",
                       (unsigned long long)after);
        CY_TRY(cy_cli_fetch_json(run, path, &page));
        err = mark_attested(run, json_object_get(page, "items"), newcomers, n, code_there);
        more = json_object_get(page, "next") != NULL;
        after = (uint64_t)json_integer_value(json_object_get(page, "next"));
        json_decref(page);
        CY_TRY(err);
    }
    return CY_OK;
}

/* --- passports --- */

/* One group of newcomers between key and receipt. */
struct group {
    struct cy_alias aliases[AT_ONCE];
    struct cy_key_share shares[AT_ONCE];
    struct cy_passport_create messages[AT_ONCE];
    struct cy_act_author authors[AT_ONCE];
    struct cy_act_draft drafts[AT_ONCE];
    struct cy_span acts[AT_ONCE];
    const char *names[AT_ONCE];
    cy_err errors[AT_ONCE];
    struct cy_id ids[AT_ONCE];
    size_t n;
};

/* Cuts at a character's border. */
static struct cy_span fit(const char *text, size_t most)
{
    size_t n = strlen(text);

    if (n > most) {
        n = most;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
    }
    return cy_span_of(text, n);
}

static cy_err prepare(struct cy_cli *run, const struct cy_newcomer *who, struct group *g,
                      const struct cy_id *realm)
{
    const size_t i = g->n;
    const struct cy_id none = {0};
    struct cy_alias *alias = &g->aliases[i];

    CY_TRY(cy_alias_of("passport", who->alias, &none, alias));
    memcpy(alias->label, alias->name, sizeof alias->label);
    CY_TRY(cy_signer_make(run->signer, cy_span_text(alias->label), CY_PURPOSE_ACT, &alias->key,
                          &alias->next));
    g->shares[i] = (struct cy_key_share){.key = alias->key, .weight = 1};
    g->messages[i] = (struct cy_passport_create){.kind = who->kind,
                                                 .keys = &g->shares[i],
                                                 .n_keys = 1,
                                                 .need_0 = 1,
                                                 .next = cy_cli_next_digest(&alias->next)};
    CY_TRY(cy_name_of(fit(who->name, 63), &g->messages[i].name));
    g->authors[i] = (struct cy_act_author){
        .realm = *realm, .keys = &g->shares[i].key, .n_keys = 1, .valid_s = 600};
    g->drafts[i] = (struct cy_act_draft){
        .by = &g->authors[i], .schema = &cy_schema_passport_create, .message = &g->messages[i]};
    g->names[i] = who->alias;
    g->n++;
    return CY_OK;
}

static cy_err send_group(struct cy_cli *run, struct group *g, struct cy_import_count *count)
{
    const size_t mark = run->arena.used;
    struct cy_alias kept[AT_ONCE];
    size_t n = 0;
    cy_err err = cy_sign_acts(run->signer, g->drafts, g->n, cy_cli_now() / 1000, &run->arena);

    for (size_t i = 0; i < g->n; i++)
        g->acts[i] = g->drafts[i].envelope;
    if (cy_ok(err))
        err = cy_cli_send_all(run, "passports", g->acts, g->names, g->n, g->errors, g->ids,
                              &count->refused);
    for (size_t i = 0; i < g->n && n < AT_ONCE; i++) {
        if (!cy_ok(g->errors[i]) || cy_id_none(&g->ids[i]))
            continue;
        kept[n] = g->aliases[i];
        kept[n++].id = g->ids[i];
    }
    count->made += n;
    if (n > 0) {
        const cy_err stored = cy_home_add(&run->home, kept, n);

        err = cy_ok(err) ? stored : err;
    }
    cy_arena_rewind(&run->arena, mark);
    g->n = 0;
    return err;
}

/* --- what an import that was interrupted left behind --- */

/* Keys of the signer, oldest first: a key made with its standby is followed by it. */
struct held_keys {
    struct cy_cli *run;
    struct cy_alias *at; /* label, key; next: the standby */
    size_t n;
};

static cy_err hold_key(void *user, const struct cy_signer_key *key)
{
    struct held_keys *held = user;
    struct cy_alias *last = held->n > 0 ? &held->at[held->n - 1] : NULL;
    struct cy_alias *fresh = NULL;

    if (key->purpose != CY_PURPOSE_ACT || key->label.n >= sizeof last->label)
        return CY_OK;
    if (key->standby) {
        if (last != NULL && cy_span_eq(key->label, cy_span_text(last->label)))
            last->next = key->key;
        return CY_OK;
    }
    fresh = cy_arena_zero(&held->run->arena, sizeof *fresh); /* one after another: an array */
    if (fresh == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    if (held->at == NULL)
        held->at = fresh;
    CY_ASSERT(fresh == &held->at[held->n]);
    memcpy(fresh->label, key->label.at, key->label.n);
    fresh->key = key->key;
    held->n++;
    return CY_OK;
}

/* A passport that was made while nobody could remember it: its key bears the alias. */
static cy_err adopt(struct cy_cli *run, const struct held_keys *held, const char *name, bool *found)
{
    *found = false;
    for (size_t i = 0; i < held->n && !*found; i++) {
        struct cy_alias alias = held->at[i];
        char path[160];
        char hex[65];
        json_t *page = NULL;
        const char *id = NULL;

        if (strcmp(alias.label, name) != 0)
            continue;
        cy_hex(alias.key.b, sizeof alias.key.b, hex);
        (void)snprintf(path, sizeof path, "/v1/records/control?limit=1&key=%s", hex);
        CY_TRY(cy_cli_fetch_json(run, path, &page));
        id = json_string_value(
            json_object_get(json_array_get(json_object_get(page, "items"), 0), "passport"));
        *found = id != NULL && cy_ok(cy_hex_read(cy_span_text(id), alias.id.b, sizeof alias.id.b));
        json_decref(page);
        (void)snprintf(alias.kind, sizeof alias.kind, "passport");
        (void)snprintf(alias.name, sizeof alias.name, "%s", name);
        if (*found)
            CY_TRY(cy_home_add(&run->home, &alias, 1));
    }
    return CY_OK;
}

static cy_err make_passports(struct cy_cli *run, const struct cy_newcomer *newcomers, size_t n,
                             struct cy_import_count *count)
{
    struct group *g = cy_arena_zero(&run->arena, sizeof *g);
    struct held_keys held = {.run = run};
    struct cy_id realm;
    bool found = false;

    if (g == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(cy_cli_realm(run, &realm));
    CY_TRY(cy_cli_signer(run));
    CY_TRY(cy_signer_keys(run->signer, hold_key, &held));
    for (size_t i = 0; i < n; i++) {
        found = cy_home_alias(&run->home, "passport", newcomers[i].alias) != NULL;
        if (!found)
            CY_TRY(adopt(run, &held, newcomers[i].alias, &found));
        if (found) {
            count->there++;
            continue;
        }
        CY_TRY(prepare(run, &newcomers[i], g, &realm));
        if (g->n == AT_ONCE)
            CY_TRY(send_group(run, g, count));
    }
    return g->n > 0 ? send_group(run, g, count) : CY_OK;
}

/* --- codes --- */

struct attesting {
    struct cy_passport_attest attest[ATTEST_MOST];
    struct cy_any any[ATTEST_MOST];
    uint32_t n;
    struct cy_cli_author operator_;
};

static cy_err send_attestations(struct cy_cli *run, struct attesting *a,
                                struct cy_import_count *count)
{
    const struct cy_batch batch = {.mode = CY_batch_mode_EACH, .acts = a->any, .n_acts = a->n};
    json_t *receipt = NULL;
    const json_t *verdicts = NULL;

    if (a->n == 0)
        return CY_OK;
    CY_TRY(cy_cli_do(run, &a->operator_.by, &cy_schema_batch, &batch, &receipt));
    verdicts = json_object_get(receipt, "verdicts");
    for (uint32_t i = 0; i < a->n; i++) {
        const char *word = json_string_value(json_array_get(verdicts, i));
        const bool good = word != NULL && strcmp(word, "NONE") == 0;

        count->attested += good;
        if (good)
            continue;
        count->refused++;
        (void)fprintf(run->err, "comity: code %.*s: %s\n", (int)a->attest[i].value.n,
                      a->attest[i].value.s, word == NULL ? "?" : word);
    }
    json_decref(receipt);
    a->n = 0;
    return CY_OK;
}

static cy_err attest_all(struct cy_cli *run, const struct cy_newcomer *newcomers, size_t n,
                         bool (*code_there)[4], struct cy_import_count *count)
{
    struct attesting *a = cy_arena_zero(&run->arena, sizeof *a);

    if (a == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(cy_cli_author_of(run, "operator", false, &a->operator_));
    for (size_t i = 0; i < n; i++) {
        const struct cy_alias *alias = cy_home_alias(&run->home, "passport", newcomers[i].alias);

        for (uint32_t c = 0; alias != NULL && c < newcomers[i].n_codes; c++) {
            struct cy_passport_attest *m = &a->attest[a->n];

            if (code_there[i][c])
                continue;
            m->passport = alias->id;
            CY_TRY(cy_label_of(cy_span_text(newcomers[i].codes[c].scheme), &m->scheme));
            CY_TRY(cy_label_of(cy_span_text(newcomers[i].codes[c].value), &m->value));
            a->any[a->n++] = (struct cy_any){&cy_schema_passport_attest, m};
            if (a->n == ATTEST_MOST)
                CY_TRY(send_attestations(run, a, count));
        }
    }
    return send_attestations(run, a, count);
}

/* --- retiring --- */

static const struct cy_passport_retire retire_ = {.reason = {.n = 0}};

struct leaving {
    struct cy_act_author authors[AT_ONCE];
    struct cy_id keys[AT_ONCE];
    struct cy_act_draft drafts[AT_ONCE];
    struct cy_span acts[AT_ONCE];
    const char *names[AT_ONCE];
    cy_err errors[AT_ONCE];
    size_t n;
};

/* The passports that still stand among those that are to retire. */
static cy_err still_active(struct cy_cli *run, const struct cy_id *id, bool *active)
{
    char path[160];
    char hex[65];
    json_t *page = NULL;
    const char *word = NULL;

    cy_hex(id->b, sizeof id->b, hex);
    (void)snprintf(path, sizeof path, "/v1/records/passport?limit=1&id=%s", hex);
    CY_TRY(cy_cli_fetch_json(run, path, &page));
    word = json_string_value(
        json_object_get(json_array_get(json_object_get(page, "items"), 0), "standing"));
    *active = word != NULL && strcmp(word, "active") == 0;
    json_decref(page);
    return CY_OK;
}

static cy_err send_leaving(struct cy_cli *run, struct leaving *l, struct cy_import_count *count)
{
    const size_t mark = run->arena.used;
    cy_err err = cy_sign_acts(run->signer, l->drafts, l->n, cy_cli_now() / 1000, &run->arena);

    for (size_t i = 0; i < l->n; i++)
        l->acts[i] = l->drafts[i].envelope;
    if (cy_ok(err))
        err = cy_cli_send_all(run, "retiring", l->acts, l->names, l->n, l->errors, NULL,
                              &count->refused);
    for (size_t i = 0; i < l->n; i++)
        count->retired += cy_ok(l->errors[i]) ? 1u : 0u;
    cy_arena_rewind(&run->arena, mark);
    l->n = 0;
    return err;
}

static cy_err retire_all(struct cy_cli *run, const struct cy_newcomer *newcomers, size_t n,
                         struct cy_import_count *count)
{
    struct leaving *l = cy_arena_zero(&run->arena, sizeof *l);
    struct cy_id realm;

    if (l == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(cy_cli_realm(run, &realm));
    for (size_t i = 0; i < n; i++) {
        const struct cy_alias *alias = cy_home_alias(&run->home, "passport", newcomers[i].alias);
        bool active = false;

        if (!newcomers[i].retire || alias == NULL || cy_id_none(&alias->key))
            continue;
        CY_TRY(still_active(run, &alias->id, &active));
        if (!active)
            continue;
        l->keys[l->n] = alias->key;
        l->authors[l->n] = (struct cy_act_author){.author = alias->id,
                                                  .realm = realm,
                                                  .keys = &l->keys[l->n],
                                                  .n_keys = 1,
                                                  .valid_s = 600};
        l->drafts[l->n] = (struct cy_act_draft){
            .by = &l->authors[l->n], .schema = &cy_schema_passport_retire, .message = &retire_};
        l->names[l->n++] = newcomers[i].alias;
        if (l->n == AT_ONCE)
            CY_TRY(send_leaving(run, l, count));
    }
    return l->n > 0 ? send_leaving(run, l, count) : CY_OK;
}

cy_err cy_cli_newcomers(struct cy_cli *run, const struct cy_newcomer *newcomers, size_t n,
                        struct cy_import_count *count)
{
    bool(*code_there)[4] = cy_arena_zero(&run->arena, (n + 1) * sizeof *code_there);

    if (code_there == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(ask_attested(run, newcomers, n, code_there));
    if (run->dry) {
        for (size_t i = 0; i < n; i++) {
            const bool there = cy_home_alias(&run->home, "passport", newcomers[i].alias) != NULL;

            count->there += there;
            count->made += !there;
        }
        return CY_OK;
    }
    CY_TRY(make_passports(run, newcomers, n, count));
    CY_TRY(attest_all(run, newcomers, n, code_there, count));
    return retire_all(run, newcomers, n, count);
}

/* --- the countries --- */

struct countries {
    struct cy_newcomer list[COUNTRIES_MAX];
    size_t n;
    json_t *files[2];
};

static bool wanted(const char *only, const char *code)
{
    const size_t n = strlen(code);

    for (const char *at = only; at != NULL && *at != 0; at++) {
        if (strncmp(at, code, n) == 0 && (at[n] == ',' || at[n] == 0))
            return true;
        at = strchr(at, ',');
        if (at == NULL)
            break;
    }
    return only == NULL;
}

static void add_code(struct cy_newcomer *who, const char *scheme, const char *value)
{
    if (value == NULL || who->n_codes == CY_NEWCOMER_CODES)
        return;
    who->codes[who->n_codes].scheme = scheme;
    who->codes[who->n_codes++].value = value;
}

static cy_err read_countries(struct cy_cli *run, struct countries *all, const char *path,
                             bool former, uint8_t kind)
{
    static const struct cy_json_limits limits = {(size_t)4 << 20, 8, false};
    const char *only = cy_cli_arg(&run->args, "only");
    const json_t *list = NULL;
    struct cy_json_fault fault;
    struct cy_span text;

    CY_TRY(cy_cli_read_file(run, path, limits.size_max, &text));
    if (!cy_ok(cy_json_parse(text, &limits, &all->files[former], &fault))) {
        cy_cli_note(run, "%s:%u:%u: %s", path, fault.line, fault.column, fault.why);
        return cy_fail(CY_E_BAD_JSON, 0);
    }
    list = json_object_get(all->files[former], former ? "3166-3" : "3166-1");
    if (json_array_size(list) == 0) {
        cy_cli_note(run, "%s: holds no countries in the form of iso-codes", path);
        return cy_fail(CY_E_BAD_JSON, 0);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        const char *common = json_string_value(json_object_get(c, "common_name"));
        const char *code = json_string_value(json_object_get(c, former ? "alpha_4" : "alpha_3"));
        struct cy_newcomer *who = &all->list[all->n];

        if (code == NULL || !wanted(only, code))
            continue;
        if (all->n == COUNTRIES_MAX)
            return cy_fail(CY_E_NO_ROOM, COUNTRIES_MAX);
        *who = (struct cy_newcomer){.kind = kind, .alias = code, .retire = former};
        who->name = common != NULL ? common : json_string_value(json_object_get(c, "name"));
        add_code(who, former ? "iso3166-3" : "iso3166-1", code);
        if (!former) {
            add_code(who, "iso3166-1", json_string_value(json_object_get(c, "alpha_2")));
            add_code(who, "iso3166-1", json_string_value(json_object_get(c, "numeric")));
        }
        if (who->name == NULL)
            return cy_fail(CY_E_BAD_JSON, 0);
        all->n++;
    }
    return CY_OK;
}

static cy_err kind_of(struct cy_cli *run, uint8_t *kind)
{
    const char *word = cy_cli_arg(&run->args, "kind");
    const struct cy_word_set *set = NULL;

    for (size_t i = 0; i < cy_schema_passport_create.n_fields; i++) {
        if (cy_schema_passport_create.fields[i].type == CY_T_enum)
            set = cy_schema_passport_create.fields[i].set;
    }
    *kind = CY_kind_NATION;
    CY_ASSERT(set != NULL); /* passport_create has its kind */
    for (size_t i = 0; word != NULL && i < set->n; i++) {
        if (strcmp(set->words[i].text, word) == 0) {
            *kind = set->words[i].number;
            return CY_OK;
        }
    }
    if (word == NULL)
        return CY_OK;
    cy_cli_note(run, "--kind %s is no kind of passport", word);
    return cy_fail(CY_E_USAGE, 0);
}

static cy_err import(struct cy_cli *run, struct countries *all, struct cy_import_count *count)
{
    const char *file = cy_cli_arg(&run->args, "file");
    const char *former = cy_cli_arg(&run->args, "former");
    uint8_t kind = 0;

    CY_TRY(kind_of(run, &kind));
    CY_TRY(read_countries(run, all, file == NULL ? ISO_DIR "iso_3166-1.json" : file, false, kind));
    if (!cy_cli_arg_on(&run->args, "no-former"))
        CY_TRY(read_countries(run, all, former == NULL ? ISO_DIR "iso_3166-3.json" : former, true,
                              kind));
    return cy_cli_newcomers(run, all->list, all->n, count);
}

int cy_cli_import_passports(struct cy_cli *run)
{
    struct countries *all = cy_arena_zero(&run->arena, sizeof *all);
    struct cy_import_count count = {0};
    const cy_err err = all == NULL ? cy_fail(CY_E_NO_ROOM, 0) : import(run, all, &count);

    if (all != NULL) {
        json_decref(all->files[0]);
        json_decref(all->files[1]);
    }
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        (void)cy_cli_print(run, json_pack("{s:I,s:I,s:I,s:I,s:I,s:b}", "made",
                                          (json_int_t)count.made, "there", (json_int_t)count.there,
                                          "attested", (json_int_t)count.attested, "retired",
                                          (json_int_t)count.retired, "refused",
                                          (json_int_t)count.refused, "dry_run", (int)run->dry));
    else
        (void)fprintf(run->out,
                      "%zu passports %s, %zu were there; %zu codes attested, %zu former countries "
                      "retired, %zu refused\n",
                      count.made, run->dry ? "would be made" : "made", count.there, count.attested,
                      count.retired, count.refused);
    return count.refused > 0 ? CY_EXIT_REFUSED : CY_EXIT_OK;
}

#include "host/cli/cli_passport.h"

#include "host/cli/cli_trail.h"

#include "crypto/secret.h"
#include "kernel/identity.h"

#include <stdlib.h>

#define CODES_MAX 16u

const struct cy_cli_option cy_cli_passport_options[] = {
    {"code",    "SCHEME=VALUE", "a code that the operator attests, such as iso3166-1=NO; repeat"},
    {"no-next", NULL,           "without a standby key: its keys can then never be replaced"    },
    {"no-box",  NULL,           "without a box key: no blob can then be sealed to it"           },
    {NULL,      NULL,           NULL                                                            },
};

const struct cy_cli_option cy_cli_key_options[] = {
    {"label",   "LABEL",   "what the key is called"                               },
    {"purpose", "PURPOSE", "act, checkpoint, cosignature, box, vote or peer (act)"},
    {"next",    NULL,      "also a standby key for pre-rotation (acts only)"      },
    {NULL,      NULL,      NULL                                                   },
};

struct cy_id cy_cli_next_digest(const struct cy_id *next)
{
    const struct cy_key_share share = {.key = *next, .weight = 1};
    const struct cy_key_set set = {
        &share, 1, {1, 0, 0}
    };

    return cy_identity_next(&set);
}

/* --- codes --- */

struct codes {
    struct cy_passport_attest attest[CODES_MAX];
    struct cy_any any[CODES_MAX];
    uint32_t n;
};

static cy_err read_codes(struct cy_cli *run, struct codes *codes)
{
    const char *word = NULL;
    size_t at = 0;

    while ((word = cy_cli_arg_next(&run->args, "code", &at)) != NULL) {
        const char *equals = strchr(word, '=');
        struct cy_passport_attest *a = &codes->attest[codes->n];

        if (codes->n == CODES_MAX || equals == NULL || equals == word ||
            !cy_ok(cy_label_of(cy_span_of(word, (size_t)(equals - word)), &a->scheme)) ||
            equals[1] == 0 || !cy_ok(cy_label_of(cy_span_text(equals + 1), &a->value))) {
            cy_cli_note(run, "--code %s: write SCHEME=VALUE, each at most 15 bytes", word);
            return cy_fail(CY_E_USAGE, 0);
        }
        codes->any[codes->n++] = (struct cy_any){&cy_schema_passport_attest, a};
    }
    return CY_OK;
}

static cy_err attest_codes(struct cy_cli *run, struct codes *codes, const struct cy_id *passport)
{
    struct cy_cli_author *author = cy_arena_take(&run->arena, sizeof *author);
    const struct cy_batch batch = {
        .mode = CY_batch_mode_EACH, .acts = codes->any, .n_acts = codes->n};
    json_t *receipt = NULL;
    cy_err err = CY_OK;

    if (author == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    if (codes->n == 0)
        return CY_OK;
    for (uint32_t i = 0; i < codes->n; i++)
        codes->attest[i].passport = *passport;
    CY_TRY(cy_cli_author_of(run, "operator", false, author));
    author->by.subject = (struct cy_id){0};
    err = codes->n == 1
              ? cy_cli_do(run, &author->by, &cy_schema_passport_attest, &codes->attest[0], &receipt)
              : cy_cli_do(run, &author->by, &cy_schema_batch, &batch, &receipt);
    json_decref(receipt);
    return err;
}

/* --- create --- */

struct birth {
    const char *names[CY_CLI_OPTIONS_MAX];
    const char *values[CY_CLI_OPTIONS_MAX];
    size_t n;
    struct cy_alias alias;
    struct codes codes;
    struct cy_passport_create message;
    struct cy_cli_author author;
    char keys[160];
    char next[65];
    char box[65];
    struct cy_secret *trial; /* --dry-run */
};

static void set_field(struct birth *birth, const char *name, const char *value)
{
    birth->names[birth->n] = name;
    birth->values[birth->n++] = value;
}

static const char *field_value(const struct birth *birth, const char *name)
{
    for (size_t i = 0; i < birth->n; i++) {
        if (cy_cli_same_name(birth->names[i], name))
            return birth->values[i];
    }
    return NULL;
}

/* The alias: --alias, else the value of the first code, else the name when it can be one. */
static cy_err choose_alias(struct cy_cli *run, struct birth *birth)
{
    const char *name = cy_cli_arg(&run->args, "alias");
    size_t at = 0;
    const char *code = cy_cli_arg_next(&run->args, "code", &at);
    const char *given = field_value(birth, "name");
    const struct cy_id none = {0};

    if (name == NULL && code != NULL && strchr(code, '=') != NULL)
        name = strchr(code, '=') + 1;
    if (name == NULL)
        name = given;
    if (name == NULL) {
        cy_cli_note(run, "comity passport create needs --kind and --name");
        return cy_fail(CY_E_USAGE, 0);
    }
    if (!cy_ok(cy_alias_of("passport", name, &none, &birth->alias))) {
        cy_cli_note(run, "\"%.80s\" cannot be an alias (no blanks, at most 63 bytes); give --alias",
                    name);
        return cy_fail(CY_E_USAGE, 0);
    }
    if (cy_home_alias(&run->home, "passport", birth->alias.name) != NULL) {
        cy_cli_note(run, "there is a passport with the alias %s already; give --alias",
                    birth->alias.name);
        return cy_fail(CY_E_EXISTS, 0);
    }
    (void)snprintf(birth->alias.label, sizeof birth->alias.label, "%.63s", birth->alias.name);
    return CY_OK;
}

/* The X25519 key to which blobs are sealed for it, labelled NAME/box: its public half stands in the
 * passport, which is how `comity blob` finds it again. */
static cy_err add_box(struct cy_cli *run, struct birth *birth)
{
    char label[sizeof birth->alias.label + 4];
    struct cy_id key;
    size_t n = strlen(birth->alias.label);

    if (cy_cli_arg_on(&run->args, "no-box") || field_value(birth, "box_key") != NULL)
        return CY_OK;
    while (n + 4 > CY_SIGNER_LABEL_MAX || !cy_ok(cy_utf8_check(cy_span_of(birth->alias.label, n))))
        n--;
    (void)snprintf(label, sizeof label, "%.*s/box", (int)n, birth->alias.label);
    CY_TRY(cy_signer_make(run->signer, cy_span_text(label), CY_PURPOSE_BOX, &key, NULL));
    cy_hex(key.b, sizeof key.b, birth->box);
    set_field(birth, "box_key", birth->box);
    return CY_OK;
}

/* A key for trying: it is in no signer, and forgotten after. */
static cy_err make_trial_key(struct birth *birth)
{
    birth->trial = cy_secret_memory(sizeof *birth->trial);
    if (birth->trial == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    cy_secret_new(birth->trial, &birth->alias.key);
    return CY_OK;
}

/* The act signed by the trial key, in the arena. */
static cy_err sign_trial(struct cy_cli *run, const struct birth *birth, struct cy_span *act)
{
    struct cy_claims claims = {.realm = birth->author.by.realm,
                               .expires = cy_cli_now() / 1000 + birth->author.by.valid_s};
    uint8_t head[512];
    struct cy_cbor_writer protected = cy_cbor_write(head, sizeof head);
    struct cy_cbor_writer payload =
        cy_cbor_write(cy_arena_take(&run->arena, CY_ENTRY_MAX), CY_PAYLOAD_MAX);
    struct cy_cbor_writer to_sign =
        cy_cbor_write(cy_arena_take(&run->arena, CY_ENTRY_MAX), CY_ENTRY_MAX);
    struct cy_cbor_writer out =
        cy_cbor_write(cy_arena_take(&run->arena, CY_ENTRY_MAX), CY_ENTRY_MAX);
    struct cy_act_signature made = {.key = birth->alias.key};
    struct cy_signature signature;

    if (payload.at == NULL || to_sign.at == NULL || out.at == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    cy_random(claims.nonce, sizeof claims.nonce);
    CY_TRY(cy_encode_act(&cy_schema_passport_create, &birth->message, &payload));
    CY_TRY(cy_envelope_protected(&claims, &made.key, &protected));
    CY_TRY(cy_envelope_to_sign(cy_cbor_written(&protected), cy_cbor_written(&payload), false,
                               &made.key, &to_sign));
    cy_secret_sign(birth->trial, cy_cbor_written(&to_sign), &signature);
    memcpy(made.bytes, signature.b, sizeof made.bytes);
    CY_TRY(cy_envelope_write(cy_cbor_written(&protected), cy_cbor_written(&payload), false, &made,
                             1, &out));
    *act = cy_cbor_written(&out);
    return CY_OK;
}

/* Makes the keys, unless the line names them, and the fields about them. */
static cy_err add_keys(struct cy_cli *run, struct birth *birth)
{
    const bool next = !cy_cli_arg_on(&run->args, "no-next") && !run->dry;
    struct cy_id digest;
    char hex[65];

    if (field_value(birth, "keys") != NULL)
        return CY_OK; /* the caller's own set; --key names who signs */
    if (run->dry) {
        CY_TRY(make_trial_key(birth));
    } else {
        CY_TRY(cy_cli_signer(run));
        CY_TRY(cy_signer_make(run->signer, cy_span_text(birth->alias.label), CY_PURPOSE_ACT,
                              &birth->alias.key, next ? &birth->alias.next : NULL));
    }
    cy_hex(birth->alias.key.b, sizeof birth->alias.key.b, hex);
    (void)snprintf(birth->keys, sizeof birth->keys, "[{\"key\":\"%s\",\"weight\":1}]", hex);
    set_field(birth, "keys", birth->keys);
    set_field(birth, "need_0", "1");
    if (next) {
        digest = cy_cli_next_digest(&birth->alias.next);
        cy_hex(digest.b, sizeof digest.b, birth->next);
        set_field(birth, "next", birth->next);
    }
    birth->author.keys[0] = birth->alias.key;
    birth->author.by.n_keys = 1;
    return run->dry ? CY_OK : add_box(run, birth);
}

static cy_err create(struct cy_cli *run, struct birth *birth, json_t **receipt)
{
    struct cy_span trial;
    cy_err err = CY_OK;

    birth->n = cy_cli_act_fields(run, birth->names, birth->values);
    CY_TRY(read_codes(run, &birth->codes));
    CY_TRY(choose_alias(run, birth));
    CY_TRY(cy_cli_author_of(run, NULL, true, &birth->author));
    CY_TRY(add_keys(run, birth));
    CY_TRY(cy_cli_act_read(run, &cy_schema_passport_create, birth->names, birth->values, birth->n,
                           &birth->message));
    if (birth->author.by.n_keys == 0) {
        cy_cli_note(run, "--keys names the keys; say with --key LABEL which of them sign");
        return cy_fail(CY_E_USAGE, 0);
    }
    if (birth->trial != NULL) {
        CY_TRY(sign_trial(run, birth, &trial));
        return cy_cli_post(run, trial, receipt);
    }
    CY_TRY(cy_cli_do(run, &birth->author.by, &cy_schema_passport_create, &birth->message, receipt));
    if (run->dry)
        return CY_OK;
    if (!cy_cli_receipt_id(*receipt, &birth->alias.id))
        return cy_fail(CY_E_PEER_ANSWER, 0);
    CY_TRY(cy_home_add(&run->home, &birth->alias, 1));
    err = attest_codes(run, &birth->codes, &birth->alias.id);
    if (!cy_ok(err)) {
        const size_t n = strlen(run->why);

        (void)snprintf(run->why + n, sizeof run->why - n,
                       "; the passport %s stands, its codes are not attested", birth->alias.name);
    }
    return err;
}

int cy_cli_passport_create(struct cy_cli *run)
{
    struct birth *birth = cy_arena_zero(&run->arena, sizeof *birth);
    json_t *receipt = NULL;
    cy_err err = birth == NULL ? cy_fail(CY_E_NO_ROOM, 0) : create(run, birth, &receipt);
    int code = 0;

    if (birth != NULL)
        cy_secret_free(birth->trial);
    if (!cy_ok(err)) {
        json_decref(receipt);
        return cy_cli_fail(run, err, NULL);
    }
    if (!run->dry && json_object_set_new(receipt, "alias", json_string(birth->alias.name)) != 0)
        err = cy_fail(CY_E_NO_MEMORY, 0);
    code = cy_cli_receipt_show(run, receipt);
    if (!run->json && !run->dry && code == CY_EXIT_OK)
        (void)fprintf(run->out, "alias %s\n", birth->alias.name);
    return code;
}

/* --- show and list --- */

/* The passport of the first word after the command, or of --as. */
static cy_err passport_of(struct cy_cli *run, const char **name, struct cy_id *id)
{
    *name = run->args.n_words > 2 ? run->args.words[2] : run->as;
    return cy_cli_id(run, NULL, *name, id);
}

static cy_err fetch_where(struct cy_cli *run, const char *table, const char *field,
                          const struct cy_id *id, json_t **items)
{
    char path[256];
    char hex[65];
    json_t *answer = NULL;

    cy_hex(id->b, sizeof id->b, hex);
    (void)snprintf(path, sizeof path, "/v1/records/%s?%s=%s&limit=1000", table, field, hex);
    CY_TRY(cy_cli_fetch_json(run, path, &answer));
    *items = json_incref(json_object_get(answer, "items"));
    json_decref(answer);
    return *items == NULL ? cy_fail(CY_E_PEER_ANSWER, 0) : CY_OK;
}

static void show_object(struct cy_cli *run, const json_t *object)
{
    const char *key = NULL;
    json_t *value = NULL;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

        (void)fprintf(run->out, "  %-14s %s\n", key,
                      json_is_string(value) ? json_string_value(value) : text);
        free(text);
    }
}

int cy_cli_passport_show(struct cy_cli *run)
{
    const char *name = NULL;
    json_t *passports = NULL;
    json_t *codes = NULL;
    json_t *keys = NULL;
    struct cy_id id;
    cy_err err = passport_of(run, &name, &id);

    if (cy_ok(err))
        err = fetch_where(run, "passport", "id", &id, &passports);
    if (cy_ok(err) && json_array_size(passports) == 0) {
        cy_cli_note(run, "%s", name);
        err = cy_fail(CY_E_UNKNOWN_PASSPORT, 0);
    }
    if (cy_ok(err))
        err = fetch_where(run, "attestation", "passport", &id, &codes);
    if (cy_ok(err))
        err = fetch_where(run, "control", "passport", &id, &keys);
    if (cy_ok(err) && run->json) {
        (void)cy_cli_print(run, json_pack("{s:O,s:O,s:O}", "passport", json_array_get(passports, 0),
                                          "codes", codes, "keys", keys));
    } else if (cy_ok(err)) {
        show_object(run, json_array_get(passports, 0));
        for (size_t i = 0; i < json_array_size(codes); i++)
            (void)fprintf(run->out, "  code           %s %s\n",
                          json_string_value(json_object_get(json_array_get(codes, i), "scheme")),
                          json_string_value(json_object_get(json_array_get(codes, i), "value")));
    }
    json_decref(passports);
    json_decref(codes);
    json_decref(keys);
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}

/* The list of the daemon, page by page, with the aliases of this directory beside it. */
int cy_cli_passport_list(struct cy_cli *run)
{
    json_t *all = json_array();
    uint64_t after = 0;
    bool more = all != NULL;
    cy_err err = all == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;

    while (cy_ok(err) && more) {
        char path[96];
        json_t *page = NULL;

        (void)snprintf(path, sizeof path, "/v1/records/passport?limit=1000&after=%llu",
                       (unsigned long long)after);
        err = cy_cli_fetch_json(run, path, &page);
        if (cy_ok(err) && json_array_extend(all, json_object_get(page, "items")) != 0)
            err = cy_fail(CY_E_PEER_ANSWER, 0);
        more = json_object_get(page, "next") != NULL;
        after = (uint64_t)json_integer_value(json_object_get(page, "next"));
        json_decref(page);
    }
    if (cy_ok(err) && run->json)
        return cy_cli_print(run, all);
    for (size_t i = 0; cy_ok(err) && i < json_array_size(all); i++) {
        const json_t *p = json_array_get(all, i);
        const char *hex = json_string_value(json_object_get(p, "id"));
        const struct cy_alias *alias = NULL;
        struct cy_id id;

        if (hex != NULL && cy_ok(cy_hex_read(cy_span_text(hex), id.b, sizeof id.b)))
            alias = cy_home_alias_of(&run->home, &id);
        (void)fprintf(run->out, "%-16s %-10s %-8s %.16s  %s\n", alias == NULL ? "" : alias->name,
                      json_string_value(json_object_get(p, "kind")),
                      json_string_value(json_object_get(p, "standing")), hex == NULL ? "" : hex,
                      json_string_value(json_object_get(p, "name")));
    }
    json_decref(all);
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}

/* --- rotate --- */

cy_err cy_cli_rotation(struct cy_cli *run, const struct cy_id *passport, struct cy_id *after,
                       struct cy_cli_rotation *out)
{
    const struct cy_alias *known = cy_home_alias_of(&run->home, passport);
    struct cy_id fresh;

    if (known == NULL || cy_id_none(&known->next)) {
        cy_cli_note(run, "no standby key of %s is known here",
                    known == NULL ? "this passport" : known->name);
        return cy_fail(CY_E_NO_NEXT, 0);
    }
    CY_TRY(cy_cli_author_named(run, known->name, NULL, CY_CLI_VALID_S, &out->author));
    CY_TRY(cy_cli_signer(run));
    out->alias = *known;
    /* the key after next: only its standby half is used, as the half that signs is the old next */
    if (cy_id_none(after))
        CY_TRY(
            cy_signer_make(run->signer, cy_span_text(known->label), CY_PURPOSE_ACT, &fresh, after));
    out->alias.key = known->next;
    out->alias.next = *after;
    out->share = (struct cy_key_share){.key = out->alias.key, .weight = 1};
    out->message = (struct cy_passport_rotate){.keys = &out->share,
                                               .n_keys = 1,
                                               .need_0 = 1,
                                               .next = cy_cli_next_digest(&out->alias.next)};
    out->author.keys[0] = out->alias.key;
    out->author.by.n_keys = 1;
    return CY_OK;
}

static cy_err rotate(struct cy_cli *run, json_t **receipt)
{
    struct cy_cli_rotation *rotation = cy_arena_zero(&run->arena, sizeof *rotation);
    struct cy_id after = {0};
    struct cy_id id;
    const char *name = NULL;

    if (rotation == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    if (run->dry) {
        cy_cli_note(run, "a rotation cannot be tried: signing it makes the standby key current");
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(passport_of(run, &name, &id));
    CY_TRY(cy_cli_rotation(run, &id, &after, rotation));
    CY_TRY(cy_cli_do(run, &rotation->author.by, &cy_schema_passport_rotate, &rotation->message,
                     receipt));
    return cy_home_add(&run->home, &rotation->alias, 1);
}

int cy_cli_passport_rotate(struct cy_cli *run)
{
    json_t *receipt = NULL;
    const cy_err err = rotate(run, &receipt);

    if (cy_ok(err))
        return cy_cli_receipt_show(run, receipt);
    json_decref(receipt);
    return cy_cli_fail(run, err, NULL);
}

/* --- keys --- */

static cy_err seen_key(void *user, const struct cy_signer_key *key)
{
    json_t *list = user;
    char hex[65];
    char label[CY_SIGNER_LABEL_MAX + 1];
    const char *purpose = cy_purpose_text(key->purpose);

    cy_hex(key->key.b, sizeof key->key.b, hex);
    (void)snprintf(label, sizeof label, "%.*s", (int)key->label.n, (const char *)key->label.at);
    return json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:b,s:I}", "label", label, "purpose",
                                                 purpose == NULL ? "?" : purpose, "key", hex,
                                                 "standby", (int)key->standby, "created_s",
                                                 (json_int_t)key->created_s)) == 0
               ? CY_OK
               : cy_fail(CY_E_NO_MEMORY, 0);
}

int cy_cli_key_list(struct cy_cli *run)
{
    json_t *list = json_array();
    cy_err err = cy_cli_signer(run);

    if (cy_ok(err))
        err = cy_signer_keys(run->signer, seen_key, list);
    if (cy_ok(err) && run->json)
        return cy_cli_print(run, list);
    for (size_t i = 0; cy_ok(err) && i < json_array_size(list); i++) {
        const json_t *key = json_array_get(list, i);

        (void)fprintf(run->out, "%-20s %-12s %s%s\n",
                      json_string_value(json_object_get(key, "label")),
                      json_string_value(json_object_get(key, "purpose")),
                      json_string_value(json_object_get(key, "key")),
                      json_is_true(json_object_get(key, "standby")) ? "  (standby)" : "");
    }
    json_decref(list);
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}

int cy_cli_key_make(struct cy_cli *run)
{
    const char *label = cy_cli_arg(&run->args, "label");
    const char *word = cy_cli_arg(&run->args, "purpose");
    const uint8_t purpose = cy_purpose_read(cy_span_text(word == NULL ? "act" : word));
    const bool with_next = cy_cli_arg_on(&run->args, "next");
    char hex[65];
    char next_hex[65] = "";
    uint64_t seq = 0;
    struct cy_id key;
    struct cy_id next;
    cy_err err = CY_OK;

    if (label == NULL)
        return cy_cli_wrong(run, "comity key make needs --label LABEL");
    if (purpose == 0)
        return cy_cli_wrong(run, "--purpose %s: act, checkpoint, cosignature, box, vote or peer",
                            word);
    err = cy_cli_signer(run);
    if (cy_ok(err))
        err = cy_cli_trail_begin(run, "key.make", label, &seq);
    if (cy_ok(err)) {
        err = cy_signer_make(run->signer, cy_span_text(label), (enum cy_purpose)purpose, &key,
                             with_next ? &next : NULL);
        cy_cli_trail_end(run, "key.make", label, seq, err);
    }
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    cy_hex(key.b, sizeof key.b, hex);
    if (with_next)
        cy_hex(next.b, sizeof next.b, next_hex);
    if (run->json)
        return cy_cli_print(
            run, json_pack("{s:s,s:s,s:s}", "label", label, "key", hex, "next", next_hex));
    (void)fprintf(run->out, "%s %s\n", label, hex);
    if (with_next)
        (void)fprintf(run->out, "standby %s\n", next_hex);
    return CY_EXIT_OK;
}

#include "host/cli/cli_exit.h"

#include "host/cli/cli_foreign.h"
#include "host/json/json.h"
#include "kernel/claim.h"
#include "verify/exit_file.h"

#include <stdlib.h>

#define FILE_MAX ((size_t)64 << 20)
#define ACCOUNTS_MAX 4096u

const struct cy_cli_option cy_cli_exit_bundle_options[] = {
    {"from", "DIR|URL",
     "a copy of the realm's ledger: its directory, a mirror, or a daemon (this "
     "one)"                                                     },
    {"out",  "FILE",    "write the bundle there (PASSPORT.exit)"},
    {NULL,   NULL,      NULL                                    },
};

const struct cy_cli_option cy_cli_exit_admit_options[] = {
    {"from",   "DIR|URL", "a copy of the old realm's ledger: when the bridge has heard of it before"},
    {"pinned", "FILE",    "policy that this realm's bridge pins of the old one"                     },
    {"claim",  NULL,      "claim without a departure: the old operator does not let one go"         },
    {NULL,     NULL,      NULL                                                                      },
};

const struct cy_cli_option cy_cli_exit_copy_options[] = {
    {"from",   "DIR|URL", "a copy of the other realm's ledger: directory, mirror or daemon"},
    {"pinned", "FILE",    "policy that this realm's bridge pins of the other"              },
    {NULL,     NULL,      NULL                                                             },
};

/* --- bundle --- */

/* What belongs into the bundle of a passport. */
struct belongings {
    struct cy_id passport;
    struct cy_id accounts[ACCOUNTS_MAX];
    size_t n_accounts;
    bool seen; /* the passport is there */
};

static bool own_identity(const struct belongings *b, const struct cy_schema *schema,
                         const void *record)
{
    /* all four begin with the id of the passport, or, of a departure, are about it */
    return (schema == &cy_schema_passport || schema == &cy_schema_control ||
            schema == &cy_schema_rotation || schema == &cy_schema_departure) &&
           memcmp(record, &b->passport, sizeof b->passport) == 0;
}

static bool wants(void *user, unsigned round, const struct cy_schema *schema, const void *record)
{
    struct belongings *b = user;

    if (schema == &cy_schema_account) {
        const struct cy_account *account = record;
        const bool own = cy_id_eq(&account->owner, &b->passport);

        if (own && round == 0 && b->n_accounts < ACCOUNTS_MAX)
            b->accounts[b->n_accounts++] = account->id;
        return own;
    }
    if (own_identity(b, schema, record)) {
        b->seen = b->seen || schema == &cy_schema_passport;
        return true;
    }
    if (schema == &cy_schema_realm)
        return true;
    if (schema == &cy_schema_attestation)
        return cy_id_eq(&((const struct cy_attestation *)record)->passport, &b->passport);
    if (schema->size > CY_STATE_VALUE_MAX)
        return false;
    if (cy_duty_binds(schema, record, &b->passport))
        return true;
    for (size_t i = 0; i < b->n_accounts; i++) {
        if (schema == &cy_schema_pending && cy_duty_binds(schema, record, &b->accounts[i]))
            return true;
    }
    return false;
}

static cy_err write_bundle(struct cy_cli *run, const struct cy_id *passport,
                           const struct cy_state_pick *pick, struct cy_span *out)
{
    const size_t room = FILE_MAX;
    char *at = cy_arena_take(&run->arena, room);
    char *proof_room = cy_arena_take(&run->arena, CY_NOTE_MAX + 8192);
    struct cy_text text;
    struct cy_text proof;
    struct cy_exit_sheet sheet = {.passport = passport, .entry = pick->entry};

    if (at == NULL || proof_room == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    text = cy_text_on(at, room);
    proof = cy_text_on(proof_room, CY_NOTE_MAX + 8192);
    cy_tlog_proof_write(&proof, (struct cy_span){0}, pick->at, pick->path, pick->n_path,
                        pick->note);
    sheet.proof = cy_text_bytes(&proof);
    cy_exit_file_begin(&text, &sheet);
    for (size_t i = 0; i < pick->n; i++)
        cy_exit_file_row(&text, i == 0, pick->rows[i].schema, pick->rows[i].value,
                         pick->rows[i].proof);
    cy_exit_file_end(&text);
    *out = cy_text_bytes(&text);
    return text.full || proof.full ? cy_fail(CY_E_TOO_LARGE, 0) : CY_OK;
}

/* The passport of the word behind the verb. */
static cy_err passport_word(struct cy_cli *run, struct cy_id *out)
{
    const char *word = run->args.n_words > 2 ? run->args.words[2] : run->as;

    return cy_cli_id(run, NULL, word, out);
}

int cy_cli_exit_bundle(struct cy_cli *run)
{
    struct belongings *b = cy_arena_zero(&run->arena, sizeof *b);
    const struct cy_state_wish wish = {wants, b};
    const char *path = cy_cli_arg(&run->args, "out");
    struct cy_state_pick pick = {.n = 0};
    struct cy_span bytes = {0};
    char name[96];
    char hex[65];
    cy_err err = b == NULL ? cy_fail(CY_E_NO_ROOM, 0) : passport_word(run, &b->passport);

    if (cy_ok(err))
        err = cy_cli_pick(run, run->url, &wish, 0, &pick);
    if (cy_ok(err) && !b->seen) {
        cy_cli_note(run, "the copy knows no such passport under its newest state root");
        err = cy_fail(CY_E_UNKNOWN_PASSPORT, 0);
    }
    if (cy_ok(err))
        err = write_bundle(run, &b->passport, &pick, &bytes);
    if (cy_ok(err)) {
        cy_hex(b->passport.b, sizeof b->passport.b, hex);
        (void)snprintf(name, sizeof name, "%.12s.exit", hex);
        path = path == NULL ? name : path;
        err = cy_cli_write_file(run, path, bytes);
    }
    if (!cy_ok(err)) {
        cy_state_pick_free(&pick);
        return cy_cli_fail(run, err, NULL);
    }
    if (run->json)
        (void)cy_cli_print(run, json_pack("{s:s,s:s,s:I,s:I,s:I,s:I}", "file", path, "passport",
                                          hex, "records", (json_int_t)pick.n, "size",
                                          (json_int_t)pick.size, "entry", (json_int_t)pick.at,
                                          "time", (json_int_t)pick.mark.at));
    else
        (void)fprintf(run->out,
                      "%s: %zu records under the root in entry %llu, sealed by the head of %llu "
                      "entries\n  check it anywhere: comity verify %s --vkey VKEY\n",
                      path, pick.n, (unsigned long long)pick.at, (unsigned long long)pick.size,
                      path);
    cy_state_pick_free(&pick);
    return CY_EXIT_OK;
}

/* --- begin and settle: one act --- */

int cy_cli_exit_begin(struct cy_cli *run)
{
    struct cy_exit_leave m = {.realm = {{0}}};
    struct cy_cli_abroad abroad = {.size = 0};
    cy_err err = CY_OK;

    if (run->args.n_words != 3)
        return cy_cli_wrong(run, "write: comity exit begin REALM");
    err = cy_cli_abroad_of(run, run->args.words[2], &abroad);
    m.realm = abroad.realm;
    return cy_cli_do_show(run, err, &cy_schema_exit_leave, &m);
}

/* REALM PASSPORT behind the verb: the old realm, and the passport there. */
static cy_err claimed(struct cy_cli *run, struct cy_cli_abroad *abroad, struct cy_id *passport)
{
    if (run->args.n_words != 4) {
        cy_cli_note(run, "write: comity exit %s REALM PASSPORT (64 digits, as it is there)",
                    run->args.words[1]);
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(cy_cli_abroad_of(run, run->args.words[2], abroad));
    cy_cli_note(run, "a passport of another realm is named by its 64 digits");
    return cy_hex_read(cy_span_text(run->args.words[3]), passport->b, sizeof passport->b);
}

int cy_cli_exit_settle(struct cy_cli *run)
{
    struct cy_exit_settle m = {.realm = {{0}}};
    struct cy_cli_abroad abroad = {.size = 0};
    const cy_err err = claimed(run, &abroad, &m.passport);

    m.realm = abroad.realm;
    return cy_cli_do_show(run, err, &cy_schema_exit_settle, &m);
}

/* --- admit --- */

struct arriving {
    struct cy_cli *run;
    struct cy_exit_file file;
    struct cy_cli_abroad abroad;
    struct cy_cli_author author;
    struct cy_passport passport; /* there */
    const struct cy_exit_row *row;
    const struct cy_exit_row *departure;     /* NULL: none */
    struct cy_exit_key keys[CY_SIGNERS_MAX]; /* of those that sign */
    uint32_t n_keys;
    struct cy_id realm; /* the old one */
    struct cy_id here;  /* the passport here */
    bool claims;
    size_t duties;
    const char *last;
};

static cy_err decode(const struct cy_exit_row *row, void *out)
{
    static _Alignas(16) uint8_t memory[16];
    struct cy_arena nothing = cy_arena_on(memory, sizeof memory);

    return cy_decode(row->schema, row->value, &nothing, out);
}

static cy_err read_file(struct arriving *a)
{
    struct cy_span bytes;
    struct cy_doc root;

    CY_TRY(cy_cli_read_file(a->run, a->run->args.words[2], FILE_MAX, &bytes));
    cy_cli_note(a->run, "%.200s is no bundle of an exit", a->run->args.words[2]);
    CY_TRY(cy_doc_read(bytes, CY_DOC_DEPTH_MAX, &root));
    if (!cy_is_exit_file(&root))
        return cy_fail(CY_E_BAD_JSON, 0);
    CY_TRY(cy_exit_file_read(&root, &a->run->arena, &a->file));
    for (uint32_t i = 0; i < a->file.n; i++) {
        const struct cy_exit_row *row = &a->file.rows[i];
        struct cy_realm realm;

        if (row->schema == &cy_schema_realm) {
            CY_TRY(decode(row, &realm));
            a->realm = realm.id;
        } else if (row->schema == &cy_schema_passport) {
            a->row = row;
            CY_TRY(decode(row, &a->passport));
        } else if (row->schema == &cy_schema_departure) {
            a->departure = row;
        }
    }
    if (a->row == NULL || cy_id_none(&a->realm))
        return cy_fail(CY_E_MISSING_FIELD, 0);
    a->run->why[0] = 0;
    return CY_OK;
}

/* The present keys, as they stand in the bundle; those that sign are proven in the act. */
static cy_err present_keys(struct arriving *a, struct cy_key_share keys[static CY_SIGNERS_MAX],
                           uint32_t *n)
{
    *n = 0;
    for (uint32_t i = 0; i < a->file.n; i++) {
        const struct cy_exit_row *row = &a->file.rows[i];
        struct cy_control control;

        if (row->schema != &cy_schema_control)
            continue;
        CY_TRY(decode(row, &control));
        if (control.generation != a->passport.generation)
            continue;
        if (*n == CY_SIGNERS_MAX)
            return cy_fail(CY_E_RANGE, *n);
        keys[(*n)++] = (struct cy_key_share){control.key, control.clause, control.weight};
        for (uint32_t k = 0; k < a->author.by.n_keys; k++) {
            if (cy_id_eq(&a->author.keys[k], &control.key))
                a->keys[a->n_keys++] = (struct cy_exit_key){row->value, row->proof};
        }
    }
    return CY_OK;
}

/* A passport here with the same keys, thresholds, name, and commitment to the next keys. */
static cy_err be_born(struct arriving *a, const struct cy_key_share *keys, uint32_t n)
{
    const struct cy_passport *p = &a->passport;
    const struct cy_passport_create m = {.kind = p->kind,
                                         .name = p->name,
                                         .keys = keys,
                                         .n_keys = n,
                                         .need_0 = (uint16_t)p->need_0,
                                         .need_1 = (uint16_t)p->need_1,
                                         .need_2 = (uint16_t)p->need_2,
                                         .next = p->next,
                                         .box_key = p->box_key,
                                         .jurisdiction = p->jurisdiction,
                                         .residency = p->residency,
                                         .model = p->model,
                                         .scale = p->scale,
                                         .autonomy = p->autonomy,
                                         .replication = p->replication,
                                         .externality = p->externality};
    const char *name = cy_cli_arg(&a->run->args, "alias");
    struct cy_alias alias;
    json_t *receipt = NULL;
    cy_err err = cy_cli_do(a->run, &a->author.by, &cy_schema_passport_create, &m, &receipt);

    if (cy_ok(err) && !cy_cli_receipt_id(receipt, &a->here))
        err = cy_fail(CY_E_PEER_ANSWER, 0);
    json_decref(receipt);
    a->author.by.author = a->here;
    if (!cy_ok(err) || name == NULL)
        return err;
    CY_TRY(cy_alias_of("passport", name, &a->here, &alias));
    alias.key = a->author.keys[0];
    return cy_home_add(&a->run->home, &alias, 1);
}

/* Who arrives: the passport of --as, or one that is made. */
static cy_err be_here(struct arriving *a)
{
    const bool as = cy_cli_arg(&a->run->args, "as") != NULL;
    struct cy_key_share keys[CY_SIGNERS_MAX];
    uint32_t n = 0;

    CY_TRY(cy_cli_author_of(a->run, NULL, !as, &a->author));
    if (a->author.by.n_keys == 0) {
        cy_cli_note(a->run, "say with --key LABEL, once each, which keys of the passport sign");
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(present_keys(a, keys, &n));
    if (a->n_keys != a->author.by.n_keys) {
        cy_cli_note(a->run, "not every key that signs is a present key of the passport there");
        return cy_fail(CY_E_NOT_HELD, 0);
    }
    if (!as)
        return be_born(a, keys, n);
    a->here = a->author.by.author;
    return CY_OK;
}

/* The path from the head that the bridge heard last to the bundle's, out of a copy. */
static cy_err continue_head(struct arriving *a, const struct cy_checkpoint *head,
                            struct cy_id path[static CY_MERKLE_PATH_MAX + 1], uint32_t *n)
{
    const char *from = cy_cli_arg(&a->run->args, "from");
    struct cy_source_tree tree = {.memory = NULL};
    struct cy_audit_source *source = NULL;
    struct cy_disk_fault fault;
    cy_err err = CY_OK;

    if (a->abroad.size == 0 || a->abroad.size == head->size)
        return CY_OK;
    if (a->abroad.size > head->size) {
        cy_cli_note(a->run, "the bridge has heard a later head: make the bundle again");
        return cy_fail(CY_E_HEAD_OLD, 0);
    }
    if (from == NULL) {
        cy_cli_note(a->run,
                    "the bridge has heard %llu entries of that realm before: say with "
                    "--from DIR or URL where a copy of its ledger is",
                    (unsigned long long)a->abroad.size);
        return cy_fail(CY_E_USAGE, 0);
    }
    err = cy_audit_source_open(from, NULL, &source);
    if (cy_ok(err))
        err = cy_source_tree_open(&tree, source, head->size, &head->root);
    if (cy_ok(err))
        err = cy_tree_consistency(&tree.tree, a->abroad.size, head->size, path, n, &fault);
    cy_source_tree_close(&tree);
    cy_audit_source_close(source);
    return err;
}

static cy_err show_head(struct arriving *a)
{
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    struct cy_checkpoint head;
    struct cy_note note;
    struct cy_bridge_head m = {
        .note = a->file.proof.checkpoint,
        .entry = a->file.entry,
        .position = a->file.proof.index,
        .path = cy_span_of(a->file.proof.path, a->file.proof.n * sizeof a->file.proof.path[0])};
    uint32_t n = 0;

    CY_TRY(cy_note_read(a->file.proof.checkpoint, &note));
    CY_TRY(cy_checkpoint_read(note.text, &head));
    if (a->abroad.roots == 0 || m.position != a->abroad.position)
        CY_TRY(continue_head(a, &head, path, &n));
    m.consistency = cy_span_of(path, n * sizeof path[0]);
    return cy_cli_head_show(a->run, &a->author.by, &m, &a->abroad);
}

static cy_err arrive(struct arriving *a, json_t **receipt)
{
    struct cy_exit_admit admit = {.realm = a->realm,
                                  .root = a->abroad.roots,
                                  .value = a->row->value,
                                  .proof = a->row->proof,
                                  .control = a->keys[0].control,
                                  .control_proof = a->keys[0].proof,
                                  .keys = a->keys + 1,
                                  .n_keys = a->n_keys - 1};
    const struct cy_exit_claim claim = {.realm = a->realm,
                                        .passport = a->passport.id,
                                        .root = a->abroad.roots,
                                        .value = a->row->value,
                                        .proof = a->row->proof,
                                        .keys = a->keys,
                                        .n_keys = a->n_keys};

    a->claims = cy_cli_arg_on(&a->run->args, "claim");
    if (!a->claims && a->departure == NULL) {
        cy_cli_note(a->run, "the bundle holds no departure: begin the exit in the old realm, or "
                            "--claim the passport where its operator does not record one");
        return cy_fail(CY_E_NOT_LEAVING, 0);
    }
    if (a->departure != NULL) {
        admit.departure = a->departure->value;
        admit.departure_proof = a->departure->proof;
    }
    return a->claims ? cy_cli_do(a->run, &a->author.by, &cy_schema_exit_claim, &claim, receipt)
                     : cy_cli_do(a->run, &a->author.by, &cy_schema_exit_admit, &admit, receipt);
}

/* What binds the passport there is shown here. */
static cy_err show_duties(struct arriving *a)
{
    struct cy_any *acts = cy_arena_take(&a->run->arena, (a->file.n + 1) * sizeof *acts);
    struct cy_exit_duty *duties = cy_arena_take(&a->run->arena, (a->file.n + 1) * sizeof *duties);
    uint8_t *record = cy_arena_take(&a->run->arena, CY_STATE_VALUE_MAX);
    size_t n = 0;

    if (acts == NULL || duties == NULL || record == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    for (uint32_t i = 0; i < a->file.n; i++) {
        const struct cy_exit_row *row = &a->file.rows[i];

        if (row->schema->size > CY_STATE_VALUE_MAX)
            continue;
        memset(record, 0, CY_STATE_VALUE_MAX);
        CY_TRY(decode(row, record));
        if (!cy_duty_binds(row->schema, record, &a->passport.id))
            continue;
        duties[n] = (struct cy_exit_duty){.realm = a->realm,
                                          .passport = a->passport.id,
                                          .root = a->abroad.roots,
                                          .record = (uint16_t)row->schema->number,
                                          .value = row->value,
                                          .proof = row->proof};
        acts[n] = (struct cy_any){.schema = &cy_schema_exit_duty, .message = &duties[n]};
        n++;
    }
    return cy_cli_each(a->run, &a->author.by, acts, n, &a->duties, &a->last);
}

static cy_err admit(struct arriving *a, json_t **receipt)
{
    char hex[65];

    CY_TRY(read_file(a));
    cy_hex(a->realm.b, sizeof a->realm.b, hex);
    CY_TRY(cy_cli_abroad_of(a->run, hex, &a->abroad));
    CY_TRY(be_here(a));
    CY_TRY(show_head(a));
    CY_TRY(arrive(a, receipt));
    return show_duties(a);
}

int cy_cli_exit_admit(struct cy_cli *run)
{
    struct arriving *a = cy_arena_zero(&run->arena, sizeof *a);
    json_t *receipt = NULL;
    char hex[65];
    cy_err err = CY_OK;
    int code = 0;

    if (run->args.n_words != 3)
        return cy_cli_wrong(run, "write: comity exit admit FILE --key LABEL");
    if (a == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    a->run = run;
    err = admit(a, &receipt);
    if (!cy_ok(err)) {
        json_decref(receipt);
        return cy_cli_fail(run, err, NULL);
    }
    cy_hex(a->here.b, sizeof a->here.b, hex);
    (void)json_object_set_new(receipt, "here", json_string(hex));
    (void)json_object_set_new(receipt, "duties", json_integer((json_int_t)a->duties));
    code = cy_cli_receipt_show(run, receipt);
    if (!run->json && code == CY_EXIT_OK)
        (void)fprintf(run->out, "%s as passport %s here; %zu duties came with it\n%s",
                      a->claims ? "claimed" : "admitted", hex, a->duties,
                      a->claims ? "settle it when nobody refuted it in time: comity exit settle\n"
                                : "");
    return code;
}

/* --- contest --- */

/* The old realm's record of a passport, its departure, and, in a new realm, its admission. */
struct about {
    struct cy_id realm; /* none: this very realm's passports */
    struct cy_id passport;
};

static bool about_it(void *user, unsigned round, const struct cy_schema *schema, const void *record)
{
    const struct about *about = user;

    (void)round;
    if (schema == &cy_schema_admission || schema == &cy_schema_foreign_claim)
        return memcmp(record, about, sizeof *about) == 0;
    return (schema == &cy_schema_passport || schema == &cy_schema_departure) &&
           memcmp(record, &about->passport, sizeof about->passport) == 0;
}

int cy_cli_exit_contest(struct cy_cli *run)
{
    struct about about = {.realm = {{0}}};
    const struct cy_state_wish wish = {about_it, &about};
    struct cy_cli_abroad abroad = {.size = 0};
    struct cy_state_pick pick = {.n = 0};
    struct cy_cli_author author;
    struct cy_exit_contest m[2];
    struct cy_any acts[2];
    const char *last = NULL;
    size_t done = 0;
    size_t n = 0;
    cy_err err = claimed(run, &abroad, &about.passport);

    if (cy_ok(err))
        err = cy_cli_author_of(run, NULL, false, &author);
    if (cy_ok(err))
        err = cy_cli_pick(run, NULL, &wish, abroad.size, &pick);
    if (cy_ok(err))
        err = cy_cli_abroad_show(run, &author.by, &pick, &abroad);
    for (size_t i = 0; cy_ok(err) && i < pick.n && n < 2; i++) {
        const struct cy_state_row *row = &pick.rows[i];

        if (row->schema != &cy_schema_passport && row->schema != &cy_schema_departure)
            continue;
        m[n] = (struct cy_exit_contest){.realm = abroad.realm,
                                        .passport = about.passport,
                                        .by = abroad.realm,
                                        .root = abroad.roots,
                                        .record = (uint16_t)row->schema->number,
                                        .value = row->value,
                                        .proof = row->proof};
        acts[n] = (struct cy_any){.schema = &cy_schema_exit_contest, .message = &m[n]};
        n++;
    }
    if (cy_ok(err))
        err = cy_cli_each(run, &author.by, acts, n, &done, &last);
    cy_state_pick_free(&pick);
    if (cy_ok(err) && done == 0) {
        cy_cli_note(run, "%s", last == NULL ? "the copy knows no such passport" : last);
        err = cy_fail(CY_E_NO_REFUTATION, 0);
    }
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:b}", "refuted", 1));
    (void)fprintf(run->out, "the claim is refuted\n");
    return CY_EXIT_OK;
}

/* --- done --- */

/* The act with that id, in the ledger that was picked from. */
static cy_err find_act(struct cy_cli *run, const struct cy_state_pick *pick, const struct cy_id *id,
                       struct cy_span *out)
{
    struct cy_source_tree tree = {.memory = NULL};
    struct cy_audit_source *source = NULL;
    struct cy_checkpoint head;
    struct cy_note note;
    struct cy_disk_fault fault;
    uint8_t *room = cy_arena_take(&run->arena, CY_ENTRY_MAX);
    cy_err err = room == NULL ? cy_fail(CY_E_NO_ROOM, 0)
                              : cy_audit_source_open(cy_cli_arg(&run->args, "from"), NULL, &source);
    bool found = false;

    if (cy_ok(err))
        err = cy_note_read(pick->note, &note);
    if (cy_ok(err))
        err = cy_checkpoint_read(note.text, &head);
    if (cy_ok(err))
        err = cy_source_tree_open(&tree, source, head.size, &head.root);
    for (uint64_t at = pick->at; cy_ok(err) && !found && at > 0; at--) {
        struct cy_foreign_signed_claim act;
        size_t n = 0;

        err = cy_tree_entry(&tree.tree, at, room, CY_ENTRY_MAX, &n, &fault);
        *out = cy_span_of(room, n);
        found = cy_ok(err) && cy_ok(cy_foreign_claim_read(*out, &act)) && cy_id_eq(&act.id, id);
    }
    cy_source_tree_close(&tree);
    cy_audit_source_close(source);
    if (cy_ok(err) && !found)
        cy_cli_note(run, "the claim that led to the admission is not in the copy");
    return cy_ok(err) && !found ? cy_fail(CY_E_NO_NOUN, 0) : err;
}

static cy_err finish(struct cy_cli *run, const struct cy_cli_author *author,
                     const struct cy_state_pick *pick, const struct cy_cli_abroad *abroad,
                     const struct about *about, json_t **receipt)
{
    const struct cy_state_row *row = cy_cli_row(pick, &cy_schema_admission, about);
    const struct cy_state_row *claim = cy_cli_row(pick, &cy_schema_foreign_claim, about);
    struct cy_admission admission;
    struct cy_foreign_claim claimed_there;
    struct cy_exit_done done = {.realm = abroad->realm, .root = abroad->roots};
    struct cy_exit_moved moved = {.realm = abroad->realm, .root = abroad->roots};

    if (row == NULL) {
        cy_cli_note(run, "the other realm has not admitted it under its newest state root");
        return cy_fail(CY_E_NO_NOUN, 0);
    }
    done.passport = about->passport;
    done.proof = moved.proof = row->proof;
    CY_TRY(decode(&(struct cy_exit_row){row->schema, row->value, row->proof}, &admission));
    done.there = admission.here;
    if (claim == NULL)
        return cy_cli_do(run, &author->by, &cy_schema_exit_done, &done, receipt);
    CY_TRY(
        decode(&(struct cy_exit_row){claim->schema, claim->value, claim->proof}, &claimed_there));
    CY_TRY(find_act(run, pick, &claimed_there.claim, &moved.claim));
    return cy_cli_do(run, &author->by, &cy_schema_exit_moved, &moved, receipt);
}

int cy_cli_exit_done(struct cy_cli *run)
{
    struct about about;
    const struct cy_state_wish wish = {about_it, &about};
    struct cy_cli_abroad abroad = {.size = 0};
    struct cy_state_pick pick = {.n = 0};
    struct cy_cli_author author;
    json_t *receipt = NULL;
    cy_err err = CY_OK;

    if (run->args.n_words != 4)
        return cy_cli_wrong(run, "write: comity exit done REALM PASSPORT --from DIR|URL");
    err = cy_cli_abroad_of(run, run->args.words[2], &abroad);
    if (cy_ok(err))
        err = cy_cli_id(run, NULL, run->args.words[3], &about.passport);
    if (cy_ok(err))
        err = cy_cli_realm(run, &about.realm);
    if (cy_ok(err))
        err = cy_cli_author_of(run, NULL, false, &author);
    if (cy_ok(err))
        err = cy_cli_pick(run, NULL, &wish, abroad.size, &pick);
    if (cy_ok(err))
        err = cy_cli_abroad_show(run, &author.by, &pick, &abroad);
    if (cy_ok(err))
        err = finish(run, &author, &pick, &abroad, &about, &receipt);
    cy_state_pick_free(&pick);
    if (!cy_ok(err)) {
        json_decref(receipt);
        return cy_cli_fail(run, err, NULL);
    }
    return cy_cli_receipt_show(run, receipt);
}

/* --- status --- */

/* The rows of one table in which a field names the passport. */
static cy_err rows_of(struct cy_cli *run, const char *table, const char *hex, json_t *out)
{
    char path[192];
    json_t *answer = NULL;
    json_t *item = NULL;
    size_t i = 0;

    (void)snprintf(path, sizeof path, "/v1/records/%s?passport=%s&limit=1000", table, hex);
    CY_TRY(cy_cli_fetch_json(run, path, &answer));
    json_array_foreach(json_object_get(answer, "items"), i, item)
    {
        (void)json_array_append(out, item);
    }
    json_decref(answer);
    return CY_OK;
}

int cy_cli_exit_status(struct cy_cli *run)
{
    static const char *const tables[] = {"departure", "foreign_claim", "admission", "foreign_duty"};
    json_t *all = json_object();
    struct cy_id passport;
    char hex[65];
    cy_err err = passport_word(run, &passport);

    cy_hex(passport.b, sizeof passport.b, hex);
    for (size_t i = 0; cy_ok(err) && i < CY_COUNT(tables); i++) {
        json_t *rows = json_array();

        err = rows_of(run, tables[i], hex, rows);
        (void)json_object_set_new(all, tables[i], rows);
    }
    if (!cy_ok(err)) {
        json_decref(all);
        return cy_cli_fail(run, err, NULL);
    }
    if (run->json)
        return cy_cli_print(run, all);
    for (size_t i = 0; i < CY_COUNT(tables); i++) {
        const json_t *rows = json_object_get(all, tables[i]);
        json_t *row = NULL;
        size_t k = 0;

        json_array_foreach(rows, k, row)
        {
            char *text = json_dumps(row, JSON_COMPACT);

            (void)fprintf(run->out, "%-14s %s\n", tables[i], text == NULL ? "?" : text);
            free(text);
        }
        if (json_array_size(rows) == 0)
            (void)fprintf(run->out, "%-14s none\n", tables[i]);
    }
    json_decref(all);
    return CY_EXIT_OK;
}

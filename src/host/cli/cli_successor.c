#include "host/cli/cli_successor.h"

#include "crypto/secret.h"
#include "host/audit/audit_source.h"
#include "host/backup/pack.h"
#include "host/backup/settings_move.h"
#include "host/cli/cli_begin.h"
#include "host/cli/cli_peer.h"
#include "host/cli/cli_send.h"
#include "host/cli/cli_spawn.h"
#include "host/system/form.h"
#include "kernel/identity.h"
#include "kernel/succession.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define SETTINGS_MAX ((size_t)1 << 20)

const struct cy_cli_option cy_cli_succession_options[] = {
    {"old", "URL", "a copy of the predecessor's ledger (a URL or DIR), to compare with"},
    {NULL,  NULL,  NULL                                                                },
};

struct opening {
    struct cy_cli *run;
    struct cy_restore *restore;
    const char *name;
    char part[CY_HOME_DIR_MAX];
    pid_t child;
    /* the keys of the operator: the present one and the next */
    struct cy_id operator_key;
    struct cy_id next_key;
    struct cy_id witness_key;
    struct cy_id realm;
    char vkey[CY_NOTE_VKEY_MAX];
};

static void in_part(const struct opening *o, const char *name, char out[static CY_HOME_DIR_MAX])
{
    (void)snprintf(out, CY_HOME_DIR_MAX, "%.900s/%s", o->part, name);
}

/* --- keys --- */

/* Oldest first: the last one that is not a standby is the present one. */
static cy_err seen_key(void *user, const struct cy_signer_key *key)
{
    struct opening *o = user;

    if (key->purpose == CY_PURPOSE_COSIGNATURE && cy_span_eq(key->label, cy_span_text("witness")))
        o->witness_key = key->key;
    if (key->purpose != CY_PURPOSE_ACT || !cy_span_eq(key->label, cy_span_text("operator")))
        return CY_OK;
    if (key->standby)
        o->next_key = key->key;
    else
        o->operator_key = key->key;
    return CY_OK;
}

static cy_err start_signer(struct opening *o)
{
    const char *given = cy_cli_arg(&o->run->args, "keys-passphrase-file");
    char keys[CY_HOME_DIR_MAX];
    char socket[CY_HOME_DIR_MAX];
    char passphrase[CY_HOME_DIR_MAX];
    char log[CY_HOME_DIR_MAX];

    in_part(o, "keys", keys);
    in_part(o, "s", socket); /* short: its path is bounded */
    in_part(o, "passphrase", passphrase);
    in_part(o, "successor.log", log);
    if (given == NULL && access(passphrase, R_OK) != 0) {
        cy_cli_note(o->run, "the successor's genesis is signed with the keys of the backup: give "
                            "their passphrase, --keys-passphrase-file FILE");
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(cy_cli_begin_signer(o->run, keys, socket, given == NULL ? passphrase : given, log,
                               &o->child));
    CY_TRY(cy_signer_keys(o->run->signer, seen_key, o));
    return cy_id_none(&o->operator_key) ? cy_fail(CY_E_SIGNER_KEY, 0) : CY_OK;
}

/* --- genesis --- */

static cy_err sign_genesis(struct opening *o, struct cy_span *act)
{
    const struct cy_manifest *m = cy_restore_manifest(o->restore);
    const struct cy_restore_behind behind = cy_restore_behind(o->restore);
    const struct cy_key_share share = {.key = o->operator_key, .weight = 1};
    const struct cy_key_share next = {.key = o->next_key, .weight = 1};
    const struct cy_key_set next_set = {
        &next, 1, {1, 0, 0}
    };
    struct cy_genesis genesis = {.now = cy_cli_now(),
                                 .keys = &share,
                                 .n_keys = 1,
                                 .need_0 = 1,
                                 .log_key = m->log_key,
                                 .rules = 1,
                                 .lost_realm = m->realm,
                                 .lost_kept = cy_span_text(cy_restore_note(o->restore)),
                                 .lost_size = behind.size,
                                 .lost_seen = cy_span_text(behind.note)};
    const struct cy_act_author by = {.keys = &o->operator_key, .n_keys = 1, .valid_s = 600};

    if (!cy_id_none(&o->next_key))
        genesis.next = cy_identity_next(&next_set);
    CY_TRY(cy_name_of(cy_span_text(o->name), &genesis.name));
    return cy_cli_sign(o->run, &by, &cy_schema_genesis, &genesis, act);
}

/* --- files --- */

static cy_err write_settings(struct opening *o)
{
    const char *dir = cy_restore_dir(o->restore);
    char path[CY_HOME_DIR_MAX];
    char *text = NULL;
    struct cy_span old;
    cy_err err = CY_OK;

    in_part(o, "comityd.conf", path);
    CY_TRY(cy_cli_read_file(o->run, path, SETTINGS_MAX, &old));
    CY_TRY(cy_settings_move(old, dir, dir, true, o->name, &text));
    err = cy_cli_write_file(o->run, path, cy_span_text(text));
    free(text);
    return err;
}

/* The card that others need: the same place and TLS key, other names. */
static cy_err write_card(struct opening *o, struct cy_peer *old)
{
    char path[CY_HOME_DIR_MAX];
    char witness[CY_NOTE_VKEY_MAX] = "";
    struct cy_text vkey = cy_text_on(o->vkey, sizeof o->vkey);
    struct cy_text text = cy_text_on(witness, sizeof witness);
    struct cy_note_key key;
    const struct cy_peer card = {.origin = o->name,
                                 .url = old->url,
                                 .pin = old->pin,
                                 .vkey = o->vkey,
                                 .witness_vkey = witness,
                                 .since = ""};

    CY_TRY(cy_note_key_of(cy_span_text(o->name), CY_NOTE_ED25519,
                          &cy_restore_manifest(o->restore)->log_key, &key));
    cy_note_vkey(&key, &vkey);
    CY_TRY(cy_note_key_of(cy_span_text(o->name), CY_NOTE_COSIGNATURE, &o->witness_key, &key));
    cy_note_vkey(&key, &text);
    in_part(o, "peer.conf", path);
    return cy_peer_write(path, &card);
}

static cy_err write_home(struct opening *o, const struct cy_peer *card)
{
    char path[CY_HOME_DIR_MAX];
    char past[CY_HOME_DIR_MAX];
    char realm[65];
    char socket[CY_HOME_DIR_MAX];
    const struct cy_home_settings settings = {.url = card->url,
                                              .pin = card->pin,
                                              .vkey = o->vkey,
                                              .realm = realm,
                                              .signer = socket,
                                              .as = "operator"};
    struct cy_home home = {.dir = ""};
    struct cy_alias alias;
    cy_err err = CY_OK;

    cy_hex(o->realm.b, sizeof o->realm.b, realm);
    (void)snprintf(socket, sizeof socket, "%.900s/signer.sock", cy_restore_dir(o->restore));
    in_part(o, CY_HOME_CLIENT, path);
    (void)unlink(path);
    CY_TRY(cy_home_write(o->part, &settings));
    in_part(o, CY_HOME_ALIASES, path); /* names of the old realm: its ids are not of this one */
    in_part(o, CY_HOME_PREDECESSOR "/" CY_HOME_ALIASES, past);
    if (rename(path, past) != 0 && errno != ENOENT)
        return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    (void)snprintf(home.dir, sizeof home.dir, "%s", o->part);
    CY_TRY(cy_alias_of("passport", "operator", &o->realm, &alias));
    (void)snprintf(alias.label, sizeof alias.label, "operator");
    alias.key = o->operator_key;
    alias.next = o->next_key;
    err = cy_home_add(&home, &alias, 1);
    free(home.aliases);
    return err;
}

static cy_err open_successor(struct opening *o)
{
    struct cy_peer card = {.url = "", .pin = ""};
    struct cy_config *config = NULL;
    char path[CY_HOME_DIR_MAX];
    struct cy_span act;
    cy_err err = CY_OK;

    CY_TRY(cy_restore_as_past(o->restore, CY_HOME_PREDECESSOR));
    CY_TRY(start_signer(o));
    CY_TRY(sign_genesis(o, &act));
    in_part(o, "data", path);
    CY_TRY(cy_cli_begin_ledger(o->run, path, act, &cy_restore_manifest(o->restore)->log_key,
                               &o->realm));
    CY_TRY(write_settings(o));
    in_part(o, "peer.conf", path);
    CY_TRY(cy_cli_peer_read(o->run, path, &card, &config));
    err = write_card(o, &card);
    if (cy_ok(err))
        err = write_home(o, &card);
    cy_config_free(config);
    return err;
}

cy_err cy_cli_successor(struct cy_cli *run, struct cy_restore *restore, const char *name,
                        struct cy_id *realm)
{
    struct opening o = {.run = run, .restore = restore, .name = name};
    char log[CY_HOME_DIR_MAX];
    cy_err err = CY_OK;

    if (!cy_form_origin(name) || strlen(name) > 63) {
        cy_cli_note(run,
                    "--successor %s: a ledger is named like a URL without its scheme, at most "
                    "63 bytes",
                    name);
        return cy_fail(CY_E_USAGE, 0);
    }
    (void)snprintf(o.part, sizeof o.part, "%.900s", cy_restore_staging(restore));
    cy_signer_close(run->signer); /* it may have been another one, that opened the backup */
    run->signer = NULL;
    err = open_successor(&o);
    cy_signer_close(run->signer);
    run->signer = NULL;
    if (o.child > 0)
        cy_spawn_end(o.child);
    CY_TRY(err);
    in_part(&o, "successor.log", log);
    (void)unlink(log);
    *realm = o.realm;
    return cy_restore_finish(restore);
}

/* --- checking one --- */

struct checking {
    struct cy_cli *run;
    struct cy_act act;
    const struct cy_genesis *genesis;
    struct cy_succession says;
    json_t *steps;
    bool good;
};

static bool step(struct checking *c, bool good, const char *what)
{
    c->good = c->good && good;
    (void)json_array_append_new(c->steps, json_pack("{s:b,s:s}", "good", good, "step", what));
    if (!c->run->json)
        (void)fprintf(c->run->out, "%s  %s\n", good ? "ok " : "NO ", what);
    return good;
}

/* The first entry of a ledger, in the arena. */
static cy_err first_entry(struct cy_cli *run, const char *place, struct cy_act *out)
{
    struct cy_tile tile = {.level = CY_TILE_ENTRIES};
    uint8_t *note = cy_arena_take(&run->arena, CY_NOTE_MAX);
    uint8_t *bundle = cy_arena_take(&run->arena, CY_PACK_BUNDLE_MAX);
    struct cy_audit_source *source = NULL;
    char path[CY_TILE_PATH_MAX];
    struct cy_checkpoint head = {.size = 0};
    struct cy_note read;
    struct cy_span rest;
    struct cy_span entry;
    size_t n = 0;
    cy_err err = note == NULL || bundle == NULL ? cy_fail(CY_E_NO_ROOM, 0)
                                                : cy_audit_source_open(place, run->pin, &source);

    if (cy_ok(err))
        err = cy_audit_source_read(source, "checkpoint", note, CY_NOTE_MAX, &n);
    if (cy_ok(err))
        err = cy_note_read(cy_span_of(note, n), &read);
    if (cy_ok(err))
        err = cy_checkpoint_read(read.text, &head);
    if (cy_ok(err) && head.size == 0)
        err = cy_fail(CY_E_NO_GENESIS, 0);
    if (cy_ok(err)) {
        tile.width = head.size < CY_TILE_WIDTH ? (uint32_t)head.size : CY_TILE_WIDTH;
        err = cy_audit_source_tile(source, &tile, path, bundle, CY_PACK_BUNDLE_MAX, &n);
    }
    rest = cy_span_of(bundle, n);
    if (cy_ok(err))
        err = cy_bundle_next(&rest, &entry);
    if (cy_ok(err))
        err = cy_act_open(entry, &run->arena, out);
    if (cy_ok(err) && out->any.schema != &cy_schema_genesis)
        err = cy_fail(CY_E_NO_GENESIS, 0);
    if (!cy_ok(err))
        cy_cli_note(run, "%s%s%s", place, source == NULL ? "" : ": ",
                    source == NULL ? "" : cy_audit_source_why(source));
    cy_audit_source_close(source);
    return err;
}

static bool signed_by_its_keys(const struct cy_act *act)
{
    struct cy_span parts[CY_SIGNED_PARTS];

    for (uint32_t i = 0; i < act->envelope.n_signers; i++) {
        const size_t n = cy_envelope_signed(&act->envelope, i, parts);
        struct cy_signature signature;

        memcpy(signature.b, act->envelope.signers[i].signature, sizeof signature.b);
        if (!cy_ok(cy_ed25519_verify(&act->envelope.signers[i].key, parts, n, &signature)))
            return false;
    }
    return act->envelope.n_signers > 0;
}

static bool shares_key(const struct cy_genesis *a, const struct cy_genesis *b)
{
    for (uint32_t i = 0; i < a->n_keys; i++) {
        for (uint32_t k = 0; k < b->n_keys; k++) {
            if (cy_id_eq(&a->keys[i].key, &b->keys[k].key))
                return true;
        }
    }
    return false;
}

static cy_err compare(struct checking *c, const char *place)
{
    const struct cy_genesis *old = NULL;
    struct cy_act act;

    CY_TRY(first_entry(c->run, place, &act));
    old = act.any.message;
    (void)step(c, cy_id_eq(&act.id, &c->genesis->lost_realm),
               "the predecessor named is the realm of --old");
    (void)step(c, cy_id_eq(&old->log_key, &c->genesis->log_key),
               "the successor keeps the ledger key of --old");
    (void)step(c, cy_span_eq(cy_name_text(&old->name), c->says.kept.origin),
               "the heads named are of --old's origin");
    if (shares_key(old, c->genesis))
        (void)step(c, true, "an operator's key of --old's genesis signed the successor's");
    else if (!c->run->json)
        (void)fprintf(c->run->out, "?    the operator's keys differ from --old's genesis: were "
                                   "they rotated? (comity record control)\n");
    return CY_OK;
}

static cy_err check(struct checking *c, const char *place)
{
    bool any = false;
    cy_err err = CY_OK;

    CY_TRY(first_entry(c->run, place, &c->act));
    c->genesis = c->act.any.message;
    err = cy_succession_read(c->genesis, &c->says, &any);
    if (cy_ok(err) && !any) {
        cy_cli_note(c->run, "%s begins on its own: it succeeds nobody", place);
        return cy_fail(CY_E_NO_NOUN, 0);
    }
    if (!step(c, cy_ok(err), "its heads of the predecessor are signed with the ledger key"))
        return err;
    (void)step(c, signed_by_its_keys(&c->act), "the statement is signed by the operator's keys");
    if (cy_cli_arg(&c->run->args, "old") != NULL)
        CY_TRY(compare(c, cy_cli_arg(&c->run->args, "old")));
    return CY_OK;
}

static int report(struct checking *c)
{
    const struct cy_succession *s = &c->says;

    if (c->run->json)
        return cy_cli_print(
            c->run,
            json_pack("{s:b,s:s#,s:s#,s:I,s:I,s:I,s:b,s:O}", "good", c->good, "name",
                      c->genesis->name.s, (int)c->genesis->name.n, "predecessor", s->kept.origin.at,
                      (int)s->kept.origin.n, "kept", (json_int_t)s->kept.size, "signed",
                      (json_int_t)c->genesis->lost_size, "lost", (json_int_t)s->lost, "shown",
                      s->seen.size > 0, "steps", c->steps));
    (void)fprintf(c->run->out,
                  "%.*s succeeds %.*s: %llu entries kept, a head over %llu was %s, %llu are lost\n",
                  (int)c->genesis->name.n, (const char *)c->genesis->name.s, (int)s->kept.origin.n,
                  (const char *)s->kept.origin.at, (unsigned long long)s->kept.size,
                  (unsigned long long)c->genesis->lost_size,
                  s->seen.size > 0 ? "shown with its signature" : "reported, not shown",
                  (unsigned long long)s->lost);
    return CY_EXIT_OK;
}

int cy_cli_succession(struct cy_cli *run)
{
    struct checking *c = cy_arena_zero(&run->arena, sizeof *c);
    int code = 0;
    cy_err err = CY_OK;

    if (c == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    if (run->args.n_words != 2)
        return cy_cli_wrong(run, "write: comity succession DIR or URL");
    c->run = run;
    c->good = true;
    c->steps = json_array();
    err = check(c, run->args.words[1]);
    code = cy_ok(err) ? report(c) : cy_cli_fail(run, err, NULL);
    json_decref(c->steps);
    return cy_ok(err) && !c->good ? CY_EXIT_REFUSED : code;
}

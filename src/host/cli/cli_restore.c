#include "host/cli/cli_restore.h"

#include "host/audit/audit.h"
#include "host/cli/cli_peer.h"
#include "host/cli/cli_successor.h"
#include "host/system/daemon_config.h"

#include <stdlib.h>

#define ASK_MS 15000u

const struct cy_cli_option cy_cli_restore_options[] = {
    {"passphrase-file",      "FILE", "of the backup: the first line (else $COMITY_BACKUP_PASSPHRASE)"    },
    {"mirror",               "URL",  "a copy of the ledger that may hold the tail (a URL or DIR); repeat"},
    {"without",              "NAME", "a witness, or a ledger we cosign, that is gone for good; repeat"   },
    {"last",                 NULL,   "nothing was signed after this backup: the cell was stopped first"  },
    {"no-audit",             NULL,   "do not replay the ledger at the end (the daemon replays it too)"   },
    {"successor",            "NAME", "open a successor under this name: the tail is lost"                },
    {"keys-passphrase-file", "FILE", "passphrase of the keys, to sign the successor's genesis"           },
    {NULL,                   NULL,   NULL                                                                },
};

/* One restore: what was asked, and what is to be said about it. */
struct work {
    struct cy_cli *run;
    struct cy_restore *restore;
    struct cy_daemon_config values;
    struct cy_config *config;
    const char *successor; /* its name; NULL: none is wanted */
    struct cy_id realm;    /* of the successor */
    bool has_own;
    struct cy_id own; /* key that cosigns */
    json_t *asked;    /* one object an answer */
    unsigned answered;
    unsigned silent;
    char silent_names[300];
};

static bool left_out(struct work *w, const char *name)
{
    const char *word = NULL;
    size_t at = 0;

    while ((word = cy_cli_arg_next(&w->run->args, "without", &at)) != NULL) {
        if (strcmp(word, name) == 0)
            return true;
    }
    return false;
}

static void tell(struct work *w, const char *what, const char *name, cy_err err,
                 const struct cy_restore_seen *seen, const char *words)
{
    const char *why = cy_ok(err) ? "" : seen->why[0] != 0 ? seen->why : cy_err_info(err.code)->text;

    (void)json_array_append_new(
        w->asked, json_pack("{s:s,s:s,s:b,s:I,s:b,s:s,s:s}", "what", what, "name", name, "answered",
                            cy_ok(err), "size", (json_int_t)seen->size, "proven", seen->proven,
                            "code", cy_err_info(err.code)->path, "why", why));
    if (w->run->json)
        return;
    if (cy_ok(err))
        (void)fprintf(w->run->out, "  %-8s %s: %llu entries%s\n", what, name,
                      (unsigned long long)seen->size, words);
    else
        (void)fprintf(w->run->out, "  %-8s %s: %s (%s)\n", what, name, why,
                      cy_err_info(err.code)->path);
}

static void silent(struct work *w, const char *name)
{
    const size_t n = strlen(w->silent_names);

    w->silent++;
    (void)snprintf(w->silent_names + n, sizeof w->silent_names - n, "%s%s", n > 0 ? ", " : "",
                   name);
}

/* --- asking --- */

static cy_err ask_witness(struct work *w, const struct cy_config_row *row)
{
    const char *name = row->cells[CY_WITNESS_NAME];
    struct cy_note_key key;
    const struct cy_witness_place place = {.name = name,
                                           .url = row->cells[CY_WITNESS_URL],
                                           .pin = row->cells[CY_WITNESS_PIN],
                                           .key = &key,
                                           .total_ms = ASK_MS};
    struct cy_restore_seen seen;
    cy_err err = CY_OK;

    if (left_out(w, name))
        return CY_OK;
    CY_TRY(cy_note_vkey_read(cy_span_text(row->cells[CY_WITNESS_VKEY]), &key));
    err = cy_restore_witness(w->restore, w->run->http, name, &place, &seen);
    tell(w, "witness", name, err, &seen, seen.proven ? ", under our signature" : "");
    if (!cy_ok(err))
        silent(w, name);
    w->answered += cy_ok(err) ? 1u : 0u;
    return CY_OK;
}

static cy_err ask_mirrors(struct work *w)
{
    const char *place = NULL;
    size_t at = 0;

    while ((place = cy_cli_arg_next(&w->run->args, "mirror", &at)) != NULL) {
        const uint64_t before = cy_restore_size(w->restore);
        struct cy_restore_seen seen;
        const cy_err err = cy_restore_mirror(w->restore, place, w->run->pin, &seen);
        char words[64];

        (void)snprintf(words, sizeof words, ", %llu of them new",
                       (unsigned long long)(cy_restore_size(w->restore) - before));
        tell(w, "mirror", place, err, &seen, words);
        if (err.code == CY_E_HEAD_FORK || err.code == CY_E_BACKUP_FULL) {
            cy_cli_note(w->run, "%s: %s", place, seen.why);
            return err;
        }
        /* an old copy knows nothing of what came after the backup */
        w->answered += cy_ok(err) && seen.size >= before ? 1u : 0u;
    }
    return CY_OK;
}

/* A ledger that we cosign. What cannot be asked stops the restore, or is never cosigned again. */
static cy_err ask_log(struct work *w, const struct cy_config_row *row)
{
    const char *origin = row->cells[CY_WITNESS_FOR_ORIGIN];
    struct cy_restore_seen seen = {.size = 0};
    struct cy_peer card;
    struct cy_config *config = NULL;
    struct cy_note_key key;
    cy_err err = cy_note_vkey_read(cy_span_text(row->cells[CY_WITNESS_FOR_VKEY]), &key);

    if (!cy_ok(err) || !w->has_own)
        return err;
    if (left_out(w, origin)) {
        tell(w, "ledger", origin, CY_OK, &seen,
             ": left out, and never cosigned again with this key");
        return cy_restore_fence(w->restore, cy_span_text(origin), &w->own);
    }
    err = cy_cli_peer_of(w->run, cy_restore_staging(w->restore), origin, &card, &config);
    if (cy_ok(err)) {
        err = cy_restore_log(w->restore, &key, &w->own, card.url, card.pin, cy_cli_now() / 1000,
                             &seen);
        cy_config_free(config);
    }
    tell(w, "ledger", origin, err, &seen, ", joined to what was cosigned here");
    w->run->why[0] = 0;
    if (err.code == CY_E_HEAD_FORK)
        return cy_restore_fence(w->restore, cy_span_text(origin), &w->own);
    if (!cy_ok(err))
        silent(w, origin);
    return CY_OK;
}

/* The settings of the cell as they were, and the key it cosigns with. */
static cy_err read_settings(struct work *w)
{
    char path[CY_HOME_DIR_MAX + 32];
    struct cy_text why = cy_text_on(w->run->why, sizeof w->run->why);
    struct cy_peer card;
    struct cy_config *config = NULL;
    struct cy_note_key key;

    (void)snprintf(path, sizeof path, "%.1000s/comityd.conf", cy_restore_staging(w->restore));
    CY_TRY(cy_daemon_config_load(path, &w->values, &w->config, &why));
    (void)snprintf(path, sizeof path, "%.1000s/peer.conf", cy_restore_staging(w->restore));
    if (cy_ok(cy_cli_peer_read(w->run, path, &card, &config))) {
        w->has_own = cy_ok(cy_note_vkey_read(cy_span_text(card.witness_vkey), &key));
        if (w->has_own)
            w->own = key.key;
        cy_config_free(config);
    }
    w->run->why[0] = 0;
    if (w->has_own || w->values.witness_for.n == 0)
        return CY_OK;
    cy_cli_note(w->run, "the backup has no peer.conf: it is not known with which key it cosigned");
    return cy_fail(CY_E_BACKUP_CONTENT, 0);
}

static cy_err ask(struct work *w)
{
    const bool last = cy_cli_arg_on(&w->run->args, "last");

    CY_TRY(read_settings(w));
    w->run->http = cy_client_new();
    if (w->run->http == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = 0; i < w->values.witnesses.n; i++)
        CY_TRY(ask_witness(w, &w->values.witnesses.at[i]));
    CY_TRY(ask_mirrors(w));
    for (size_t i = 0; i < w->values.witness_for.n; i++)
        CY_TRY(ask_log(w, &w->values.witness_for.at[i]));
    if (w->silent > 0 && !last) {
        cy_cli_note(w->run, "%s", w->silent_names);
        return cy_fail(CY_E_BACKUP_UNASKED, w->silent);
    }
    if (w->answered == 0 && !last) {
        cy_cli_note(w->run,
                    "nobody could say which head was signed last: name a mirror (--mirror), or say "
                    "that the cell was stopped before this backup and never ran again (--last)");
        return cy_fail(CY_E_BACKUP_UNASKED, 0);
    }
    return CY_OK;
}

/* --- the end --- */

static cy_err audit(struct work *w, struct cy_audit_report *report)
{
    struct cy_cli_meter meter = {.run = w->run, .what = "audit", .began = cy_cli_now()};
    const struct cy_audit_options options = {.roster = w->run->roster,
                                             .n_roster = w->run->n_roster,
                                             .progress = cy_cli_ledger_progress,
                                             .user = &meter};
    char path[CY_HOME_DIR_MAX + 32];
    struct cy_audit_source *source = NULL;
    cy_err err = CY_OK;

    if (cy_cli_arg_on(&w->run->args, "no-audit"))
        return CY_OK;
    (void)snprintf(path, sizeof path, "%.1000s/data", cy_restore_staging(w->restore));
    err = cy_audit_source_open(path, NULL, &source);
    if (cy_ok(err))
        err = cy_audit_run(source, &options, report);
    if (!cy_ok(err))
        cy_cli_note(w->run, "%s", report->why);
    cy_audit_source_close(source);
    return err;
}

static cy_err refuse_behind(struct work *w)
{
    const struct cy_restore_behind behind = cy_restore_behind(w->restore);

    cy_cli_note(w->run,
                "%s knows a head over %llu entries%s; here are %llu. To go on would sign a second "
                "history. Two ways: find a copy of the ledger with the missing %llu entries and "
                "give it as --mirror, or accept their loss and open a successor: --successor NAME. "
                "Nothing was written",
                behind.who, (unsigned long long)behind.size,
                behind.proven ? ", signed with our key" : " (it says so; it shows no signature)",
                (unsigned long long)cy_restore_size(w->restore),
                (unsigned long long)(behind.size - cy_restore_size(w->restore)));
    return cy_fail(CY_E_BACKUP_BEHIND, behind.size);
}

static int report(struct work *w, const struct cy_audit_report *audited, cy_time took)
{
    struct cy_cli *run = w->run;
    const struct cy_manifest *m = cy_restore_manifest(w->restore);
    const char *dir = cy_restore_dir(w->restore);
    const uint64_t size = cy_restore_size(w->restore);

    if (run->json)
        return cy_cli_print(run,
                            json_pack("{s:s,s:s,s:I,s:I,s:I,s:O,s:I}", "dir", dir, "origin",
                                      m->origin, "size", (json_int_t)size, "backup_size",
                                      (json_int_t)m->size, "replayed", (json_int_t)audited->entries,
                                      "asked", w->asked, "took_ms", (json_int_t)took));
    (void)fprintf(
        run->out,
        "%s is %s again, up to entry %llu: %llu from the backup, %llu from mirrors; %llu "
        "replayed; %llu ms\n"
        "the signer remembers this head, and will sign none beside it\n"
        "%s"
        "\nNext:\n"
        "  comity-signer --keys %s/keys --socket %s/signer.sock --passphrase-file FILE &\n"
        "  comityd --config %s/comityd.conf &\n"
        "  comity --dir %s doctor\n",
        dir, m->origin, (unsigned long long)size, (unsigned long long)m->size,
        (unsigned long long)(size - m->size), (unsigned long long)audited->entries,
        (unsigned long long)took,
        cy_manifest_file(m, "passphrase") == NULL
            ? "the passphrase of its keys is not in the backup: have it at hand\n"
            : "",
        dir, dir, dir, dir);
    return CY_EXIT_OK;
}

static int report_successor(struct work *w)
{
    const struct cy_restore_behind behind = cy_restore_behind(w->restore);
    const char *dir = cy_restore_dir(w->restore);
    const uint64_t kept = cy_restore_size(w->restore);
    char realm[65];

    cy_hex(w->realm.b, sizeof w->realm.b, realm);
    if (w->run->json)
        return cy_cli_print(w->run, json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:O}", "dir", dir, "origin",
                                              w->successor, "realm", realm, "predecessor",
                                              cy_restore_manifest(w->restore)->origin, "kept",
                                              (json_int_t)kept, "lost",
                                              (json_int_t)(behind.size - kept), "asked", w->asked));
    (void)fprintf(
        w->run->out,
        "%s is %s, the successor of %s\n"
        "  realm        %s\n"
        "  kept         %llu entries, in %s/" CY_HOME_PREDECESSOR " (serve it: others "
        "read from it what was)\n"
        "  lost         %llu entries, stated in its genesis; anybody can check: comity "
        "succession %s/data\n"
        "For %s this signer signs no head any more. Give the new peer.conf to the cells "
        "that witness you, by a way they trust.\n"
        "\nNext:\n"
        "  comity-signer --keys %s/keys --socket %s/signer.sock --passphrase-file FILE &\n"
        "  comityd --config %s/comityd.conf &\n",
        dir, w->successor, cy_restore_manifest(w->restore)->origin, realm, (unsigned long long)kept,
        dir, (unsigned long long)(behind.size - kept), dir, cy_restore_manifest(w->restore)->origin,
        dir, dir, dir);
    return CY_EXIT_OK;
}

static cy_err begin(struct work *w, struct cy_archive_in **archive)
{
    struct cy_cli_meter meter = {.run = w->run, .what = "restore", .began = cy_cli_now()};
    const struct cy_unpack_sink progress = {.self = &meter, .progress = cy_cli_ledger_progress};
    struct cy_text why = cy_text_on(w->run->why, sizeof w->run->why);

    CY_TRY(cy_cli_backup_open(w->run, w->run->args.words[1], archive));
    why.n = 0;
    w->run->why[0] = 0;
    return cy_restore_begin(*archive, cy_cli_arg(&w->run->args, "dir"), &progress, &w->restore,
                            &why);
}

static cy_err restore(struct work *w, struct cy_archive_in **archive,
                      struct cy_audit_report *audited)
{
    CY_TRY(begin(w, archive));
    if (!w->run->json)
        (void)fprintf(w->run->out, "%s: %llu entries\n", w->run->args.words[1],
                      (unsigned long long)cy_restore_size(w->restore));
    CY_TRY(ask(w));
    CY_TRY(cy_restore_remember(w->restore));
    if (cy_restore_behind(w->restore).behind)
        return w->successor == NULL ? refuse_behind(w)
                                    : cy_cli_successor(w->run, w->restore, w->successor, &w->realm);
    if (w->successor != NULL) {
        cy_cli_note(w->run, "nothing is known to be lost: restore without --successor");
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(audit(w, audited));
    return cy_restore_finish(w->restore);
}

int cy_cli_restore(struct cy_cli *run)
{
    struct work *w = calloc(1, sizeof *w);
    struct cy_audit_report *audited = cy_arena_zero(&run->arena, sizeof *audited);
    struct cy_archive_in *archive = NULL;
    const cy_time began = cy_cli_now();
    int code = 0;
    cy_err err = CY_OK;

    if (w == NULL || audited == NULL) {
        free(w);
        return cy_cli_fail(run, cy_fail(CY_E_NO_MEMORY, 0), NULL);
    }
    w->run = run;
    w->asked = json_array();
    w->successor = cy_cli_arg(&run->args, "successor");
    if (run->args.n_words != 2 || cy_cli_arg(&run->args, "dir") == NULL) {
        code = cy_cli_wrong(run, "write: comity restore FILE --dir NEW --passphrase-file FILE");
    } else {
        err = restore(w, &archive, audited);
        code = !cy_ok(err)            ? cy_cli_fail(run, err, NULL)
               : w->successor == NULL ? report(w, audited, cy_cli_now() - began)
                                      : report_successor(w);
    }
    cy_restore_close(w->restore);
    cy_archive_in_close(archive);
    cy_config_free(w->config);
    json_decref(w->asked);
    free(w);
    return code;
}

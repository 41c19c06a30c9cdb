#include "host/cli/cli_evidence.h"

#include "host/audit/conflict_search.h"
#include "verify/two_statements.h"
#include "wire/codec.h"

#define FILE_MAX CY_EQUIVOCATION_NOTE_MAX

const struct cy_cli_option cy_cli_evidence_options[] = {
    {"key",  "KEY",     "who signed both: a verifier key, or 64 digits"                },
    {"path", "FILE",
     "heads of two sizes: the larger tree's root at the smaller size, then the path; "
     "base64, a line each"                                                             },
    {"from", "DIR|URL",
     "heads of two sizes: a copy of the larger one's ledger, which the path is made of"},
    {"act",  "FILE",    "take it out of an equivocate act"                             },
    {"at",   "INDEX",   "the same, of the entry there in the daemon's ledger"          },
    {"out",  "FILE",    "write it to a file (else to standard output)"                 },
    {NULL,   NULL,      NULL                                                           },
};

/* --- from notes --- */

/* *type: 0 when 64 digits do not say it. */
static cy_err read_key(struct cy_cli *run, struct cy_id *key, unsigned *type)
{
    const char *word = cy_cli_arg(&run->args, "key");
    struct cy_note_key vkey;

    if (word == NULL) {
        cy_cli_note(run, "--key KEY: whose two statements are they?");
        return cy_fail(CY_E_USAGE, 0);
    }
    cy_cli_note(run, "--key %.300s", word);
    *type = 0;
    if (strlen(word) == 64)
        return cy_hex_read(cy_span_text(word), key->b, sizeof key->b);
    CY_TRY(cy_note_vkey_read(cy_span_text(word), &vkey));
    *key = vkey.key;
    *type = vkey.type;
    return CY_OK;
}

static cy_err read_path(struct cy_cli *run, struct cy_equivocation *what)
{
    const char *path = cy_cli_arg(&run->args, "path");
    struct cy_span rest;
    struct cy_span line;

    if (path == NULL)
        return CY_OK;
    CY_TRY(cy_cli_read_file(run, path, FILE_MAX, &rest));
    cy_cli_note(run, "%.300s: lines of base64, of 32 bytes each", path);
    while (cy_line_next(&rest, &line)) {
        struct cy_id *to = what->has_prefix ? &what->path[what->n] : &what->prefix;
        size_t n = 0;

        if (what->n == CY_EQUIVOCATION_PATH_MAX)
            return cy_fail(CY_E_BAD_PROOF_TEXT, what->n);
        CY_TRY(cy_base64_read(line, to->b, sizeof to->b, &n));
        if (n != sizeof to->b)
            return cy_fail(CY_E_BAD_BASE64, 0);
        what->n += what->has_prefix ? 1 : 0;
        what->has_prefix = true;
    }
    return rest.n == 0 && what->has_prefix ? CY_OK : cy_fail(CY_E_BAD_PROOF_TEXT, 0);
}

/* What two heads of different sizes need is looked for in a copy of the larger one's ledger. */
static cy_err search(struct cy_cli *run, struct cy_equivocation *what)
{
    const char *from = cy_cli_arg(&run->args, "from");
    struct cy_audit_source *source = NULL;
    cy_err err = CY_OK;

    if (from == NULL || what->has_prefix || what->kind == CY_statement_VOTE)
        return CY_OK;
    err = cy_audit_source_open(from, NULL, &source);
    if (!cy_ok(err)) {
        cy_cli_note(run, "%.300s", from);
        return err;
    }
    err = cy_conflict_search(source, what);
    if (err.code == CY_E_NO_CONFLICT)
        cy_cli_note(run, err.detail == 3 ? "the larger head goes on from the smaller one"
                                         : "these are not two heads of one ledger");
    else if (!cy_ok(err))
        cy_cli_note(
            run, "%.300s is not a copy of the larger head's ledger, or a part is missing%s%.300s",
            from, cy_audit_source_why(source)[0] == 0 ? "" : ": ", cy_audit_source_why(source));
    cy_audit_source_close(source);
    return err;
}

static bool is_vote(struct cy_span note)
{
    static const char begins[] = "comity-vote/";

    return note.n > sizeof begins && memcmp(note.at, begins, sizeof begins - 1) == 0;
}

/* A head is signed as it is, or cosigned: without a verifier key to say it, what convicts counts.
 */
static void tell_kind(struct cy_equivocation *what, unsigned type)
{
    struct cy_contradiction found;
    unsigned which = 0;

    what->kind = is_vote(what->notes[0])       ? CY_statement_VOTE
                 : type == CY_NOTE_COSIGNATURE ? CY_statement_COSIGNATURE
                                               : CY_statement_HEAD;
    if (what->kind != CY_statement_HEAD || type != 0 ||
        cy_ok(cy_statements_contradict(what, &found, &which)))
        return;
    what->kind = CY_statement_COSIGNATURE;
    if (!cy_ok(cy_statements_contradict(what, &found, &which)) && which == 0)
        what->kind = CY_statement_HEAD; /* the refusal of the plainer reading is shown */
}

static cy_err from_notes(struct cy_cli *run, struct cy_equivocation *what)
{
    unsigned type = 0;

    if (run->args.n_words != 4) {
        cy_cli_note(run, "write: comity evidence make ONE ANOTHER --key KEY, or --act, or --at");
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(read_key(run, &what->key, &type));
    for (unsigned i = 0; i < 2; i++)
        CY_TRY(cy_cli_read_file(run, run->args.words[2 + i], FILE_MAX, &what->notes[i]));
    CY_TRY(read_path(run, what));
    run->why[0] = 0;
    what->kind = is_vote(what->notes[0]) ? CY_statement_VOTE : CY_statement_HEAD;
    CY_TRY(search(run, what));
    tell_kind(what, type);
    return CY_OK;
}

/* --- from an act --- */

static cy_err from_act(struct cy_cli *run, struct cy_span bytes, struct cy_equivocation *what)
{
    const size_t most = cy_act_decoded_max(bytes.n);
    struct cy_arena arena = cy_arena_on(cy_arena_take(&run->arena, most), most);
    const struct cy_equivocate *said = NULL;
    struct cy_act act;

    if (arena.at == NULL)
        return cy_fail(CY_E_NO_ROOM, most);
    CY_TRY(cy_act_open(bytes, &arena, &act));
    if (act.any.schema != &cy_schema_equivocate) {
        cy_cli_note(run, "the act is %s, not equivocate", act.any.schema->name);
        return cy_fail(CY_E_USAGE, 0);
    }
    said = act.any.message;
    what->kind = (uint8_t)said->kind;
    what->key = said->of_key;
    what->notes[0] = said->one;
    what->notes[1] = said->another;
    what->has_prefix = !cy_id_none(&said->prefix);
    what->prefix = said->prefix;
    if (said->path.n % sizeof what->path[0].b != 0 || said->path.n > sizeof what->path)
        return cy_fail(CY_E_BAD_MERKLE, said->path.n);
    what->n = (uint32_t)(said->path.n / sizeof what->path[0].b);
    memcpy(what->path, said->path.at, said->path.n);
    return CY_OK;
}

static cy_err from_file(struct cy_cli *run, const char *path, struct cy_equivocation *what)
{
    struct cy_span bytes;

    CY_TRY(cy_cli_read_file(run, path, CY_ENTRY_MAX, &bytes));
    return from_act(run, bytes, what);
}

static cy_err from_daemon(struct cy_cli *run, const char *index, struct cy_equivocation *what)
{
    struct cy_client_answer answer = {0};
    uint8_t *entry = NULL;
    uint64_t at = 0;
    char path[96];
    cy_err err = CY_OK;

    if (!cy_ok(cy_u64_read(cy_span_text(index), &at))) {
        cy_cli_note(run, "--at INDEX: a number");
        return cy_fail(CY_E_USAGE, 0);
    }
    (void)snprintf(path, sizeof path, "/v1/acts/%llu/raw", (unsigned long long)at);
    err = cy_cli_fetch(run, path, CY_ENTRY_MAX, &answer);
    if (cy_ok(err)) {
        entry = cy_arena_take(&run->arena, answer.n + 1); /* what is read points into it */
        err = entry == NULL ? cy_fail(CY_E_NO_ROOM, answer.n) : CY_OK;
    }
    if (cy_ok(err)) {
        memcpy(entry, answer.body, answer.n);
        err = from_act(run, cy_span_of(entry, answer.n), what);
    }
    cy_client_answer_free(&answer);
    return err;
}

/* --- the command --- */

static cy_err read_what(struct cy_cli *run, struct cy_equivocation *what)
{
    const char *act = cy_cli_arg(&run->args, "act");
    const char *at = cy_cli_arg(&run->args, "at");

    memset(what, 0, sizeof *what);
    if (act != NULL)
        return from_file(run, act, what);
    return at != NULL ? from_daemon(run, at, what) : from_notes(run, what);
}

static int write_out(struct cy_cli *run, const struct cy_equivocation *what)
{
    const char *path = cy_cli_arg(&run->args, "out");
    char *room = cy_arena_take(&run->arena, CY_EQUIVOCATION_FILE_MAX);
    struct cy_text text;
    cy_err err = CY_OK;

    if (room == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, CY_EQUIVOCATION_FILE_MAX), NULL);
    text = cy_text_on(room, CY_EQUIVOCATION_FILE_MAX);
    cy_equivocation_write(&text, what);
    if (text.full)
        return cy_cli_fail(run, cy_fail(CY_E_TOO_LARGE, CY_EQUIVOCATION_FILE_MAX), NULL);
    err = cy_cli_write_file(run, path == NULL ? "-" : path, cy_text_bytes(&text));
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, path);
}

int cy_cli_evidence_make(struct cy_cli *run)
{
    struct cy_equivocation *what = cy_arena_zero(&run->arena, sizeof *what);
    struct cy_contradiction found;
    unsigned which = 0;
    cy_err err = what == NULL ? cy_fail(CY_E_NO_ROOM, 0) : read_what(run, what);

    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    err = cy_statements_contradict(what, &found, &which);
    if (!cy_ok(err)) {
        cy_cli_note(run,
                    which == 2 ? "both are signed, and one honest key may sign both"
                               : "statement %u is not what it should be",
                    which + 1);
        return cy_cli_fail(run, err, NULL);
    }
    return write_out(run, what);
}

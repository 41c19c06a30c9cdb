#include "host/cli/cli_trustee.h"

#include "crypto/merkle.h"
#include "host/cli/cli_make.h"
#include "host/cli/cli_seat.h"
#include "host/cli/cli_stop.h"
#include "host/system/form.h"
#include "realm/witness.h"

#include <stdlib.h>
#include <time.h>

#define MEMBERS_MAX 16u
#define NOTE_MAX 2048u
#define LABEL "cosign"
#define KEY_FILE "trustee.vkey"

const struct cy_cli_option cy_cli_trustee_options[] = {
    {"name",            "NAME",    "init: the trustee's name, such as union.example"                },
    {"chamber",         "CHAMBER", "init: capital, labor or commons"                                },
    {"operator",        "CODE",    "init: who runs it; one operator counts once for safety"         },
    {"passphrase-file", "FILE",    "init: passphrase of the key directory (a random one is written)"},
    {"origin",          "ORIGIN",  "run, status: name of the federation's ledger"                   },
    {"seat",            "FILE",    "run: the card of a member; repeat, all of them"                 },
    {"every",           "SECONDS", "run: pause between two rounds (2)"                              },
    {"once",            NULL,      "run: one round, then end"                                       },
    {NULL,              NULL,      NULL                                                             },
};

/* --- init --- */

static cy_err write_key(struct cy_cli *run, const char *dir, const char *name,
                        const struct cy_id *key, char vkey[static 256])
{
    char path[CY_HOME_DIR_MAX + 16];
    struct cy_text text = cy_text_on(vkey, 256);
    struct cy_note_key note;

    CY_TRY(cy_note_key_of(cy_span_text(name), CY_NOTE_COSIGNATURE, key, &note));
    cy_note_vkey(&note, &text);
    (void)snprintf(path, sizeof path, "%.1000s/" KEY_FILE, dir);
    cy_text_add(&text, "\n");
    CY_TRY(cy_cli_write_file(run, path, cy_text_bytes(&text)));
    vkey[text.n - 1] = 0;
    return CY_OK;
}

static cy_err make(struct cy_making *making, char vkey[static 256])
{
    struct cy_cli *run = making->run;
    const char *name = cy_cli_arg(&run->args, "name");
    const char *given = cy_cli_arg(&run->args, "signer");
    struct cy_home_settings home = {.url = "", .pin = "", .vkey = "", .realm = "", .as = ""};
    struct cy_id key;

    if (cy_cli_arg(&run->args, "dir") == NULL || name == NULL || !cy_form_origin(name) ||
        cy_cli_arg(&run->args, "chamber") == NULL || cy_cli_arg(&run->args, "operator") == NULL) {
        cy_cli_note(run, "comity federation trustee init needs --dir DIR, --name NAME, --chamber "
                         "CHAMBER and --operator CODE");
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(cy_making_dir(making, cy_cli_arg(&run->args, "dir")));
    if (given != NULL) {
        CY_TRY(cy_cli_signer(run));
    } else {
        CY_TRY(cy_making_passphrase(making));
        CY_TRY(cy_making_signer(making));
    }
    CY_TRY(cy_signer_make(run->signer, cy_span_text(LABEL), CY_PURPOSE_COSIGNATURE, &key, NULL));
    home.signer = given != NULL ? given : making->socket;
    CY_TRY(cy_home_write(making->dir, &home));
    return write_key(run, making->dir, name, &key, vkey);
}

static int init(struct cy_cli *run)
{
    struct cy_making *making = calloc(1, sizeof *making);
    const char *chamber = cy_cli_arg(&run->args, "chamber");
    const char *operator= cy_cli_arg(&run->args, "operator");
    char vkey[256] = "";
    char dir[CY_HOME_DIR_MAX];
    cy_err err = CY_OK;

    if (making == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_MEMORY, 0), NULL);
    making->run = run;
    err = make(making, vkey);
    cy_making_end(making, cy_ok(err));
    (void)snprintf(dir, sizeof dir, "%s", making->dir);
    free(making);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:s,s:s,s:s}", "chamber", chamber, "vkey", vkey,
                                           "operator", operator));
    (void)fprintf(
        run->out,
        "  key  %s\n\nGive the founders this option for their draft:\n"
        "  --trustee '%s,%s,%s'\n(in a federation that runs: acts trustee_set, then "
        "policy_set)\n\nThen start the signer, and cosign:\n"
        "  comity-signer --keys %s/keys --socket %s/signer.sock --passphrase-file "
        "%s/passphrase &\n"
        "  comity --dir %s federation trustee run --origin ORIGIN --seat CARD --seat ...\n",
        vkey, chamber, vkey, operator, dir, dir, dir, dir);
    return CY_EXIT_OK;
}

/* --- what is known --- */

struct trustee {
    struct cy_cli *run;
    struct cy_note_key key;
    struct cy_span origin;
    struct cy_seat_card members[MEMBERS_MAX];
    uint32_t n;
    struct cy_signer_head last; /* what it cosigned */
};

static cy_err open_trustee(struct trustee *t)
{
    struct cy_cli *run = t->run;
    const char *origin = cy_cli_arg(&run->args, "origin");
    char path[CY_HOME_DIR_MAX + 16];
    struct cy_span text;

    if (origin == NULL || !cy_form_origin(origin)) {
        cy_cli_note(run, "name the federation's ledger: --origin sea.example/federation");
        return cy_fail(CY_E_USAGE, 0);
    }
    t->origin = cy_span_text(origin);
    (void)snprintf(path, sizeof path, "%.1000s/" KEY_FILE, run->home.dir);
    CY_TRY(cy_cli_read_file(run, path, 256, &text));
    if (text.n > 0 && text.at[text.n - 1] == '\n')
        text.n--;
    CY_TRY(cy_note_vkey_read(text, &t->key));
    CY_TRY(cy_cli_signer(run));
    return cy_signer_head(run->signer, &t->key.key, t->origin, &t->last);
}

/* --- asking members --- */

/* A member's newest agreed head, and that it continues a tree of size `old`. */
struct said {
    struct cy_add_checkpoint proof;
    struct cy_checkpoint head;
};

static cy_err ask(struct trustee *t, uint32_t i, uint64_t old, struct said *out)
{
    struct cy_cli *run = t->run;
    struct cy_client_answer answer = {0};
    char url[CY_CLI_URL_MAX];
    const struct cy_client_request request = {.url = url,
                                              .pin = t->members[i].pin[0] != 0 ? t->members[i].pin
                                                                               : NULL,
                                              .answer_max = NOTE_MAX + CY_WITNESS_PROOF_MAX * 48u,
                                              .connect_ms = 3000,
                                              .total_ms = 10000};
    uint8_t *bytes = NULL;
    cy_err err = CY_OK;

    (void)snprintf(url, sizeof url, "%.800s/v1/federation/agreed?old=%llu", t->members[i].url,
                   (unsigned long long)old);
    err = cy_client_do(run->http, &request, &answer);
    if (cy_ok(err) && (bytes = cy_arena_take(&run->arena, answer.n + 1)) == NULL)
        err = cy_fail(CY_E_NO_ROOM, 0);
    if (!cy_ok(err)) {
        cy_cli_note(run, "%.300s: %s", url,
                    answer.problem.status != 0 ? answer.problem.detail : answer.why);
        cy_client_answer_free(&answer);
        return err;
    }
    memcpy(bytes, answer.body, answer.n);
    err = cy_add_checkpoint_read(cy_span_of(bytes, answer.n), &out->proof);
    cy_client_answer_free(&answer);
    CY_TRY(err);
    CY_TRY(cy_checkpoint_read(out->proof.note, &out->head));
    if (!cy_span_eq(out->head.origin, t->origin) || out->head.extension.n > 0)
        return cy_fail(CY_E_OTHER_LOG, i);
    return out->proof.old == old ? CY_OK : cy_fail(CY_E_PEER_ANSWER, 0);
}

static cy_err continues(const struct said *said, uint64_t size, const struct cy_id *root)
{
    return size == 0 ? CY_OK
                     : cy_merkle_consistency(size, root, said->head.size, &said->head.root,
                                             said->proof.proof, said->proof.n);
}

/* How many of the members stand by a head: theirs is the same, or continues it. */
static uint32_t supporters(struct trustee *t, uint32_t first, const struct cy_checkpoint *head)
{
    uint32_t n = 1;

    for (uint32_t i = 0; i < t->n; i++) {
        const size_t used = t->run->arena.used;
        struct said said;

        if (i != first && cy_ok(ask(t, i, head->size, &said)) && said.head.size >= head->size &&
            cy_ok(continues(&said, head->size, &head->root)))
            n++;
        cy_arena_rewind(&t->run->arena, used);
    }
    return n;
}

/* --- cosigning --- */

static cy_err sign(struct trustee *t, const struct said *said, struct cy_text *note)
{
    struct cy_signature signature;
    uint8_t blob[CY_COSIGNATURE_BYTES];
    uint64_t now_s = cy_cli_now() / 1000;

    if (now_s < t->last.time_s)
        now_s = t->last.time_s; /* the clock was set back: the key's time goes on */
    CY_TRY(cy_signer_cosign(t->run->signer, &t->key.key, said->proof.note, now_s, said->proof.proof,
                            said->proof.n, &signature, &t->last));
    cy_cosignature_blob(now_s, signature.b, blob);
    cy_note_begin(note, said->proof.note);
    cy_note_line(note, t->key.name, t->key.id, cy_span_of(blob, sizeof blob));
    t->last =
        (struct cy_signer_head){.size = said->head.size, .root = said->head.root, .time_s = now_s};
    return CY_OK;
}

/* Hands it to every member; how many took it. */
static uint32_t hand_in(struct trustee *t, struct cy_span note)
{
    uint32_t taken = 0;

    for (uint32_t i = 0; i < t->n; i++) {
        struct cy_client_answer answer = {0};
        char url[CY_CLI_URL_MAX];
        const struct cy_client_request request = {
            .url = url,
            .pin = t->members[i].pin[0] != 0 ? t->members[i].pin : NULL,
            .type = "text/plain",
            .body = note,
            .connect_ms = 3000,
            .total_ms = 10000};

        cy_err err = CY_OK;

        (void)snprintf(url, sizeof url, "%.800s/v1/federation/cosignatures", t->members[i].url);
        err = cy_client_do(t->run->http, &request, &answer);
        taken += cy_ok(err) || err.code == CY_E_UNASKED ? 1u : 0u; /* others pass it on, too */
        cy_client_answer_free(&answer);
    }
    return taken;
}

static void tell(struct trustee *t, const struct said *said, uint32_t by, uint32_t taken)
{
    if (t->run->json)
        (void)fprintf(t->run->out, "{\"size\":%llu,\"members\":%u,\"agree\":%u,\"handed_to\":%u}\n",
                      (unsigned long long)said->head.size, t->n, by, taken);
    else
        (void)fprintf(t->run->out,
                      "cosigned %llu entries: %u of %u members stand by it; handed to %u\n",
                      (unsigned long long)said->head.size, by, t->n, taken);
    (void)fflush(t->run->out);
}

/* A head that one member shows, that continues what we know, and that enough others stand by. That
 * too few do says more than that some do not answer. */
static cy_err find_head(struct trustee *t, struct said *said, uint32_t *by)
{
    cy_err err = cy_fail(CY_E_PEER_CONNECT, 0);
    uint32_t most = 0;

    for (uint32_t i = 0; i < t->n; i++) {
        err = ask(t, i, t->last.size, said);
        if (cy_ok(err))
            err = continues(said, t->last.size, &t->last.root);
        if (!cy_ok(err))
            continue;
        *by = supporters(t, i, &said->head);
        if (*by * 3 > t->n * 2)
            return CY_OK;
        most = *by > most ? *by : most;
    }
    if (most == 0)
        return err;
    cy_cli_note(t->run,
                "%u of %u members stand by the newest head; more than two thirds are needed", most,
                t->n);
    return cy_fail(CY_E_FEW_WITNESSES, most);
}

static cy_err round_once(struct trustee *t)
{
    const size_t used = t->run->arena.used;
    char bytes[NOTE_MAX];
    struct cy_text note = cy_text_on(bytes, sizeof bytes);
    struct said said;
    uint32_t by = 0;
    cy_err err = find_head(t, &said, &by);

    if (cy_ok(err) && said.head.size > t->last.size) {
        err = sign(t, &said, &note);
        if (cy_ok(err))
            tell(t, &said, by, hand_in(t, cy_text_bytes(&note)));
    }
    cy_arena_rewind(&t->run->arena, used);
    return err;
}

static int run_loop(struct trustee *t, uint64_t pause_s)
{
    const bool once = cy_cli_arg_on(&t->run->args, "once");

    cy_cli_stop_hear();
    while (!cy_cli_stop_asked()) {
        const struct timespec pause = {.tv_sec = (time_t)pause_s};
        const cy_err err = round_once(t);

        if (!cy_ok(err)) {
            const int code = cy_cli_fail(t->run, err, NULL);

            if (once || cy_err_info(err.code)->kind == CY_ERR_hard)
                return code;
        }
        if (once)
            break;
        t->run->why[0] = 0;
        (void)nanosleep(&pause, NULL);
    }
    return CY_EXIT_OK;
}

static int cosign(struct cy_cli *run, struct trustee *t)
{
    const char *every = cy_cli_arg(&run->args, "every");
    uint64_t pause_s = 2;
    cy_err err = CY_OK;

    if (every != NULL && (!cy_ok(cy_u64_read(cy_span_text(every), &pause_s)) || pause_s > 3600))
        return cy_cli_wrong(run, "--every is a number of seconds, at most 3600");
    err = cy_seat_cards_read(run, t->members, MEMBERS_MAX, &t->n);
    if (cy_ok(err))
        err = open_trustee(t);
    if (cy_ok(err) && run->http == NULL && (run->http = cy_client_new()) == NULL)
        err = cy_fail(CY_E_NO_MEMORY, 0);
    return cy_ok(err) ? run_loop(t, pause_s) : cy_cli_fail(run, err, NULL);
}

static int status(struct cy_cli *run, struct trustee *t)
{
    const cy_err err = open_trustee(t);
    char vkey[256];
    struct cy_text text = cy_text_on(vkey, sizeof vkey);

    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    cy_note_vkey(&t->key, &text);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:s%,s:I,s:I}", "vkey", vkey, text.n, "size",
                                           (json_int_t)t->last.size, "time_s",
                                           (json_int_t)t->last.time_s));
    (void)fprintf(run->out, "  key       %.*s\n", (int)text.n, vkey);
    if (t->last.size == 0)
        (void)fputs("  cosigned  nothing yet\n", run->out);
    else
        (void)fprintf(run->out, "  cosigned  %llu entries, %llu seconds ago\n",
                      (unsigned long long)t->last.size,
                      (unsigned long long)(cy_cli_now() / 1000 - t->last.time_s));
    return CY_EXIT_OK;
}

int cy_cli_trustee(struct cy_cli *run)
{
    const char *word = run->args.n_words > 2 ? run->args.words[2] : "";
    struct trustee *t = cy_arena_zero(&run->arena, sizeof *t);
    cy_err err = CY_OK;
    struct cy_text why = cy_text_on(run->why, sizeof run->why);

    if (t == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    t->run = run;
    if (strcmp(word, "init") == 0)
        return init(run);
    if (strcmp(word, "run") != 0 && strcmp(word, "status") != 0)
        return cy_cli_wrong(run, "write: comity federation trustee init, run or status");
    err = cy_home_open(cy_cli_arg(&run->args, "dir"), &run->home, &why);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->signer_path == NULL)
        run->signer_path = run->home.settings.signer;
    return word[0] == 'r' ? cosign(run, t) : status(run, t);
}

#include "host/cli/cli_verify.h"

#include "host/cli/cli_peer.h"
#include "host/json/json.h"
#include "verify/verify.h"

#define FILE_MAX ((size_t)64 << 20)
#define REPORT_MAX ((size_t)64 << 10)

const struct cy_cli_option cy_cli_trust_options[] = {
    {"vkey",    "VKEY", "verifier key of the ledger (else the directory's)"                 },
    {"witness", "VKEY", "verifier key of a witness; repeat (else those of the directory)"   },
    {"need",    "K",    "how many witnesses must have cosigned (all that are named; else 0)"},
    {"policy",  "FILE", "policy that the cosignatures must meet (SPEC/policy.md)"           },
    {"origin",  "NAME", "the ledger the policy is about, where no --vkey is asked for"      },
    {NULL,      NULL,   NULL                                                                },
};

const struct cy_cli_option cy_cli_verify_options[] = {
    {"entry", "FILE", "the bytes of the entry, where the proof does not hold them"},
    {NULL,    NULL,   NULL                                                        },
};

/* A federation is named, and has no key; a cell's key names it. */
static cy_err read_policy(struct cy_cli *run, struct cy_cli_trust *trust, const char *path,
                          const char *origin)
{
    struct cy_span name = trust->log.name;
    struct cy_span text;
    cy_err err = CY_OK;

    if (cy_cli_arg(&run->args, "witness") != NULL || cy_cli_arg(&run->args, "need") != NULL) {
        cy_cli_note(run, "--policy names the cosigners: leave --witness and --need out");
        return cy_fail(CY_E_USAGE, 0);
    }
    if (origin != NULL)
        name = cy_span_text(origin);
    if (name.n == 0) {
        cy_cli_note(run, "--policy: name the ledger with --origin NAME, or its key with --vkey");
        return cy_fail(CY_E_NO_VKEY, 0);
    }
    if (trust->has_log && !cy_span_eq(name, trust->log.name)) {
        cy_cli_note(run, "--origin %.255s is another ledger than --vkey names", origin);
        return cy_fail(CY_E_USAGE, 0);
    }
    CY_TRY(cy_cli_read_file(run, path, CY_QUORUM_TEXT_MAX, &text));
    err = cy_policy_trust_read(name, text, &trust->policy);
    if (err.code == CY_E_BAD_POLICY || err.code == CY_E_BAD_KEY)
        cy_cli_note(run, "%.300s, line %u", path, err.detail);
    else if (!cy_ok(err))
        cy_cli_note(run, "%.300s", path);
    trust->has_policy = cy_ok(err);
    return err;
}

cy_err cy_cli_trust_read(struct cy_cli *run, struct cy_cli_trust *trust)
{
    const char *vkey = cy_cli_arg(&run->args, "vkey");
    const char *need = cy_cli_arg(&run->args, "need");
    const char *policy = cy_cli_arg(&run->args, "policy");
    const char *origin = cy_cli_arg(&run->args, "origin");
    const char *witness = NULL;
    uint64_t n = 0;
    size_t at = 0;

    memset(trust, 0, sizeof *trust);
    if (origin != NULL && policy == NULL) {
        cy_cli_note(run, "--origin belongs to --policy");
        return cy_fail(CY_E_USAGE, 0);
    }
    if (vkey == NULL && origin == NULL)
        vkey = run->home.settings.vkey;
    if (vkey != NULL && vkey[0] != 0) {
        cy_cli_note(run, "--vkey %.300s", vkey);
        CY_TRY(cy_note_vkey_read(cy_span_text(vkey), &trust->log));
        if (trust->log.type != CY_NOTE_ED25519)
            return cy_fail(CY_E_BAD_VKEY, 0);
        trust->has_log = true;
        run->why[0] = 0;
    }
    if (policy != NULL)
        return read_policy(run, trust, policy, origin);
    while ((witness = cy_cli_arg_next(&run->args, "witness", &at)) != NULL) {
        cy_cli_note(run, "--witness %.300s", witness);
        if (trust->n_witnesses == CY_CLI_WITNESSES_MAX)
            return cy_fail(CY_E_NO_ROOM, CY_CLI_WITNESSES_MAX);
        CY_TRY(cy_note_vkey_read(cy_span_text(witness), &trust->witnesses[trust->n_witnesses]));
        if (trust->witnesses[trust->n_witnesses++].type != CY_NOTE_COSIGNATURE)
            return cy_fail(CY_E_BAD_VKEY, 0);
    }
    run->why[0] = 0;
    trust->need = trust->n_witnesses;
    if (trust->n_witnesses == 0) /* none named: the cell's own, counted but not demanded */
        CY_TRY(cy_cli_peer_witnesses(run, trust->witnesses, CY_CLI_WITNESSES_MAX,
                                     &trust->n_witnesses));
    if (need == NULL)
        return CY_OK;
    if (!cy_ok(cy_u64_read(cy_span_text(need), &n)) || n > trust->n_witnesses) {
        cy_cli_note(run, "--need is a number, at most the %u witnesses named", trust->n_witnesses);
        return cy_fail(CY_E_USAGE, 0);
    }
    trust->need = (uint32_t)n;
    return CY_OK;
}

struct cy_trust cy_cli_trust_of(const struct cy_cli_trust *trust)
{
    return (struct cy_trust){.log = trust->log,
                             .witnesses = trust->witnesses,
                             .n_witnesses = trust->n_witnesses,
                             .need = trust->need,
                             .policy = trust->has_policy ? &trust->policy : NULL};
}

/* --- the report --- */

static void print_people(struct cy_cli *run, const char *path, const struct comity_report *r)
{
    const struct cy_err_info *info = cy_err_info((enum cy_code)r->error);

    for (uint32_t i = 0; i < r->n_steps; i++) {
        const bool holds = r->steps[i].error == 0;
        char sentence[1024];
        struct cy_text words = cy_text_on(sentence, sizeof sentence);

        cy_step_say(r, i, &words);
        (void)fprintf(run->out, "%s  %s%s%s\n", holds ? "ok     " : "REFUSED", sentence,
                      holds ? "" : ": ", holds ? "" : info->text);
    }
    if (r->answer != NULL)
        (void)fprintf(run->out, "%s\n", r->answer);
    if (r->error == 0)
        (void)fprintf(run->out, "%s: this %s holds\n", path, cy_kind_text(r->kind));
    else
        (void)fprintf(run->out, "%s: this %s does NOT hold (%s)\n  what to do: %s\n", path,
                      cy_kind_text(r->kind), info->path, info->remedy);
}

static int print_json(struct cy_cli *run, const char *path, const struct comity_report *r)
{
    char *room = cy_arena_take(&run->arena, REPORT_MAX);
    struct cy_text text;
    json_t *value = NULL;

    if (room == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, REPORT_MAX), NULL);
    text = cy_text_on(room, REPORT_MAX);
    cy_report_json(r, &text);
    value = json_loads(room, 0, NULL);
    (void)json_object_set_new(value, "file", json_string(path));
    if (r->answer != NULL)
        (void)json_object_set_new(value, "answer", json_loads(r->answer, 0, NULL));
    return cy_cli_print(run, value);
}

int cy_cli_verify(struct cy_cli *run)
{
    struct cy_cli_trust *given = cy_arena_zero(&run->arena, sizeof *given);
    struct comity_report *report = cy_arena_zero(&run->arena, sizeof *report);
    const char *entry_path = cy_cli_arg(&run->args, "entry");
    struct cy_span bytes = {NULL, 0};
    struct cy_span entry = {NULL, 0};
    struct cy_trust trust;
    cy_err err = CY_OK;

    if (run->args.n_words != 2)
        return cy_cli_wrong(run, "write: comity verify FILE");
    err =
        given == NULL || report == NULL ? cy_fail(CY_E_NO_ROOM, 0) : cy_cli_trust_read(run, given);
    if (cy_ok(err))
        err = cy_cli_read_file(run, run->args.words[1], FILE_MAX, &bytes);
    if (cy_ok(err) && entry_path != NULL)
        err = cy_cli_read_file(run, entry_path, CY_ENTRY_MAX, &entry);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    trust = cy_cli_trust_of(given);
    (void)cy_verify(bytes, entry, &trust, &run->arena, report);
    if (report->error == COMITY_NO_VKEY) /* an act alone and evidence need nobody's trust */
        return cy_cli_fail(run, cy_fail(CY_E_NO_VKEY, 0), NULL);
    if (run->json && print_json(run, run->args.words[1], report) != CY_EXIT_OK)
        return CY_EXIT_TROUBLE;
    if (!run->json)
        print_people(run, run->args.words[1], report);
    return report->error == 0 ? CY_EXIT_OK : CY_EXIT_REFUSED;
}

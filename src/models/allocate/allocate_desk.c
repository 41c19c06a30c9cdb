#include "models/allocate/allocate_desk.h"

#include "crypto/hash.h"
#include "models/allocate/allocate_lots.h"
#include "models/allocate/allocate_range.h"
#include "models/desk/svg.h"

#include <stdlib.h>

enum { STAGES_MAX = 2000 };

#define FILE_MAX_BYTES ((size_t)64 << 20)

/* --- deciding --- */

static json_t *stage_json(const struct cy_id *program, struct cy_span certificate)
{
    char *text = cy_lp_alloc(cy_base64_size(certificate.n) + 1, 1);
    char id[65];
    json_t *out = NULL;

    cy_hex(program->b, 32, id);
    cy_base64(certificate.at, certificate.n, text);
    out = json_pack("{ss ss}", "program", id, "certificate", text);
    free(text);
    return out;
}

/* The certificate of a stage out of a finding. */
static cy_err read_stage(const json_t *stages, uint32_t i, struct cy_lp_bytes *out)
{
    const char *text = json_string_value(json_object_get(json_array_get(stages, i), "certificate"));
    size_t n = 0;

    if (text == NULL)
        return cy_fail(CY_E_CERT_FORM, 0);
    out->cap = strlen(text) + 4;
    out->at = cy_lp_grow(NULL, out->cap, 1);
    CY_TRY(cy_base64_read(cy_span_text(text), out->at, out->cap, &n));
    out->n = n;
    return CY_OK;
}

/* The certificate of a stage by solving it. */
static cy_err solve_stage(const struct cy_lp_program *lp, struct cy_lp_bytes *out)
{
    const struct cy_lp_wish wish = {.any = true};
    struct cy_lp_answer answer;
    const cy_err e = cy_lp_answer_find(lp, &wish, &answer);

    if (cy_ok(e))
        cy_lp_put(out, answer.certificate.at, answer.certificate.n);
    cy_lp_answer_free(&answer);
    return e;
}

static cy_err impossible(struct cy_desk *desk, const struct cy_allocate_state *state,
                         const struct cy_lp_program *lp, const struct cy_lp_verdict *verdict)
{
    char *words = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&words, &n);

    if (out == NULL)
        return cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "no memory");
    cy_allocate_contradiction(state, lp, verdict, out);
    (void)fclose(out);
    n = strcspn(words, "\n");
    if (!desk->json)
        (void)fputs(words + n + (words[n] != 0), desk->out);
    words[n] = 0;
    if (n > 0 && words[n - 1] == '.')
        words[n - 1] = 0;
    (void)cy_desk_note(desk, cy_fail(CY_E_ALLOCATE_IMPOSSIBLE, 0), "%s", words);
    free(words);
    return desk->failed;
}

static cy_err apply(struct cy_allocate_answer *answer, const struct cy_lp_program *lp,
                    const struct cy_lp_verdict *verdict, bool lots)
{
    return lots ? cy_allocate_lots_take(&answer->state, verdict, answer->lots, answer->kept)
                : cy_allocate_apply(&answer->state, lp, verdict);
}

/* One stage: its certificate is made or read, judged, and applied. */
static cy_err play(struct cy_desk *desk, struct cy_allocate_answer *answer,
                   const struct cy_lp_program *lp, const json_t *stages, bool lots)
{
    struct cy_lp_bytes program = {0};
    struct cy_lp_bytes certificate = {0};
    struct cy_lp_judged judged = {0};
    cy_err e = stages == NULL ? solve_stage(lp, &certificate)
                              : read_stage(stages, answer->n_stages, &certificate);

    cy_lp_encode(lp, &program);
    if (cy_ok(e))
        e = cy_lp_judge(cy_span_of(program.at, program.n),
                        cy_span_of(certificate.at, certificate.n), &judged);
    if (cy_ok(e) && judged.verdict.infeasible && lots)
        e = cy_desk_note(desk, cy_fail(CY_E_ALLOCATE_IMPOSSIBLE, 0),
                         "no whole lots keep all floors, caps, minimums and shares; take smaller "
                         "lots, or say it in whole lots");
    else if (cy_ok(e) && judged.verdict.infeasible)
        e = impossible(desk, &answer->state, lp, &judged.verdict);
    else if (cy_ok(e)) {
        const struct cy_id id = cy_sha256(cy_span_of(program.at, program.n));

        (void)json_array_append_new(answer->stages,
                                    stage_json(&id, cy_span_of(certificate.at, certificate.n)));
        e = apply(answer, lp, &judged.verdict, lots);
        answer->n_stages++;
    }
    if (!cy_ok(e) && cy_ok(desk->failed))
        (void)cy_desk_note(desk, e, "stage %u of the finding", answer->n_stages + 1);
    cy_lp_judged_free(&judged);
    free(program.at);
    free(certificate.at);
    return e;
}

/* Whole lots: by remainders, and where these do not keep the charter by a program. */
static cy_err give_lots(struct cy_desk *desk, struct cy_allocate_answer *answer,
                        const json_t *stages)
{
    struct cy_lp_program *lp = NULL;
    char what[160];
    cy_err e;

    if (!cy_allocate_minimums(answer->state.charter) &&
        cy_allocate_round(&answer->state, answer->lots, answer->kept, what))
        return CY_OK;
    e = cy_allocate_lots_program(&answer->state, &lp);
    if (cy_ok(e))
        e = play(desk, answer, lp, stages, true);
    else
        (void)cy_desk_note(desk, e, "the numbers of the charter are too long together");
    cy_lp_program_free(lp);
    return e;
}

cy_err cy_allocate_decide(struct cy_desk *desk, const struct cy_allocate_charter *charter,
                          const json_t *stages, struct cy_allocate_answer *out)
{
    cy_err e = CY_OK;

    *out = (struct cy_allocate_answer){.stages = json_array()};
    mpq_init(out->kept);
    cy_allocate_begin(charter, &out->state);
    out->lots = cy_lp_alloc(charter->n_parties, sizeof *out->lots);
    for (uint32_t p = 0; p < charter->n_parties; p++)
        mpz_init(out->lots[p]);
    for (;;) {
        struct cy_lp_program *lp = NULL;

        e = cy_allocate_next(&out->state, &lp);
        if (!cy_ok(e))
            (void)cy_desk_note(desk, e, "the numbers of the charter are too long together");
        if (cy_ok(e) && lp != NULL)
            e = out->n_stages < STAGES_MAX ? play(desk, out, lp, stages, false)
                                           : cy_desk_note(desk, cy_fail(CY_E_NO_ROOM, 0), "stages");
        else if (lp == NULL)
            break;
        cy_lp_program_free(lp);
        if (!cy_ok(e))
            return e;
    }
    return cy_ok(e) ? give_lots(desk, out, stages) : e;
}

void cy_allocate_answer_free(struct cy_allocate_answer *answer)
{
    for (uint32_t p = 0; p < answer->state.charter->n_parties; p++)
        mpz_clear(answer->lots[p]);
    free(answer->lots);
    json_decref(answer->stages);
    mpq_clear(answer->kept);
    cy_allocate_free(&answer->state);
}

/* --- reading --- */

cy_err cy_allocate_read(struct cy_desk *desk, struct cy_allocate_charter *charter)
{
    const char *path = cy_desk_word(desk, 0);
    const char *claims = cy_desk_option(desk, "claims");
    struct cy_desk_text text;
    struct cy_desk_text table;
    struct cy_desk_fault fault = {0};
    struct cy_csv csv;
    struct cy_id claims_id = {{0}};
    cy_err e;

    *charter = (struct cy_allocate_charter){0};
    CY_TRY(cy_desk_read(desk, path, FILE_MAX_BYTES, &text));
    if (claims != NULL) {
        CY_TRY(cy_desk_read(desk, claims, FILE_MAX_BYTES, &table));
        claims_id = cy_sha256(cy_span_of(table.at, table.n));
        e = cy_desk_csv_text(desk, table, &csv, &fault);
        if (!cy_ok(e))
            return cy_desk_refuse(desk, claims, &fault);
    }
    e = cy_allocate_charter_read(desk, cy_span_of(text.at, text.n), claims == NULL ? NULL : &csv,
                                 charter, &fault);
    charter->claims_id = claims_id;
    if (!cy_ok(e) && cy_ok(desk->failed))
        return cy_desk_refuse(desk, path, &fault);
    return e;
}

/* --- words --- */

static void units_of(const struct cy_allocate_charter *charter, mpz_srcptr lots, mpq_ptr out)
{
    mpz_mul_ui(mpq_numref(out), lots, charter->lot);
    mpz_set_ui(mpq_denref(out), 1);
}

void cy_allocate_percent(mpq_srcptr part, mpq_srcptr whole, char out[static CY_LP_DECIMAL_MAX])
{
    mpq_t v;

    if (mpq_sgn(whole) == 0) {
        (void)snprintf(out, CY_LP_DECIMAL_MAX, "-");
        return;
    }
    mpq_init(v);
    mpq_div(v, part, whole);
    mpz_mul_ui(mpq_numref(v), mpq_numref(v), 100);
    mpq_canonicalize(v);
    cy_lp_decimal(v, 1, false, out);
    (void)snprintf(out + strlen(out), CY_LP_DECIMAL_MAX - strlen(out), "%s", "%");
    mpq_clear(v);
}

const char *cy_allocate_why_word(const struct cy_allocate_standing *at)
{
    switch (at->why) {
    case CY_ALLOCATE_AT_CAP: return "it has all that it may get";
    case CY_ALLOCATE_AT_FLOOR: return "it has its floor";
    case CY_ALLOCATE_AT_SHARE: return "its group has all that it may get";
    case CY_ALLOCATE_AT_PROMISE: return "its group has what it is promised";
    case CY_ALLOCATE_AT_LEVEL: return "the supply is used up at this level";
    case CY_ALLOCATE_BY_VALUE: return "the supply is used up where it is worth most";
    case CY_ALLOCATE_OPEN: break;
    }
    return "";
}

json_t *cy_allocate_party_json(const struct cy_allocate_charter *charter,
                               const struct cy_allocate_answer *answer, uint32_t p)
{
    const struct cy_allocate_party *party = &charter->parties[p];
    char *claim = cy_lp_exact(party->claim);
    char *share = cy_lp_exact(answer->state.parties[p].share);
    char *given = NULL;
    json_t *out = NULL;
    mpq_t v;

    mpq_init(v);
    units_of(charter, answer->lots[p], v);
    given = cy_lp_exact(v);
    out = json_pack("{ss ss ss ss ss}", "party", party->name, "claim", claim, "share", share,
                    "given", given, "why", cy_allocate_why_word(&answer->state.parties[p]));
    free(claim);
    free(share);
    free(given);
    mpq_clear(v);
    return out;
}

json_t *cy_allocate_finding(const struct cy_allocate_charter *charter,
                            const struct cy_allocate_answer *answer)
{
    json_t *parties = json_array();
    char *kept = cy_lp_exact(answer->kept);
    char id[65];
    char claims[65];
    json_t *out = NULL;

    cy_hex(charter->id.b, 32, id);
    cy_hex(charter->claims_id.b, 32, claims);
    for (uint32_t p = 0; p < charter->n_parties; p++)
        (void)json_array_append_new(parties, cy_allocate_party_json(charter, answer, p));
    out = json_pack(
        "{si ss ss ss ss ss ss sI so ss sO}", "comity_finding", 1, "title", charter->title,
        "charter", id, "claims", cy_id_none(&charter->claims_id) ? "" : claims, "office",
        charter->office, "rule", cy_allocate_rule_word(charter->rule), "good", charter->good, "lot",
        (json_int_t)charter->lot, "parties", parties, "kept_back", kept, "stages", answer->stages);
    free(kept);
    return out;
}

static void print_table(struct cy_desk *desk, const struct cy_allocate_charter *charter,
                        const struct cy_allocate_answer *answer)
{
    char claim[CY_LP_DECIMAL_MAX];
    char given[CY_LP_DECIMAL_MAX];
    char part[CY_LP_DECIMAL_MAX];
    char id[65];
    mpq_t v;

    mpq_init(v);
    cy_lp_decimal(charter->supply, 6, true, claim);
    (void)fprintf(desk->out, "%s\n%s %s are shared out: %s.\n\n",
                  charter->title[0] == 0 ? "Allocation" : charter->title, claim,
                  charter->good[0] == 0 ? "units" : charter->good,
                  cy_allocate_rule_sentence(charter->rule));
    (void)fprintf(desk->out, "%-20s %14s %14s %8s  %s\n", "party", "claim", "given", "part", "why");
    for (uint32_t p = 0; p < charter->n_parties; p++) {
        units_of(charter, answer->lots[p], v);
        cy_lp_decimal(charter->parties[p].claim, 2, false, claim);
        cy_lp_decimal(v, 2, false, given);
        cy_allocate_percent(v, charter->parties[p].claim, part);
        (void)fprintf(desk->out, "%-20s %14s %14s %8s  %s\n", charter->parties[p].name, claim,
                      given, part, cy_allocate_why_word(&answer->state.parties[p]));
    }
    cy_lp_decimal(answer->kept, 6, true, given);
    cy_hex(charter->id.b, 32, id);
    (void)fprintf(desk->out,
                  "\nNot given: %s. Proved in %u stages, each certificate checked.\n"
                  "Charter %s. %s answers for this.\n",
                  given, answer->n_stages, id, charter->office);
    mpq_clear(v);
}

/* --- the drawing --- */

enum { ROW = 300, LEFT = 2400, WIDE = 5200, TOP = 700, BAR = 100 };

static int32_t long_of(mpq_srcptr v, mpq_srcptr scale)
{
    return mpq_sgn(scale) == 0 ? 0 : (int32_t)(mpq_get_d(v) / mpq_get_d(scale) * WIDE);
}

static bool draw(FILE *out, const struct cy_allocate_charter *charter,
                 const struct cy_allocate_answer *answer)
{
    struct cy_svg svg;
    char words[300];
    char text[CY_LP_DECIMAL_MAX];
    mpq_t scale;
    mpq_t v;

    mpq_inits(scale, v, NULL);
    for (uint32_t p = 0; p < charter->n_parties; p++) {
        if (mpq_cmp(charter->parties[p].claim, scale) > 0)
            mpq_set(scale, charter->parties[p].claim);
    }
    (void)snprintf(words, sizeof words,
                   "For each of %u parties two bars: what it claims, and what it is given; %s.",
                   charter->n_parties, cy_allocate_rule_sentence(charter->rule));
    cy_svg_begin(&svg, out, LEFT + WIDE + 1400, TOP + (int32_t)charter->n_parties * ROW + 200,
                 charter->title[0] == 0 ? "Allocation" : charter->title, words);
    cy_svg_rect(&svg, "f", LEFT, 200, 120, 120);
    cy_svg_text(&svg, "fg", LEFT + 180, 310, CY_SVG_START, "claim");
    cy_svg_rect(&svg, "a", LEFT + 1500, 200, 120, 120);
    cy_svg_text(&svg, "fg", LEFT + 1680, 310, CY_SVG_START, "given");
    for (uint32_t p = 0; p < charter->n_parties; p++) {
        const int32_t y = TOP + (int32_t)p * ROW;

        units_of(charter, answer->lots[p], v);
        cy_lp_decimal(v, 2, false, text);
        (void)snprintf(words, sizeof words, "%s: given %.60s", charter->parties[p].name, text);
        cy_svg_group(&svg, words);
        (void)snprintf(words, sizeof words, "%.30s", charter->parties[p].name);
        cy_svg_text(&svg, "fg", LEFT - 80, y + 150, CY_SVG_END, words);
        cy_svg_rect(&svg, "f", LEFT, y + 20, long_of(charter->parties[p].claim, scale), BAR);
        cy_svg_rect(&svg, "a", LEFT, y + 130, long_of(v, scale), BAR);
        cy_svg_text(&svg, "dim", LEFT + WIDE + 80, y + 150, CY_SVG_START, text);
        cy_svg_group_end(&svg);
    }
    mpq_clears(scale, v, NULL);
    return cy_svg_end(&svg);
}

/* --- run --- */

static int give(struct cy_desk *desk, const struct cy_allocate_charter *charter,
                const struct cy_allocate_answer *answer)
{
    FILE *finding = cy_desk_output(desk, "finding");
    FILE *svg = cy_desk_output(desk, "svg");
    json_t *out = cy_allocate_finding(charter, answer);

    if (finding != NULL &&
        (json_dumpf(out, finding, JSON_INDENT(1)) != 0 || fputc('\n', finding) == EOF)) {
        json_decref(out);
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the finding was not written");
    }
    if (svg != NULL && !draw(svg, charter, answer)) {
        json_decref(out);
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the drawing was not written");
    }
    if (desk->json)
        return cy_desk_print(desk, out);
    json_decref(out);
    print_table(desk, charter, answer);
    return CY_DESK_DONE;
}

int cy_model_allocate_run(struct cy_desk *desk)
{
    struct cy_allocate_charter charter;
    struct cy_allocate_answer answer;
    int code = 0;

    if (desk->n_words != 1)
        return cy_desk_wrong(desk, "comity allocate run takes one charter");
    if (!cy_ok(cy_allocate_read(desk, &charter))) {
        cy_allocate_charter_free(&charter);
        return cy_desk_code(desk);
    }
    code = cy_ok(cy_allocate_decide(desk, &charter, NULL, &answer)) ? give(desk, &charter, &answer)
                                                                    : cy_desk_code(desk);
    cy_allocate_answer_free(&answer);
    cy_allocate_charter_free(&charter);
    return code;
}

/* --- verify --- */

static cy_err differs(struct cy_desk *desk, const char *what)
{
    return cy_desk_note(desk, cy_fail(CY_E_ALLOCATE_DIFFERS, 0), "%s", what);
}

/* The finding, but for its stages, which were replayed, is what they lead to, word for word. */
static cy_err compare(struct cy_desk *desk, const json_t *finding, json_t *again)
{
    const char *name = NULL;
    json_t *value = NULL;

    json_object_foreach(again, name, value)
    {
        char words[128];

        if (strcmp(name, "stages") == 0 || json_equal(value, json_object_get(finding, name)))
            continue;
        (void)snprintf(words, sizeof words, "'%.60s' is not what charter and certificates lead to",
                       name);
        return differs(desk, words);
    }
    return json_object_size(finding) == json_object_size(again)
               ? CY_OK
               : differs(desk, "the finding says more than charter and certificates");
}

static cy_err verify(struct cy_desk *desk, const struct cy_allocate_charter *charter,
                     const json_t *finding)
{
    const json_t *stages = json_object_get(finding, "stages");
    const char *named = json_string_value(json_object_get(finding, "charter"));
    struct cy_allocate_answer answer;
    char id[65];
    cy_err e;

    cy_hex(charter->id.b, 32, id);
    if (!json_is_array(stages) || named == NULL)
        return differs(desk, "this is no finding");
    if (strcmp(named, id) != 0)
        return differs(desk, "the finding is about another charter");
    e = cy_allocate_decide(desk, charter, stages, &answer);
    if (cy_ok(e) && answer.n_stages != json_array_size(stages))
        e = differs(desk, "the finding has stages that nothing asks for");
    if (cy_ok(e)) {
        json_t *again = cy_allocate_finding(charter, &answer);

        e = compare(desk, finding, again);
        json_decref(again);
    }
    cy_allocate_answer_free(&answer);
    return e;
}

int cy_model_allocate_verify(struct cy_desk *desk)
{
    struct cy_allocate_charter charter;
    struct cy_desk_text text;
    json_error_t error;
    json_t *finding = NULL;

    if (desk->n_words != 2)
        return cy_desk_wrong(desk, "comity allocate verify takes a charter and a finding");
    if (cy_ok(cy_allocate_read(desk, &charter)) &&
        cy_ok(cy_desk_read(desk, cy_desk_word(desk, 1), FILE_MAX_BYTES, &text))) {
        finding = json_loadb(text.at, text.n, JSON_REJECT_DUPLICATES, &error);
        if (finding == NULL) {
            struct cy_desk_fault fault = {0};

            (void)cy_desk_at(&fault, (uint32_t)error.line, (uint32_t)error.column, "%s",
                             error.text);
            (void)cy_desk_refuse(desk, cy_desk_word(desk, 1), &fault);
        } else if (cy_ok(verify(desk, &charter, finding)) && !desk->json)
            (void)fprintf(desk->out,
                          "The finding is what the charter asks for: every certificate holds, and "
                          "the lots were counted again.\n");
    }
    cy_allocate_charter_free(&charter);
    json_decref(finding);
    if (!cy_ok(desk->failed))
        return cy_desk_code(desk);
    return desk->json ? cy_desk_print(desk, json_pack("{sb}", "verified", true)) : CY_DESK_DONE;
}

#include "models/exposure/exposure_desk.h"

#include "models/exposure/class_code.h"
#include "models/exposure/evasion_alias.h"
#include "models/exposure/exposure_certificate.h"
#include "models/exposure/exposure_svg.h"
#include "models/exposure/integrated.h"
#include "models/screen/list_desk.h"

#include <stdlib.h>

#define TIERS 5u

static const char *label(const struct cy_case *c, uint32_t party)
{
    return c->o.parties[party].name;
}

static const char *day_text(cy_date day, char out[static 16])
{
    struct cy_text text = cy_text_on(out, 16);

    cy_date_text(&text, day);
    return out;
}

static const char *share_words(uint64_t share, char out[static 48])
{
    struct cy_text text = cy_text_on(out, 48);

    cy_share_text(&text, share);
    return out;
}

/* --- proofs --- */

/* What a proof shows is replayed by the checker before it is told. */
static cy_err replay(struct cy_desk *desk, const struct cy_case *c, const struct cy_holding *proof,
                     size_t n, uint32_t holder, uint32_t target)
{
    bool *shown = calloc(c->o.n_parties + 1, sizeof *shown);
    cy_err err = shown == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;

    for (size_t i = 0; cy_ok(err) && i < c->n_named; i++)
        shown[c->named[i].party] = holder == CY_PARTY_NONE || c->named[i].party == holder;
    if (cy_ok(err))
        err = cy_exposure_replay(&c->regime->rule, proof, n, shown, c->o.n_parties, target);
    free(shown);
    return cy_ok(err) ? CY_OK : cy_desk_note(desk, err, "replaying the proof");
}

static bool is_named(const struct cy_case *c, uint32_t party)
{
    for (size_t i = 0; i < c->n_named; i++) {
        if (c->named[i].party == party)
            return true;
    }
    return false;
}

static json_t *proof_json(const struct cy_case *c, const struct cy_holding *proof, size_t n)
{
    json_t *out = json_array();
    char share[48];

    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(
            out, json_pack("{s:s, s:s, s:s, s:s, s:b}", "owner", c->o.parties[proof[i].owner].id,
                           "owned", c->o.parties[proof[i].owned].id, "interest",
                           cy_interest_name((enum cy_interest)proof[i].interest), "share",
                           share_words(proof[i].share, share), "owner_is_named",
                           is_named(c, proof[i].owner)));
    return out;
}

static void say_proof(struct cy_desk *desk, const struct cy_case *c, const struct cy_holding *proof,
                      size_t n)
{
    size_t step = 0;
    char share[48];

    for (size_t i = 0; i < n;) {
        const size_t first = i;
        uint64_t sum = 0;

        (void)fprintf(desk->out, "  %zu. %s (%s)\n", ++step, label(c, proof[first].owned),
                      c->o.parties[proof[first].owned].id);
        for (; i < n && proof[i].owned == proof[first].owned; i++) {
            sum += proof[i].share;
            (void)fprintf(desk->out, "       %s %s by %s%s\n",
                          proof[i].interest == CY_INTEREST_CONTROL
                              ? "control"
                              : share_words(proof[i].share, share),
                          proof[i].interest == CY_INTEREST_VOTES ? "of votes" : "held",
                          label(c, proof[i].owner),
                          is_named(c, proof[i].owner) ? " (named)" : ", blocked above");
        }
        if (proof[first].interest != CY_INTEREST_CONTROL)
            (void)fprintf(desk->out, "       together %s\n", share_words(sum, share));
    }
}

/* --- more about a party --- */

static cy_err add_integrated(struct cy_desk *desk, struct cy_case *c, uint32_t target, json_t *out)
{
    const char *name = cy_desk_option(desk, "integrated");
    struct cy_integrated_facts facts;
    uint32_t holder = 0;
    double *v = NULL;
    cy_err err = CY_OK;
    char words[32];

    if (name == NULL)
        return CY_OK;
    CY_TRY(cy_case_party(desk, c, name, &holder));
    v = cy_desk_take(desk, (c->o.n_parties + 1) * sizeof *v);
    if (v == NULL)
        return desk->failed;
    err = cy_integrated(c->o.n_parties, c->holdings, c->n_holdings, holder, v, &facts);
    if (!cy_ok(err))
        return cy_desk_note(desk, err,
                            "integrated ownership: a circle of the register owns itself whole");
    (void)snprintf(words, sizeof words, "%.6f", v[target]);
    if (json_object_set_new(out, "integrated", json_string(words)) != 0)
        return cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "answering");
    if (!desk->json)
        (void)fprintf(desk->out,
                      "  advice: %s holds %s of it in the end, through all chains and circles "
                      "(%zu circles, the largest of %zu); the rule does not multiply\n",
                      label(c, holder), words, facts.circles, facts.largest);
    return CY_OK;
}

/* What states hold half of or more, by the same fixpoint from all parties that are states. */
static cy_err state_owned(struct cy_desk *desk, struct cy_case *c, struct cy_exposure **out,
                          size_t *n_states)
{
    const struct cy_ownership_rule rule = {.threshold = CY_SHARE_WHOLE / 2, .aggregate = true};
    uint32_t *states = cy_desk_take(desk, (c->o.n_parties + 1) * sizeof *states);
    cy_err err = CY_OK;

    *n_states = 0;
    if (states == NULL)
        return desk->failed;
    for (uint32_t i = 0; i < c->o.n_parties; i++) {
        if (c->o.parties[i].kind == CY_PARTY_STATE)
            states[(*n_states)++] = i;
    }
    err =
        cy_exposure_open(&rule, c->o.n_parties, c->holdings, c->n_holdings, states, *n_states, out);
    if (!cy_ok(err))
        return cy_desk_note(desk, err, "state ownership");
    return cy_case_check(desk, &rule, *out, c->o.n_parties, c->holdings, c->n_holdings);
}

static cy_err add_state(struct cy_desk *desk, struct cy_case *c, uint32_t target, json_t *out)
{
    struct cy_exposure *x = NULL;
    size_t n = 0;
    bool owned = false;
    cy_err err = CY_OK;

    if (!cy_desk_on(desk, "state-owned"))
        return CY_OK;
    err = state_owned(desk, c, &x, &n);
    owned = cy_ok(err) && cy_exposure_blocked(x, target);
    cy_exposure_close(x);
    CY_TRY(err);
    (void)json_object_set_new(out, "state_owned", json_boolean(owned));
    if (!desk->json)
        (void)fprintf(desk->out,
                      "  state-owned: %s (half or more by states, %zu of them in the register)\n",
                      owned ? "yes" : "no", n);
    return CY_OK;
}

/* The way by which goods of blocked parties reach it. */
static cy_err say_supply(struct cy_desk *desk, struct cy_case *c,
                         const struct cy_supplies *supplies, const uint32_t *tier,
                         const uint32_t *via, uint32_t target, json_t *out)
{
    json_t *path = json_array();
    uint32_t at = target;

    if (tier[target] == UINT32_MAX) {
        if (!desk->json)
            (void)fprintf(desk->out, "  supply: nothing of a blocked party reaches it\n");
        (void)json_object_set_new(out, "supply", json_null());
        json_decref(path);
        return CY_OK;
    }
    if (!desk->json)
        (void)fprintf(desk->out, "  supply: reached in tier %u\n", tier[target]);
    while (via[at] != UINT32_MAX) {
        const struct cy_supply *supply = &supplies->at[via[at]];

        (void)json_array_insert_new(path, 0,
                                    json_pack("{s:s, s:s, s:s, s:I}", "supplier",
                                              c->o.parties[supply->supplier].id, "customer",
                                              c->o.parties[supply->customer].id, "goods",
                                              supply->goods, "line", (json_int_t)supply->line));
        if (!desk->json)
            (void)fprintf(desk->out, "       %s <- %s %s(line %u)\n", label(c, supply->customer),
                          label(c, supply->supplier), *supply->goods == 0 ? "" : supply->goods,
                          supply->line);
        at = supply->supplier;
    }
    return json_object_set_new(
               out, "supply",
               json_pack("{s:I, s:o}", "tier", (json_int_t)tier[target], "path", path)) == 0
               ? CY_OK
               : cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "answering");
}

static cy_err add_supply(struct cy_desk *desk, struct cy_case *c,
                         const struct cy_supplies *supplies, uint32_t target, json_t *out)
{
    const size_t n = c->o.n_parties;
    bool *from = cy_desk_take(desk, n + 1);
    uint32_t *tier = cy_desk_take(desk, (n + 1) * sizeof *tier);
    uint32_t *via = cy_desk_take(desk, (n + 1) * sizeof *via);
    uint64_t tiers = TIERS;

    if (!cy_desk_on(desk, "supply"))
        return CY_OK;
    if (from == NULL || tier == NULL || via == NULL)
        return desk->failed;
    CY_TRY(cy_desk_number(desk, "tiers", 1, 100, &tiers));
    for (uint32_t i = 0; i < n; i++)
        from[i] = cy_exposure_blocked(c->sure, i);
    if (!cy_ok(cy_supply_reach(supplies, c->day, from, n, (uint32_t)tiers, tier, via)))
        return cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "supply");
    return say_supply(desk, c, supplies, tier, via, target, out);
}

/* --- one party --- */

static const char *verdict(const struct cy_case *c, uint32_t target)
{
    if (cy_exposure_named(c->sure, target))
        return "named";
    if (cy_exposure_blocked(c->sure, target))
        return "blocked";
    return cy_exposure_blocked(c->possible, target) ? "not to be excluded" : "not blocked";
}

static void say_verdict(struct cy_desk *desk, struct cy_case *c, uint32_t target)
{
    char day[16];
    char least[48];
    uint64_t shares = 0;
    uint64_t votes = 0;
    bool control = false;

    cy_exposure_sums(c->sure, target, &shares, &votes, &control);
    (void)fprintf(desk->out, "%s (%s): %s under %s on %s\n  rule: %s (%s)\n", label(c, target),
                  c->o.parties[target].id, verdict(c, target), c->regime->regime,
                  day_text(c->day, day), c->regime->words, c->regime->source);
    (void)fprintf(desk->out, "  blocked owners hold %s of its shares%s%s\n",
                  share_words(shares, least), control ? ", and control it" : "",
                  c->regime->rule.aggregate ? "" : " (the one that holds most)");
}

static cy_err one_proof(struct cy_desk *desk, struct cy_case *c, uint32_t target, json_t *out)
{
    struct cy_exposure *x = cy_exposure_blocked(c->sure, target) ? c->sure : c->possible;
    FILE *svg = cy_desk_output(desk, "svg");
    struct cy_holding *proof = NULL;
    size_t n = 0;
    uint32_t holder = CY_PARTY_NONE;
    char title[200];
    cy_err err = cy_exposure_proof(x, target, &proof, &n, &holder);

    if (!cy_ok(err))
        return cy_desk_note(desk, err, "explaining");
    if (n > 0)
        err = replay(desk, c, proof, n, holder, target);
    if (cy_ok(err) && json_object_set_new(out, "proof", proof_json(c, proof, n)) != 0)
        err = cy_desk_note(desk, cy_fail(CY_E_NO_MEMORY, 0), "answering");
    if (cy_ok(err) && !desk->json && cy_desk_on(desk, "explain"))
        say_proof(desk, c, proof, n);
    (void)snprintf(title, sizeof title, "%.100s: %s", label(c, target), verdict(c, target));
    cy_utf8_mend(title);
    if (cy_ok(err) && svg != NULL && !cy_exposure_svg(svg, &c->o, proof, n, target, title))
        err = cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, 0), "the drawing was not written");
    free(proof);
    return err;
}

/* The certificate is checked as a stranger would before it is written. */
static cy_err write_certificate(struct cy_desk *desk, const struct cy_case *c, uint32_t target)
{
    FILE *out = cy_desk_output(desk, "certificate");
    struct cy_certificate made;
    json_t *value = NULL;
    cy_err err = CY_OK;

    if (out == NULL)
        return CY_OK;
    CY_TRY(cy_certificate_of(desk, c, target, &made));
    err = cy_certificate_check(desk, &made);
    if (!cy_ok(err))
        return cy_desk_note(desk, err, "checking the certificate");
    value = cy_certificate_json(&made);
    if (value == NULL || json_dumpf(value, out, JSON_COMPACT) != 0 || fputc('\n', out) == EOF)
        err = cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, 0), "the certificate was not written");
    json_decref(value);
    return err;
}

static int one_party(struct cy_desk *desk, struct cy_case *c, const struct cy_supplies *supplies,
                     uint32_t target)
{
    char day[16];
    char share[48];
    uint64_t shares = 0;
    uint64_t votes = 0;
    bool control = false;
    json_t *out = NULL;

    cy_exposure_sums(c->sure, target, &shares, &votes, &control);
    out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:I}", "party",
                    c->o.parties[target].id, "name", label(c, target), "verdict",
                    verdict(c, target), "regime", c->regime->regime, "day", day_text(c->day, day),
                    "rule", c->regime->words, "source", c->regime->source, "blocked_share",
                    share_words(shares, share), "control", control, "indirect_left_out",
                    (json_int_t)c->left_out);
    if (!desk->json)
        say_verdict(desk, c, target);
    if (cy_ok(one_proof(desk, c, target, out)) && cy_ok(add_integrated(desk, c, target, out)) &&
        cy_ok(add_state(desk, c, target, out)) &&
        cy_ok(add_supply(desk, c, supplies, target, out)) &&
        cy_ok(write_certificate(desk, c, target)) && desk->json)
        (void)cy_desk_print(desk, json_incref(out));
    json_decref(out);
    if (!cy_ok(desk->failed))
        return cy_desk_code(desk);
    return cy_exposure_blocked(c->possible, target) ? CY_DESK_NEGATIVE : CY_DESK_DONE;
}

/* --- all parties --- */

/* Whether it belongs to the class that was asked for, if one was. */
static bool in_sector(const struct cy_party *party, const char *sector)
{
    return sector == NULL || (*party->isic != 0 && cy_isic_within(party->isic, sector));
}

static void put_party(struct cy_desk *desk, const struct cy_case *c, uint32_t party,
                      const char *word, json_t *list)
{
    const struct cy_party *p = &c->o.parties[party];

    if (desk->json)
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "party", p->id,
                                                    "name", p->name, "verdict", word, "country",
                                                    p->country, "isic", p->isic));
    else
        (void)fprintf(desk->out, "%-20s %-20s %s\n", word, p->id, p->name);
}

/* All that states own: a class of its own, whether blocked or not. */
static int all_state_owned(struct cy_desk *desk, struct cy_case *c, const char *sector)
{
    json_t *list = json_array();
    struct cy_exposure *x = NULL;
    size_t n_states = 0;
    size_t n = 0;
    const cy_err err = state_owned(desk, c, &x, &n_states);

    for (uint32_t i = 0; cy_ok(err) && i < c->o.n_parties; i++) {
        if (!cy_exposure_blocked(x, i) || cy_exposure_named(x, i) ||
            !in_sector(&c->o.parties[i], sector))
            continue;
        n++;
        put_party(desk, c, i, cy_exposure_blocked(c->possible, i) ? verdict(c, i) : "state-owned",
                  list);
    }
    cy_exposure_close(x);
    if (cy_ok(err) && desk->json)
        return cy_desk_print(desk,
                             json_pack("{s:I, s:I, s:o}", "states", (json_int_t)n_states, "parties",
                                       (json_int_t)c->o.n_parties, "state_owned", list));
    json_decref(list);
    if (!cy_ok(err))
        return cy_desk_code(desk);
    (void)fprintf(desk->out, "%zu of %zu parties are held by states to half or more (%zu states)\n",
                  n, c->o.n_parties, n_states);
    return CY_DESK_DONE;
}

static int all_parties(struct cy_desk *desk, struct cy_case *c)
{
    const char *sector = cy_desk_option(desk, "sector");
    json_t *list = NULL;
    size_t n = 0;
    char day[16];

    if (cy_desk_on(desk, "state-owned"))
        return all_state_owned(desk, c, sector);
    list = json_array();
    for (uint32_t i = 0; i < c->o.n_parties; i++) {
        if (!cy_exposure_blocked(c->possible, i) || !in_sector(&c->o.parties[i], sector))
            continue;
        n++;
        put_party(desk, c, i, verdict(c, i), list);
    }
    if (desk->json)
        (void)cy_desk_print(desk, json_pack("{s:s, s:s, s:I, s:o}", "regime", c->regime->regime,
                                            "day", day_text(c->day, day), "parties",
                                            (json_int_t)c->o.n_parties, "blocked", list));
    else {
        json_decref(list);
        (void)fprintf(desk->out, "%zu of %zu parties under %s on %s: %s\n", n, c->o.n_parties,
                      c->regime->regime, day_text(c->day, day), c->regime->words);
    }
    return n > 0 ? CY_DESK_NEGATIVE : CY_DESK_DONE;
}

static cy_err read_supply(struct cy_desk *desk, struct cy_case *c, struct cy_supplies *out)
{
    const char *path = cy_desk_option(desk, "supply");
    struct cy_desk_fault fault = {0};
    struct cy_csv csv;
    cy_err err = CY_OK;

    if (path == NULL)
        return CY_OK;
    CY_TRY(cy_desk_csv(desk, path, CY_OWNERSHIP_BYTES_MAX, &csv));
    err = cy_supply_csv(&csv, &c->o, cy_desk_option(desk, "goods"), out, &fault);
    if (err.code == CY_E_MODEL_INPUT)
        return cy_desk_refuse(desk, path, &fault);
    return cy_ok(err) ? CY_OK : cy_desk_note(desk, err, "%s", path);
}

/* The codes of the command line are codes. */
static bool codes_fit(struct cy_desk *desk)
{
    const char *goods = cy_desk_option(desk, "goods");
    const char *sector = cy_desk_option(desk, "sector");

    if (goods != NULL && !cy_hs_code(goods))
        (void)cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                           "--goods takes 2 to 10 digits of the Harmonised System, not '%s'",
                           goods);
    if (sector != NULL && !cy_isic_code(sector))
        (void)cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                           "--sector takes an ISIC section A to U, or 2 to 4 digits, not '%s'",
                           sector);
    return cy_ok(desk->failed);
}

int cy_model_exposure(struct cy_desk *desk)
{
    const char *name = cy_desk_word(desk, 0);
    struct cy_supplies supplies = {.n = 0};
    uint32_t target = CY_PARTY_NONE;
    struct cy_case c;
    int code = CY_DESK_DONE;

    if (cy_desk_word(desk, 1) != NULL)
        return cy_desk_wrong(desk, "comity exposure PARTY: one party, by its id or name in quotes");
    if (!codes_fit(desk))
        return cy_desk_code(desk);
    if (name == NULL && cy_desk_on(desk, "certificate"))
        return cy_desk_wrong(desk, "--certificate is of one party: name it");
    if (cy_ok(cy_case_read(desk, &c)) && cy_ok(read_supply(desk, &c, &supplies)) &&
        (name == NULL || cy_ok(cy_case_party(desk, &c, name, &target))) &&
        cy_ok(cy_case_compute(desk, &c)))
        code = name == NULL ? all_parties(desk, &c) : one_party(desk, &c, &supplies, target);
    free(supplies.at);
    cy_case_end(&c);
    return cy_ok(desk->failed) ? code : cy_desk_code(desk);
}

/* --- evasion --- */

struct found {
    struct cy_flags flags;
    struct cy_related *related;
    struct cy_dealing *dealings;
    size_t n_related;
    size_t n_dealings;
};

static cy_err read_side(struct cy_desk *desk, struct cy_case *c, struct found *f)
{
    static const char *const options[] = {"related", "dealings"};

    for (size_t i = 0; i < 2; i++) {
        const char *path = cy_desk_option(desk, options[i]);
        struct cy_desk_fault fault = {0};
        struct cy_csv csv;
        cy_err err = CY_OK;

        if (path == NULL)
            continue;
        CY_TRY(cy_desk_csv(desk, path, CY_OWNERSHIP_BYTES_MAX, &csv));
        err = i == 0 ? cy_related_csv(&csv, &c->o, &f->related, &f->n_related, &fault)
                     : cy_dealings_csv(&csv, &c->o, &f->dealings, &f->n_dealings, &fault);
        if (err.code == CY_E_MODEL_INPUT)
            return cy_desk_refuse(desk, path, &fault);
        if (!cy_ok(err))
            return cy_desk_note(desk, err, "%s", path);
    }
    return CY_OK;
}

static cy_err find_flags(struct cy_desk *desk, struct cy_case *c, struct found *f)
{
    bool *blocked = cy_desk_take(desk, c->o.n_parties + 1);
    const struct cy_evidence e = {.ownership = &c->o,
                                  .named = c->named,
                                  .n_named = c->n_named,
                                  .related = f->related,
                                  .n_related = f->n_related,
                                  .dealings = f->dealings,
                                  .n_dealings = f->n_dealings,
                                  .blocked = blocked,
                                  .day = c->day,
                                  .rule = &c->regime->rule};
    cy_err err = CY_OK;

    if (blocked == NULL)
        return desk->failed;
    for (uint32_t i = 0; i < c->o.n_parties; i++)
        blocked[i] = cy_exposure_blocked(c->sure, i);
    err = cy_evasion_flags(&e, &f->flags);
    return cy_ok(err) ? CY_OK : cy_desk_note(desk, err, "looking for patterns");
}

static json_t *evidence_json(const struct cy_flag *flag)
{
    static const char *const files[] = {"owners", "dealings", "names", "related"};
    json_t *out = json_array();

    for (size_t i = 0; i < flag->n_evidence; i++)
        (void)json_array_append_new(out,
                                    json_pack("{s:s, s:I}", "file", files[flag->evidence[i].file],
                                              "line", (json_int_t)flag->evidence[i].line));
    return out;
}

static void tell_flag(struct cy_desk *desk, const struct cy_case *c, const struct cy_flag *flag,
                      json_t *list)
{
    const char *blocked = flag->blocked == CY_PARTY_NONE ? "" : c->o.parties[flag->blocked].id;
    const char *other = flag->other == CY_PARTY_NONE ? "" : c->o.parties[flag->other].id;
    json_t *evidence = evidence_json(flag);
    char day[16];
    char amount[48];

    if (flag->kind == CY_FLAG_REROUTE)
        (void)snprintf(amount, sizeof amount, "%llu", (unsigned long long)flag->amount);
    else
        (void)share_words(flag->amount, amount);
    (void)day_text(flag->day, day);
    if (!desk->json) {
        (void)fprintf(desk->out, "%-11s %s  blocked: %s  with: %s  %s on %s  lines",
                      cy_flag_name(flag->kind), c->o.parties[flag->party].id, blocked,
                      *other == 0 ? "-" : other, amount, day);
        for (size_t i = 0; i < flag->n_evidence; i++)
            (void)fprintf(desk->out, " %u", flag->evidence[i].line);
        (void)fputc('\n', desk->out);
    }
    (void)json_array_append_new(
        list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "flag", cy_flag_name(flag->kind),
                        "party", c->o.parties[flag->party].id, "blocked", blocked, "with", other,
                        "amount", amount, "day", day, "evidence", evidence));
}

static void tell_alias(struct cy_desk *desk, const struct cy_alias_flag *flag, json_t *list)
{
    char day[16];

    (void)day_text(flag->day, day);
    if (!desk->json)
        (void)fprintf(
            desk->out, "%-11s %s  was %s (0.%03d: %s), is %s (0.%03d) since %s  lines %u %u\n",
            "alias", flag->id, flag->was, flag->was_score > 999 ? 999 : flag->was_score,
            flag->listed->id, flag->is, flag->is_score, day, flag->was_line, flag->is_line);
    (void)json_array_append_new(
        list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:[i,i]}", "flag", "alias",
                        "party", flag->id, "blocked", flag->listed->id, "was", flag->was, "is",
                        flag->is, "was_score", flag->was_score, "is_score", flag->is_score, "day",
                        day, "lines", (int)flag->was_line, (int)flag->is_line));
}

/* Old names against lists. */
static cy_err alias_flags(struct cy_desk *desk, json_t *list, size_t *n)
{
    const char *path = cy_desk_option(desk, "names");
    struct cy_desk_fault fault = {0};
    struct cy_alias_flags flags = {.n = 0};
    struct cy_screen_index index = {.n_entries = 0};
    struct cy_screen *screen = NULL;
    struct cy_folder *folder = NULL;
    struct cy_lists lists = {.n = 0};
    struct cy_csv csv;
    cy_err err = CY_OK;

    if (path == NULL)
        return CY_OK;
    CY_TRY(cy_desk_csv(desk, path, CY_OWNERSHIP_BYTES_MAX, &csv));
    err = cy_lists_get(desk, &lists);
    if (cy_ok(err))
        err = cy_folder_open(&folder);
    if (cy_ok(err))
        err = cy_screen_index_make(lists.at, lists.n, folder, NULL, NULL, &index);
    if (cy_ok(err))
        err = cy_screen_open(&index, folder, &screen);
    if (cy_ok(err))
        err = cy_alias_flags_find(&csv, screen, &index, CY_SCREEN_THRESHOLD, &flags, &fault);
    if (cy_ok(err) && cy_folder_failed(folder))
        err = cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = 0; i < flags.n && cy_ok(err); i++)
        tell_alias(desk, &flags.at[i], list);
    *n += flags.n;
    if (err.code == CY_E_MODEL_INPUT && cy_ok(desk->failed))
        (void)cy_desk_refuse(desk, path, &fault);
    else if (!cy_ok(err) && cy_ok(desk->failed))
        (void)cy_desk_note(desk, err, "%s", path);
    free(flags.at);
    cy_screen_close(screen);
    cy_screen_index_free(&index);
    cy_folder_close(folder);
    cy_lists_end(&lists);
    return err;
}

int cy_model_evasion(struct cy_desk *desk)
{
    struct found f = {.n_related = 0};
    json_t *list = json_array();
    struct cy_case c;
    size_t n = 0;

    if (cy_desk_word(desk, 0) != NULL)
        return cy_desk_wrong(desk, "comity evasion takes options only");
    if (cy_ok(cy_case_read(desk, &c)) && cy_ok(read_side(desk, &c, &f)) &&
        cy_ok(cy_case_compute(desk, &c)) && cy_ok(find_flags(desk, &c, &f))) {
        for (size_t i = 0; i < f.flags.n; i++)
            tell_flag(desk, &c, &f.flags.at[i], list);
        n = f.flags.n;
        if (cy_ok(alias_flags(desk, list, &n))) {
            if (desk->json)
                (void)cy_desk_print(desk, json_pack("{s:O}", "flags", list));
            else
                (void)fprintf(desk->out, "%zu flags; each is a question for people\n", n);
        }
    }
    json_decref(list);
    free(f.flags.at);
    free(f.related);
    free(f.dealings);
    cy_case_end(&c);
    return cy_ok(desk->failed) && n > 0 ? CY_DESK_NEGATIVE : cy_desk_code(desk);
}

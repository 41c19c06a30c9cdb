#include "apps/sim_report.h"

typedef unsigned long long number;

static const char *const habits[] = {
#define X(NAME, bit, word, doc) word,
    CY_SIM_HABITS(X)
#undef X
};

/* Figures that stand alone, in the order in which they are printed. */
static const struct {
    const char *name; /* in JSON, and with spaces for people */
    size_t at;
} figures[] = {
#define F(name)                                                                                    \
    {                                                                                              \
#name, offsetof(struct cy_sim_federation_figures, name)                                    \
    }
    F(heights),    F(finals),       F(acks),    F(rounds),  F(catch_ups),
    F(convicted),  F(slashes),      F(starts),  F(torn),    F(restored),
    F(said_again), F(vote_refused), F(sent),    F(arrived), F(lost),
    F(overtaken),  F(crossings),    F(weighed), F(live_ms), F(node_ms),
#undef F
};

static number figure(const struct cy_sim_federation_figures *sum, size_t i)
{
    uint64_t value = 0;

    memcpy(&value, (const char *)sum + figures[i].at, sizeof value);
    return value;
}

static const char *const ferrying[] = {
#define X(NAME, bit, word) word,
    CY_SIM_FERRY_HABITS(X)
#undef X
};

static const char *const votes[] = {
#define X(NAME, text) text,
    CY_SIM_VOTE_KINDS(X)
#undef X
};

static const char *code_name(unsigned code)
{
    return code == 0 ? "accepted" : cy_err_info((enum cy_code)code)->path;
}

/* --- what never came up --- */

/* A reason for which an act or a peer's packet may be refused, and none was. */
static bool never_given(const struct cy_sim_federation_figures *sum, const struct cy_err_info *info)
{
    const unsigned at = (unsigned)info->code % CY_SIM_FEDERATION_CODES;

    return info->kind == CY_ERR_refusal &&
           (strncmp(info->path, "author.", 7) == 0 || strncmp(info->path, "peer.", 5) == 0) &&
           sum->submitted[at] + sum->answered[at] + sum->packets[at] + sum->carried[at] == 0;
}

/* Everything of that kind that never came up, one call each. */
enum missing { ACTS, TRANSITIONS, REASONS, MISSING };
static const char *const missing_names[MISSING] = {"acts", "transitions", "reasons"};

static void each_missing(const struct cy_sim_federation_figures *sum, enum missing what,
                         void (*say)(void *user, const char *name), void *user)
{
    for (unsigned i = 0; what == ACTS && i < CY_MESSAGES_MAX; i++) {
        if (cy_schema_act(i) != NULL && sum->accepted[i] == 0)
            say(user, cy_schema_act(i)->name);
    }
    for (unsigned p = 0; what == TRANSITIONS && p < CY_SIM_PASSAGE_COUNT; p++) {
        if (sum->passages[p] == 0)
            say(user, cy_sim_passage_text((enum cy_sim_passage)p));
    }
    for (unsigned v = 0; what == TRANSITIONS && v < CY_SIM_VOTES; v++) {
        if (sum->votes[v] == 0)
            say(user, votes[v]);
    }
    for (unsigned i = 0; what == REASONS && cy_err_at(i) != NULL; i++) {
        if (never_given(sum, cy_err_at(i)))
            say(user, cy_err_at(i)->path);
    }
}

/* --- for people --- */

static void say_line(void *user, const char *name)
{
    (void)fprintf(user, "            %s\n", name);
}

static void people_missing(FILE *out, const struct cy_sim_federation_figures *sum)
{
    static const char *const titles[MISSING] = {
        "acts that no ledger has", "transitions that were never seen",
        "reasons for which nothing was refused (items of batches not counted)"};

    for (unsigned what = 0; what < MISSING; what++) {
        (void)fprintf(out, "\n%s:\n", titles[what]);
        each_missing(sum, (enum missing)what, say_line, out);
    }
}

static void people_codes(FILE *out, const char *title, const uint64_t *counts, unsigned n)
{
    (void)fprintf(out, "\n%s:\n", title);
    for (unsigned i = 0; i < n; i++) {
        if (counts[i] != 0)
            (void)fprintf(out, "%10llu  %s\n", (number)counts[i], code_name(i));
    }
}

static void people_acts(FILE *out, const uint64_t *counts)
{
    (void)fputs("\nin the ledgers, by act:\n", out);
    for (unsigned i = 0; i < CY_MESSAGES_MAX; i++) {
        const struct cy_schema *schema = cy_schema_act(i);

        if (counts[i] != 0 && schema != NULL)
            (void)fprintf(out, "%10llu  %s\n", (number)counts[i], schema->name);
    }
}

void cy_sim_report_cell(FILE *out, const struct cy_sim_coverage *sum)
{
    (void)fprintf(out,
                  "commits %llu, heads %llu, snapshots %llu, waits for room %llu\n"
                  "restarts %llu (%llu with a torn tail), %llu unacknowledged acts lost\n",
                  (number)sum->commits, (number)sum->heads, (number)sum->snapshots,
                  (number)sum->full, (number)sum->restarts, (number)sum->torn, (number)sum->lost);
    people_acts(out, sum->accepted);
    people_codes(out, "verdicts, by code", sum->verdicts, CY_SIM_CODES);
}

void cy_sim_report_people(FILE *out, const struct cy_sim_federation_figures *sum)
{
    static const char *const steps[] = {"prevote", "precommit", "propose"};

    for (size_t i = 0; i < CY_COUNT(figures); i++) {
        (void)fprintf(out, "%10llu  ", figure(sum, i));
        for (const char *c = figures[i].name; *c != 0; c++)
            (void)fputc(*c == '_' ? ' ' : *c, out);
        (void)fputc('\n', out);
    }
    for (unsigned s = 0; s < CY_COUNT(steps); s++)
        (void)fprintf(out, "%10llu  timeouts of %s\n", (number)sum->timeouts[s], steps[s]);
    (void)fputs("\nwhat was done to them:\n", out);
    for (unsigned k = 0; k < CY_SIM_MOVE_KINDS; k++) {
        if (sum->moves[k] != 0)
            (void)fprintf(out, "%10llu  %s\n", (number)sum->moves[k],
                          cy_sim_move_word((enum cy_sim_move_kind)k));
    }
    (void)fputs("\ndeeds of traitors:\n", out);
    for (unsigned b = 0; b < CY_SIM_HABIT_COUNT; b++) {
        if (sum->deeds[b] != 0)
            (void)fprintf(out, "%10llu  %s\n", (number)sum->deeds[b], habits[b]);
    }
    (void)fputs("\nrelayers that did not carry well:\n", out);
    for (unsigned b = 0; b < CY_SIM_RELAY_HABIT_COUNT; b++) {
        if (sum->ferried[b] != 0)
            (void)fprintf(out, "%10llu  %s\n", (number)sum->ferried[b], ferrying[b]);
    }
    (void)fputs("\ntransitions:\n", out);
    for (unsigned p = 0; p < CY_SIM_PASSAGE_COUNT; p++)
        (void)fprintf(out, "%10llu  %s\n", (number)sum->passages[p],
                      cy_sim_passage_text((enum cy_sim_passage)p));
    for (unsigned v = 0; v < CY_SIM_VOTES; v++)
        (void)fprintf(out, "%10llu  vote: %s\n", (number)sum->votes[v], votes[v]);
    people_acts(out, sum->accepted);
    people_codes(out, "acts handed in, by code", sum->submitted, CY_SIM_FEDERATION_CODES);
    people_codes(out, "what became of acts taken", sum->answered, CY_SIM_FEDERATION_CODES);
    people_codes(out, "packets, by code", sum->packets, CY_SIM_FEDERATION_CODES);
    people_codes(out, "what relayers brought, by code", sum->carried, CY_SIM_FEDERATION_CODES);
    people_missing(out, sum);
}

/* --- JSON: all names here are words without quotes --- */

static void json_codes(FILE *out, const char *name, const uint64_t *counts, unsigned n)
{
    const char *comma = "";

    (void)fprintf(out, ",\"%s\":{", name);
    for (unsigned i = 0; i < n; i++) {
        if (counts[i] == 0)
            continue;
        (void)fprintf(out, "%s\"%s\":%llu", comma, code_name(i), (number)counts[i]);
        comma = ",";
    }
    (void)fputc('}', out);
}

struct json_list {
    FILE *out;
    const char **comma;
};

static void json_word(void *user, const char *name)
{
    const struct json_list *list = user;

    (void)fprintf(list->out, "%s\"%s\"", *list->comma, name);
    *list->comma = ",";
}

static void json_missing(FILE *out, const struct cy_sim_federation_figures *sum)
{
    (void)fputs(",\"passages\":{", out);
    for (unsigned p = 0; p < CY_SIM_PASSAGE_COUNT; p++)
        (void)fprintf(out, "%s\"%s\":%llu", p == 0 ? "" : ",",
                      cy_sim_passage_text((enum cy_sim_passage)p), (number)sum->passages[p]);
    (void)fputs("},\"never\":{", out);
    for (unsigned what = 0; what < MISSING; what++) {
        const char *comma = "";
        struct json_list list = {out, &comma};

        (void)fprintf(out, "%s\"%s\":[", what == 0 ? "" : ",", missing_names[what]);
        each_missing(sum, (enum missing)what, json_word, &list);
        (void)fputc(']', out);
    }
    (void)fputc('}', out);
}

void cy_sim_report_json(FILE *out, const struct cy_sim_federation_figures *sum)
{
    const char *comma = "";

    for (size_t i = 0; i < CY_COUNT(figures); i++)
        (void)fprintf(out, "%s\"%s\":%llu", i == 0 ? "" : ",", figures[i].name, figure(sum, i));
    (void)fprintf(out, ",\"timeouts\":{\"prevote\":%llu,\"precommit\":%llu,\"propose\":%llu}",
                  (number)sum->timeouts[0], (number)sum->timeouts[1], (number)sum->timeouts[2]);
    (void)fputs(",\"moves\":{", out);
    for (unsigned k = 0; k < CY_SIM_MOVE_KINDS; k++)
        (void)fprintf(out, "%s\"%s\":%llu", k == 0 ? "" : ",",
                      cy_sim_move_word((enum cy_sim_move_kind)k), (number)sum->moves[k]);
    (void)fputs("},\"deeds\":{", out);
    for (unsigned b = 0; b < CY_SIM_HABIT_COUNT; b++)
        (void)fprintf(out, "%s\"%s\":%llu", b == 0 ? "" : ",", habits[b], (number)sum->deeds[b]);
    (void)fputs("},\"acts\":{", out);
    for (unsigned i = 0; i < CY_MESSAGES_MAX; i++) {
        const struct cy_schema *schema = cy_schema_act(i);

        if (sum->accepted[i] == 0 || schema == NULL)
            continue;
        (void)fprintf(out, "%s\"%s\":%llu", comma, schema->name, (number)sum->accepted[i]);
        comma = ",";
    }
    (void)fputc('}', out);
    json_codes(out, "submitted", sum->submitted, CY_SIM_FEDERATION_CODES);
    json_codes(out, "answered", sum->answered, CY_SIM_FEDERATION_CODES);
    json_codes(out, "packets", sum->packets, CY_SIM_FEDERATION_CODES);
    json_codes(out, "carried", sum->carried, CY_SIM_FEDERATION_CODES);
    json_missing(out, sum);
}

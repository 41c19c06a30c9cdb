#include "wire/vote.h"

static const char *const words_[] = {"prevote", "precommit", "propose"};

void cy_vote_write(struct cy_text *out, const struct cy_vote *vote)
{
    cy_text_add(out, "comity-vote/v1\n");
    cy_text_span(out, vote->origin);
    cy_text_add(out, "\nheight ");
    cy_text_u64(out, vote->height);
    cy_text_add(out, "\nround ");
    cy_text_u64(out, vote->round);
    cy_text_add(out, "\n");
    cy_text_add(out, words_[vote->step]);
    if (vote->step == CY_VOTE_PROPOSE && vote->after != CY_NO_ROUND) {
        cy_text_add(out, " after ");
        cy_text_u64(out, vote->after);
    }
    cy_text_add(out, "\nvalue ");
    if (cy_id_none(&vote->value))
        cy_text_add(out, "nil");
    else
        cy_text_base64(out, cy_span_of(vote->value.b, sizeof vote->value.b));
    cy_text_add(out, "\ntime ");
    cy_text_u64(out, vote->time);
    cy_text_add(out, "\n");
}

static bool round_read(struct cy_span word, uint32_t *out)
{
    uint64_t n = 0;

    if (!cy_ok(cy_u64_read(word, &n)) || n >= CY_NO_ROUND)
        return false;
    *out = (uint32_t)n;
    return true;
}

static bool step_read(struct cy_span line, struct cy_vote *out)
{
    struct cy_span word;

    for (unsigned i = 0; i < CY_COUNT(words_); i++) {
        if (cy_span_eq(line, cy_span_text(words_[i]))) {
            out->step = (enum cy_vote_step)i;
            return true;
        }
    }
    out->step = CY_VOTE_PROPOSE;
    return cy_line_after(line, "propose after ", &word) && round_read(word, &out->after) &&
           out->after < out->round;
}

static bool value_read(struct cy_span line, struct cy_vote *out)
{
    struct cy_span word;
    size_t n = 0;

    if (!cy_line_after(line, "value ", &word))
        return false;
    if (cy_span_eq(word, cy_span_text("nil")))
        return out->step != CY_VOTE_PROPOSE;
    return cy_ok(cy_base64_read(word, out->value.b, sizeof out->value.b, &n)) &&
           n == sizeof out->value.b && !cy_id_none(&out->value);
}

/* Line `at` of a vote, from 1. */
static bool line_read(unsigned at, struct cy_span line, struct cy_vote *out)
{
    struct cy_span word;

    switch (at) {
    case 1: return cy_span_eq(line, cy_span_text("comity-vote/v1"));
    case 2: out->origin = line; return line.n > 0 && line.n <= 255;
    case 3: return cy_line_after(line, "height ", &word) && cy_ok(cy_u64_read(word, &out->height));
    case 4: return cy_line_after(line, "round ", &word) && round_read(word, &out->round);
    case 5: return step_read(line, out);
    case 6: return value_read(line, out);
    default: return cy_line_after(line, "time ", &word) && cy_ok(cy_u64_read(word, &out->time));
    }
}

cy_err cy_vote_read(struct cy_span text, struct cy_vote *out)
{
    struct cy_span line;
    unsigned at = 1;

    *out = (struct cy_vote){.after = CY_NO_ROUND};
    for (; at <= 7; at++) {
        if (!cy_line_next(&text, &line) || !line_read(at, line, out))
            return cy_fail(CY_E_BAD_VOTE, at);
    }
    return text.n == 0 ? CY_OK : cy_fail(CY_E_BAD_VOTE, at);
}

bool cy_vote_conflict(const struct cy_vote *a, const struct cy_vote *b)
{
    if (!cy_span_eq(a->origin, b->origin) || a->height != b->height || a->round != b->round ||
        a->step != b->step)
        return false;
    return !cy_id_eq(&a->value, &b->value) || a->after != b->after;
}

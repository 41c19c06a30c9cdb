#include "kernel/quorum.h"

#include "crypto/ed25519.h"
#include "crypto/note_key.h"

#define COST_NEVER (1u << 20) /* this node cannot stand in both quorums */

/* --- reading --- */

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* Takes the next word off the line; empty at its end. */
static struct cy_span word(struct cy_span *line)
{
    struct cy_span out;
    size_t n = 0;

    while (line->n > 0 && is_space(line->at[0]))
        *line = cy_span_of(line->at + 1, line->n - 1);
    while (n < line->n && !is_space(line->at[n]))
        n++;
    out = cy_span_of(line->at, n);
    *line = cy_span_of(line->at + n, line->n - n);
    return out;
}

static bool is(struct cy_span text, const char *what)
{
    return cy_span_eq(text, cy_span_text(what));
}

static uint32_t named(const struct cy_quorum *q, struct cy_span name)
{
    for (uint32_t i = 0; i < q->n; i++) {
        if (cy_span_eq(q->nodes[i].name, name))
            return i;
    }
    return CY_QUORUM_NONE;
}

/* A new node of a name that is free and no word of the grammar. */
static cy_err enter(struct cy_quorum *q, struct cy_span name, struct cy_quorum_node **out)
{
    if (name.n == 0 || is(name, "none") || is(name, "any") || is(name, "all") ||
        named(q, name) != CY_QUORUM_NONE)
        return cy_fail(CY_E_BAD_POLICY, 0);
    if (q->n == CY_QUORUM_NODES_MAX)
        return cy_fail(CY_E_QUORUM_COMPLEX, CY_QUORUM_NODES_MAX);
    *out = &q->nodes[q->n++];
    **out = (struct cy_quorum_node){
        .name = name, .keeper = name, .member = CY_QUORUM_NONE, .next = CY_QUORUM_NONE};
    return CY_OK;
}

/* witness NAME VKEY [URL] */
static cy_err read_witness(struct cy_quorum *q, struct cy_span line)
{
    const struct cy_span name = word(&line);
    const struct cy_span vkey = word(&line);
    struct cy_note_key key;
    struct cy_quorum_node *node = NULL;

    (void)word(&line); /* where it is reached: not for us */
    if (word(&line).n > 0 || !cy_ok(cy_note_vkey_read(vkey, &key)) ||
        key.type != CY_NOTE_COSIGNATURE)
        return cy_fail(CY_E_BAD_POLICY, 0);
    CY_TRY(cy_ed25519_admit(&key.key));
    if (cy_quorum_witness(q, &key.key) != CY_QUORUM_NONE)
        return cy_fail(CY_E_BAD_POLICY, 0); /* one key counts once */
    CY_TRY(enter(q, name, &node));
    node->key = key.key;
    node->signs_as = key.name;
    return CY_OK;
}

/* group NAME any|all|K MEMBER... */
static cy_err read_group(struct cy_quorum *q, struct cy_span line)
{
    const struct cy_span name = word(&line);
    const struct cy_span need = word(&line);
    uint32_t *tail = NULL;
    struct cy_quorum_node *node = NULL;
    uint64_t k = 0;

    CY_TRY(enter(q, name, &node));
    tail = &node->member;
    for (struct cy_span m = word(&line); m.n > 0; m = word(&line)) {
        const uint32_t i = named(q, m);

        if (i == CY_QUORUM_NONE || i == q->n - 1 || q->nodes[i].grouped)
            return cy_fail(CY_E_BAD_POLICY, 0);
        q->nodes[i].grouped = true;
        *tail = i;
        tail = &q->nodes[i].next;
        node->n_members++;
    }
    if (is(need, "any"))
        k = 1;
    else if (is(need, "all"))
        k = node->n_members;
    else if (!cy_ok(cy_u64_read(need, &k)))
        k = 0;
    if (k == 0 || k > node->n_members)
        return cy_fail(CY_E_BAD_POLICY, 0);
    node->need = (uint32_t)k;
    return CY_OK;
}

/* quorum NAME|none */
static cy_err read_quorum(struct cy_quorum *q, struct cy_span line, bool *found)
{
    const struct cy_span name = word(&line);

    q->root = is(name, "none") ? CY_QUORUM_NONE : named(q, name);
    if (*found || word(&line).n > 0 || (q->root == CY_QUORUM_NONE && !is(name, "none")))
        return cy_fail(CY_E_BAD_POLICY, 0);
    *found = true;
    return CY_OK;
}

/* #operator NAME WITNESS... */
static cy_err read_operator(struct cy_quorum *q, struct cy_span line)
{
    const struct cy_span name = word(&line);
    struct cy_span w = word(&line);

    if (name.n == 0 || w.n == 0)
        return cy_fail(CY_E_BAD_POLICY, 0);
    for (; w.n > 0; w = word(&line)) {
        const uint32_t i = named(q, w);

        /* the name itself stands for "not said": it is where the keeper still points */
        if (i == CY_QUORUM_NONE || q->nodes[i].need > 0 ||
            q->nodes[i].keeper.at != q->nodes[i].name.at)
            return cy_fail(CY_E_BAD_POLICY, 0);
        q->nodes[i].keeper = name;
    }
    return CY_OK;
}

/* log VKEY [URL]: whose checkpoints they are is said elsewhere; the line may stand. */
static cy_err read_log(struct cy_span line)
{
    const struct cy_span vkey = word(&line);
    struct cy_note_key key;

    (void)word(&line);
    return word(&line).n == 0 && cy_ok(cy_note_vkey_read(vkey, &key)) ? CY_OK
                                                                      : cy_fail(CY_E_BAD_POLICY, 0);
}

static cy_err read_line(struct cy_quorum *q, struct cy_span line, bool *found)
{
    const struct cy_span what = word(&line);

    if (is(what, "#operator"))
        return read_operator(q, line);
    if (what.n == 0 || what.at[0] == '#')
        return CY_OK;
    if (is(what, "witness"))
        return read_witness(q, line);
    if (is(what, "group"))
        return read_group(q, line);
    if (is(what, "quorum"))
        return read_quorum(q, line, found);
    return is(what, "log") ? read_log(line) : cy_fail(CY_E_BAD_POLICY, 0);
}

/* Equal keepers get equal numbers. */
static void number_operators(struct cy_quorum *q)
{
    for (uint32_t i = 0; i < q->n; i++) {
        uint32_t same = 0;

        if (q->nodes[i].need > 0)
            continue;
        while (q->nodes[same].need > 0 || !cy_span_eq(q->nodes[same].keeper, q->nodes[i].keeper))
            same++;
        q->nodes[i].operator_of = same < i ? q->nodes[same].operator_of : q->n_operators++;
    }
}

cy_err cy_quorum_read(struct cy_span text, struct cy_quorum *out)
{
    bool found = false;
    uint32_t number = 1;

    out->n = 0;
    out->n_operators = 0;
    out->root = CY_QUORUM_NONE;
    if (text.n > CY_QUORUM_TEXT_MAX)
        return cy_fail(CY_E_TOO_LARGE, CY_QUORUM_TEXT_MAX);
    CY_TRY(cy_utf8_check(text));
    for (size_t at = 0; at < text.n; number++) {
        const uint8_t *end = memchr(text.at + at, '\n', text.n - at);
        const size_t n = end == NULL ? text.n - at : (size_t)(end - text.at) - at;
        const cy_err err = read_line(out, cy_span_of(text.at + at, n), &found);

        if (!cy_ok(err))
            return err.code == CY_E_QUORUM_COMPLEX ? err : cy_fail(err.code, number);
        at += n + 1;
    }
    if (!found)
        return cy_fail(CY_E_BAD_POLICY, 0);
    number_operators(out);
    return CY_OK;
}

/* --- judging a set --- */

uint32_t cy_quorum_witness(const struct cy_quorum *q, const struct cy_id *key)
{
    for (uint32_t i = 0; i < q->n; i++) {
        if (q->nodes[i].need == 0 && cy_id_eq(&q->nodes[i].key, key))
            return i;
    }
    return CY_QUORUM_NONE;
}

bool cy_quorum_met(const struct cy_quorum *q, const struct cy_quorum_set *signers)
{
    struct cy_quorum_set met = *signers;

    if (q->root == CY_QUORUM_NONE)
        return true;
    for (uint32_t i = 0; i < q->n; i++) { /* members stand before their group */
        const struct cy_quorum_node *node = &q->nodes[i];
        uint32_t n = 0;

        if (node->need == 0)
            continue;
        for (uint32_t m = node->member; m != CY_QUORUM_NONE; m = q->nodes[m].next)
            n += cy_quorum_in(&met, m);
        met.bits[i / 64] &= ~((uint64_t)1 << (i % 64)); /* a group signs nothing itself */
        if (n >= node->need)
            cy_quorum_put(&met, i);
    }
    return cy_quorum_in(&met, q->root);
}

uint32_t cy_quorum_diversity(const struct cy_quorum *q, const struct cy_quorum_set *signers)
{
    struct cy_quorum_set seen = {{0}};
    uint32_t n = 0;

    for (uint32_t i = 0; i < q->n; i++) {
        if (q->nodes[i].need > 0 || !cy_quorum_in(signers, i) ||
            cy_quorum_in(&seen, q->nodes[i].operator_of))
            continue;
        cy_quorum_put(&seen, q->nodes[i].operator_of);
        n++;
    }
    return n;
}

/* --- the least intersection --- */

struct search {
    const struct cy_quorum *q;
    struct cy_quorum_set reached; /* nodes under the root */
    uint32_t repeated[CY_QUORUM_REPEATED_MAX];
    uint32_t n_repeated;
    uint8_t
        place[CY_QUORUM_NODES_MAX]; /* by operator: its place in repeated + 1; 0 = one witness */
    uint32_t cost[CY_QUORUM_NODES_MAX]; /* operators paid so that both quorums hold the node */
};

/* Members of a group, the cheapest first. */
static uint32_t by_cost(const struct search *s, uint32_t group,
                        uint32_t out[static CY_QUORUM_NODES_MAX])
{
    uint32_t n = 0;

    for (uint32_t m = s->q->nodes[group].member; m != CY_QUORUM_NONE; m = s->q->nodes[m].next) {
        uint32_t at = n++;

        for (; at > 0 && s->cost[out[at - 1]] > s->cost[m]; at--)
            out[at] = out[at - 1];
        out[at] = m;
    }
    return n;
}

static uint32_t shared(const struct cy_quorum_node *group)
{
    return 2 * group->need > group->n_members ? 2 * group->need - group->n_members : 0;
}

/* The cost of the root when the repeated operators of the mask are free and no other may be in
 * both quorums. */
static uint32_t cost_with(struct search *s, uint32_t mask)
{
    uint32_t order[CY_QUORUM_NODES_MAX];

    for (uint32_t i = 0; i <= s->q->root; i++) {
        const struct cy_quorum_node *node = &s->q->nodes[i];
        uint32_t sum = 0;

        if (!cy_quorum_in(&s->reached, i))
            continue;
        if (node->need == 0) {
            const uint32_t place = s->place[node->operator_of];
            const uint32_t many = place > 0 && (mask >> (place - 1) & 1) != 0 ? 0 : COST_NEVER;

            s->cost[i] = place == 0 ? 1 : many;
            continue;
        }
        (void)by_cost(s, i, order);
        for (uint32_t m = 0; m < shared(node); m++)
            sum += s->cost[order[m]];
        s->cost[i] = sum < COST_NEVER ? sum : COST_NEVER;
    }
    return s->cost[s->q->root];
}

/* The two quorums that the costs of the last cost_with stand for. */
static void choose(const struct search *s, struct cy_quorum_meet *out)
{
    uint32_t order[CY_QUORUM_NODES_MAX];
    struct cy_quorum_set a = {{0}};
    struct cy_quorum_set b = {{0}};

    cy_quorum_put(&a, s->q->root);
    cy_quorum_put(&b, s->q->root);
    for (uint32_t i = s->q->root + 1; i-- > 0;) {
        const struct cy_quorum_node *node = &s->q->nodes[i];
        const bool in_a = cy_quorum_in(&a, i);
        const bool in_b = cy_quorum_in(&b, i);
        uint32_t only = 0;

        if (node->need == 0) {
            if (in_a)
                cy_quorum_put(&out->a, i);
            if (in_b)
                cy_quorum_put(&out->b, i);
            continue;
        }
        (void)by_cost(s, i, order);
        only = in_a && in_b ? node->need - shared(node) : 0;
        for (uint32_t m = 0; m < node->need; m++) {
            if (in_a)
                cy_quorum_put(&a, order[m]);
            /* b shares the cheapest members and takes the rest from behind a's */
            if (in_b)
                cy_quorum_put(&b, order[m < node->need - only ? m : m + only]);
        }
    }
}

/* Marks what stands under the root and finds the operators with several witnesses there. */
static cy_err survey(struct search *s)
{
    uint32_t count[CY_QUORUM_NODES_MAX] = {0};

    cy_quorum_put(&s->reached, s->q->root);
    for (uint32_t i = s->q->root + 1; i-- > 0;) {
        const struct cy_quorum_node *node = &s->q->nodes[i];

        if (!cy_quorum_in(&s->reached, i))
            continue;
        for (uint32_t m = node->member; m != CY_QUORUM_NONE; m = s->q->nodes[m].next)
            cy_quorum_put(&s->reached, m);
        if (node->need > 0 || ++count[node->operator_of] != 2)
            continue;
        if (s->n_repeated == CY_QUORUM_REPEATED_MAX)
            return cy_fail(CY_E_QUORUM_COMPLEX, CY_QUORUM_REPEATED_MAX);
        s->repeated[s->n_repeated++] = node->operator_of;
        s->place[node->operator_of] = (uint8_t)s->n_repeated;
    }
    return CY_OK;
}

cy_err cy_quorum_meet(const struct cy_quorum *q, struct cy_quorum_meet *out)
{
    struct search s = {.q = q};
    uint32_t best = COST_NEVER;
    uint32_t best_mask = 0;

    *out = (struct cy_quorum_meet){0};
    if (q->root == CY_QUORUM_NONE)
        return CY_OK;
    CY_TRY(survey(&s));
    for (uint32_t size = 0; size <= s.n_repeated && size < best; size++) {
        for (uint32_t mask = 0; mask < 1u << s.n_repeated; mask++) {
            uint32_t cost = 0;

            if ((uint32_t)__builtin_popcount(mask) != size)
                continue;
            cost = size + cost_with(&s, mask);
            if (cost < best) {
                best = cost;
                best_mask = mask;
            }
        }
    }
    (void)cost_with(&s, best_mask);
    choose(&s, out);
    out->least = best;
    return CY_OK;
}

static void names(const struct cy_quorum *q, const struct cy_quorum_set *set, bool operators,
                  struct cy_text *out)
{
    struct cy_quorum_set seen = {{0}};

    for (uint32_t i = 0; i < q->n; i++) {
        if (!cy_quorum_in(set, i))
            continue;
        if (operators && cy_quorum_in(&seen, q->nodes[i].operator_of))
            continue;
        cy_quorum_put(&seen, q->nodes[i].operator_of);
        cy_text_add(out, " ");
        cy_text_span(out, operators ? q->nodes[i].keeper : q->nodes[i].name);
    }
    cy_text_add(out, "\n");
}

void cy_quorum_explain(const struct cy_quorum *q, const struct cy_quorum_meet *meet,
                       struct cy_text *out)
{
    struct cy_quorum_set both = meet->a;

    for (size_t i = 0; i < CY_COUNT(both.bits); i++)
        both.bits[i] &= meet->b.bits[i];
    cy_text_add(out, "least intersection: ");
    cy_text_u64(out, meet->least);
    cy_text_add(out, "\none quorum:");
    names(q, &meet->a, false, out);
    cy_text_add(out, "another:");
    names(q, &meet->b, false, out);
    cy_text_add(out, "operators in both:");
    names(q, &both, true, out);
}

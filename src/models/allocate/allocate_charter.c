#include "models/allocate/allocate_charter.h"

#include "base/text.h"
#include "crypto/hash.h"

#include <stdlib.h>

enum { WORDS_MAX = 600, CONDITIONS_MAX = 8, COLUMNS_MAX = 4 };

static const struct {
    const char *word;
    const char *sentence;
} rules_[] = {
    [CY_ALLOCATE_PROPORTIONAL] = {"proportional",           "everybody gets the same part of the claim"                       },
    [CY_ALLOCATE_WEIGHTED] = {"weighted",               "everybody gets the same part of claim times weight"              },
    [CY_ALLOCATE_LEXIMIN] = {"leximin",                "the least part of a claim is as large as it can be, then "
                                        "the next least, and so on"               },
    [CY_ALLOCATE_EQUAL_AWARDS] = {"equal-awards",           "everybody gets the same, up to the claim"                        },
    [CY_ALLOCATE_EQUAL_LOSSES] = {"equal-losses",
                                  "everybody goes without the same, down to nothing"                                          },
    [CY_ALLOCATE_TALMUD] = {"talmud",                 "equal awards up to half of each claim, beyond that equal "
                                      "losses"                                     },
    [CY_ALLOCATE_NASH] = {"nash",                   "the product of what each gets, to the power of its weight, is "
                                  "as large as it can be"                            },
    [CY_ALLOCATE_THEN_RISK] = {"proportional-then-risk",
                                  "a part of each claim in proportion first, what is left by risk"                            },
    [CY_ALLOCATE_MOST_VALUE] = {"most-value",             "the sum of value is as large as it can be; of "
                                              "several ways the most equal one"},
};

const char *cy_allocate_rule_word(enum cy_allocate_rule rule)
{
    return rules_[rule].word;
}

const char *cy_allocate_rule_sentence(enum cy_allocate_rule rule)
{
    return rules_[rule].sentence;
}

/* A floor, cap, share or weight that is told of a name; applied when all parties are known. */
struct demand {
    char kind; /* 'f' floor, 'c' cap, 'n' minimum, 'w' weight, 'r' risk, 'v' value, 'p' priority,
                  's' least, 'm' most */
    char name[CY_ALLOCATE_NAME];
    mpq_t number;
    bool part; /* of the claim, or of the supply */
    uint32_t line;
};

struct reader {
    struct cy_desk *desk;
    struct cy_allocate_charter *charter;
    struct cy_desk_fault *fault;
    const struct cy_csv *claims;
    char *words[WORDS_MAX];
    size_t n_words;
    char *line_at;
    uint32_t line;
    struct demand *demands;
    size_t n_demands;
    size_t demands_room;
    char **members; /* of groups: pairs of group and name */
    size_t n_members;
    size_t members_room;
    bool has_rule;
    bool has_supply;
    bool has_claims;
};

static cy_err wrong(struct reader *r, const char *at, const char *what)
{
    const size_t column = at == NULL ? 0 : (size_t)(at - r->line_at) + 1;

    return cy_desk_at(r->fault, r->line, column > 100000 ? 0 : (uint32_t)column, "%s", what);
}

static bool named(const char *name)
{
    const size_t n = strlen(name);

    return n > 0 && n < CY_ALLOCATE_NAME && strcmp(name, "all") != 0;
}

static cy_err read_number(struct reader *r, char *word, bool percent, mpq_ptr out, bool *part)
{
    const size_t n = strlen(word);

    *part = percent && n > 1 && word[n - 1] == '%';
    if (*part)
        word[n - 1] = 0;
    if (!cy_lp_read_number(word, out) || mpq_sgn(out) < 0)
        return wrong(r, word,
                     percent ? "a number of 0 or more, or a percentage, stands here"
                             : "a number of 0 or more stands here");
    if (*part) {
        mpq_t hundred;

        mpq_init(hundred);
        mpq_set_ui(hundred, 100, 1);
        mpq_div(out, out, hundred);
        mpq_clear(hundred);
    }
    return CY_OK;
}

/* --- parties --- */

static struct cy_allocate_party *find_party(struct cy_allocate_charter *charter, const char *name)
{
    for (uint32_t i = 0; i < charter->n_parties; i++) {
        if (strcmp(charter->parties[i].name, name) == 0)
            return &charter->parties[i];
    }
    return NULL;
}

static cy_err add_party(struct reader *r, const char *name, struct cy_allocate_party **out)
{
    struct cy_allocate_charter *charter = r->charter;
    struct cy_allocate_party *party = NULL;

    if (!named(name))
        return wrong(r, NULL, "a party's name has 1 to 63 letters and is not 'all'");
    if (find_party(charter, name) != NULL)
        return wrong(r, NULL, "the party stands twice");
    if (charter->n_parties == CY_ALLOCATE_PARTIES_MAX)
        return wrong(r, NULL, "at most 400 parties");
    party = &charter->parties[charter->n_parties++];
    (void)snprintf(party->name, sizeof party->name, "%s", name);
    party->priority = 1;
    mpq_set_ui(party->weight, 1, 1);
    mpq_set_ui(party->risk, 1, 1);
    mpq_set_ui(party->value, 1, 1);
    *out = party;
    return CY_OK;
}

static cy_err demand(struct reader *r, char kind, const char *name, char *number)
{
    struct demand *d = NULL;
    const bool percent = kind == 'f' || kind == 'c' || kind == 's' || kind == 'm' || kind == 'n';

    if (strlen(name) >= CY_ALLOCATE_NAME)
        return wrong(r, NULL, "no such name");
    if (r->n_demands == r->demands_room) {
        r->demands_room = 2 * r->demands_room + 16;
        r->demands = cy_lp_grow(r->demands, r->demands_room, sizeof *r->demands);
    }
    d = &r->demands[r->n_demands++];
    *d = (struct demand){.kind = kind, .line = r->line};
    (void)snprintf(d->name, sizeof d->name, "%s", name);
    mpq_init(d->number);
    return read_number(r, number, percent, d->number, &d->part);
}

static char kind_of(const char *word)
{
    static const struct {
        const char *word;
        char kind;
    } kinds[] = {
        {"floor",    'f'},
        {"cap",      'c'},
        {"minimum",  'n'},
        {"weight",   'w'},
        {"risk",     'r'},
        {"value",    'v'},
        {"priority", 'p'},
    };

    for (size_t i = 0; i < CY_COUNT(kinds); i++) {
        if (strcmp(kinds[i].word, word) == 0)
            return kinds[i].kind;
    }
    return 0;
}

/* party NAME claim N [word N]... */
static cy_err read_party(struct reader *r)
{
    struct cy_allocate_party *party = NULL;
    bool part = false;
    bool claimed = false;

    if (r->n_words < 4 || r->n_words % 2 != 0)
        return wrong(r, r->words[0],
                     "a party is a name, claim and a number, and further words "
                     "each with a number");
    CY_TRY(add_party(r, r->words[1], &party));
    for (size_t i = 2; i < r->n_words; i += 2) {
        const char kind = kind_of(r->words[i]);

        if (strcmp(r->words[i], "claim") == 0) {
            CY_TRY(read_number(r, r->words[i + 1], false, party->claim, &part));
            claimed = true;
        } else if (kind != 0)
            CY_TRY(demand(r, kind, party->name, r->words[i + 1]));
        else
            return wrong(r, r->words[i],
                         "of a party are told: claim, weight, risk, value, floor, "
                         "cap, minimum, priority");
    }
    return claimed ? CY_OK : wrong(r, r->words[0], "a party has a claim");
}

/* --- the table of claims --- */

struct pick {
    size_t name[COLUMNS_MAX];
    size_t n_name;
    size_t claim;
    size_t column[CONDITIONS_MAX];
    const char *value[CONDITIONS_MAX];
    bool equal[CONDITIONS_MAX];
    size_t n;
};

static cy_err find_column(struct reader *r, const char *name, size_t *out)
{
    *out = cy_csv_column(r->claims, name);
    return *out == SIZE_MAX ? wrong(r, name, "the table of claims has no such column") : CY_OK;
}

static cy_err read_pick(struct reader *r, struct pick *pick)
{
    *pick = (struct pick){.claim = SIZE_MAX};
    for (size_t i = 1; i < r->n_words; i++) {
        char *word = r->words[i];
        char *at = strchr(word, '=');

        if (strcmp(word, "where") == 0 && i >= 3)
            continue;
        if (at == NULL || at == word)
            return wrong(r, word, "what stands here is COLUMN=VALUE or COLUMN!=VALUE");
        *at = 0;
        if (i == 1 && strcmp(word, "party") == 0) {
            for (char *part = at + 1; part != NULL; pick->n_name++) {
                char *plus = strchr(part, '+');

                if (pick->n_name == COLUMNS_MAX)
                    return wrong(r, part, "at most 4 columns make a name");
                if (plus != NULL)
                    *plus++ = 0;
                CY_TRY(find_column(r, part, &pick->name[pick->n_name]));
                part = plus;
            }
        } else if (i == 2 && strcmp(word, "claim") == 0)
            CY_TRY(find_column(r, at + 1, &pick->claim));
        else if (i > 3 && pick->n < CONDITIONS_MAX) {
            pick->equal[pick->n] = at[-1] != '!';
            if (!pick->equal[pick->n])
                at[-1] = 0;
            CY_TRY(find_column(r, word, &pick->column[pick->n]));
            pick->value[pick->n++] = at + 1;
        } else
            return wrong(r, word, "claims party=COLUMN claim=COLUMN where COLUMN=VALUE ...");
    }
    return pick->n_name > 0 && pick->claim != SIZE_MAX
               ? CY_OK
               : wrong(r, r->words[0], "claims party=COLUMN claim=COLUMN where COLUMN=VALUE ...");
}

static bool picked(const struct cy_csv *table, const struct pick *pick, size_t row)
{
    for (size_t i = 0; i < pick->n; i++) {
        if ((strcmp(cy_csv_cell(table, row, pick->column[i]), pick->value[i]) == 0) !=
            pick->equal[i])
            return false;
    }
    return true;
}

static cy_err read_claims(struct reader *r)
{
    struct pick pick;

    if (r->claims == NULL)
        return wrong(r, r->words[0],
                     "the charter takes claims from a table: give it with --claims");
    if (r->has_claims)
        return wrong(r, r->words[0], "claims stands twice");
    r->has_claims = true;
    CY_TRY(read_pick(r, &pick));
    for (size_t row = 0; row < r->claims->n_rows; row++) {
        struct cy_allocate_party *party = NULL;
        char name[2 * CY_ALLOCATE_NAME];
        struct cy_text text = cy_text_on(name, sizeof name);

        if (!picked(r->claims, &pick, row))
            continue;
        for (size_t i = 0; i < pick.n_name; i++) {
            cy_text_add(&text, i == 0 ? "" : ".");
            cy_text_add(&text, cy_csv_cell(r->claims, row, pick.name[i]));
        }
        CY_TRY(add_party(r, name, &party));
        if (!cy_lp_read_number(cy_csv_cell(r->claims, row, pick.claim), party->claim) ||
            mpq_sgn(party->claim) < 0)
            return cy_desk_at(r->fault, r->claims->lines[row], 0,
                              "in the table of claims: the claim is not a number of 0 or more");
    }
    return CY_OK;
}

/* --- lines --- */

static cy_err read_text(struct reader *r, char *out, size_t cap)
{
    if (r->n_words < 2 || out[0] != 0)
        return wrong(r, r->words[0], "this line stands once, with a text");
    /* the words were cut apart by zeros: put them together again */
    for (size_t i = 2; i < r->n_words; i++)
        r->words[1][strlen(r->words[1])] = ' ';
    if (strlen(r->words[1]) >= cap)
        return wrong(r, r->words[1], "the text is too long");
    (void)snprintf(out, cap, "%s", r->words[1]);
    return CY_OK;
}

static cy_err read_rule(struct reader *r)
{
    bool part = false;

    if (r->has_rule || r->n_words < 2)
        return wrong(r, r->words[0], "a charter has one rule");
    r->has_rule = true;
    for (size_t i = 0; i < CY_COUNT(rules_); i++) {
        if (strcmp(rules_[i].word, r->words[1]) != 0)
            continue;
        r->charter->rule = (enum cy_allocate_rule)i;
        if (i == CY_ALLOCATE_THEN_RISK) {
            if (r->n_words != 3)
                return wrong(r, r->words[1],
                             "proportional-then-risk needs the first part, such as "
                             "20%");
            CY_TRY(read_number(r, r->words[2], true, r->charter->first, &part));
            return part && mpq_cmp_ui(r->charter->first, 1, 1) <= 0
                       ? CY_OK
                       : wrong(r, r->words[2], "a percentage of at most 100% stands here");
        }
        return r->n_words == 2 ? CY_OK : wrong(r, r->words[2], "nothing stands behind this rule");
    }
    return wrong(r, r->words[1],
                 "the rules are: proportional, weighted, leximin, equal-awards, equal-losses, "
                 "talmud, nash, proportional-then-risk, most-value");
}

static cy_err read_group(struct reader *r)
{
    struct cy_allocate_charter *charter = r->charter;

    if (r->n_words < 3 || !named(r->words[1]))
        return wrong(r, r->words[0], "a group is a name and its parties");
    for (uint32_t g = 0; g < charter->n_groups; g++) {
        if (strcmp(charter->groups[g], r->words[1]) == 0)
            return wrong(r, r->words[1], "the group stands twice");
    }
    if (charter->n_groups == CY_ALLOCATE_GROUPS_MAX)
        return wrong(r, r->words[0], "at most 64 groups");
    (void)snprintf(charter->groups[charter->n_groups++], CY_ALLOCATE_NAME, "%s", r->words[1]);
    for (size_t i = 2; i < r->n_words; i++) {
        if (r->n_members + 2 > r->members_room) {
            r->members_room = 2 * r->members_room + 64;
            r->members = cy_lp_grow(r->members, r->members_room, sizeof *r->members);
        }
        r->members[r->n_members++] = r->words[1];
        r->members[r->n_members++] = r->words[i];
    }
    return CY_OK;
}

static cy_err read_supply(struct reader *r)
{
    bool part = false;

    if (r->has_supply || r->n_words != 2)
        return wrong(r, r->words[0], "supply is one number");
    r->has_supply = true;
    return read_number(r, r->words[1], false, r->charter->supply, &part);
}

static cy_err read_lot(struct reader *r)
{
    if (r->charter->lot != 0 || r->n_words != 2 ||
        !cy_ok(cy_u64_read(cy_span_text(r->words[1]), &r->charter->lot)) || r->charter->lot == 0 ||
        r->charter->lot > 1000000000u)
        return wrong(r, r->words[0], "lot is one whole number of 1 or more");
    return CY_OK;
}

static cy_err read_share(struct reader *r)
{
    const bool least = r->n_words == 4 && strcmp(r->words[2], "at-least") == 0;

    if (r->n_words != 4 || (!least && strcmp(r->words[2], "at-most") != 0))
        return wrong(r, r->words[0], "share GROUP at-least (or at-most) NUMBER or PERCENTAGE");
    return demand(r, least ? 's' : 'm', r->words[1], r->words[3]);
}

static cy_err read_line(struct reader *r)
{
    const char *word = r->words[0];
    const char kind = kind_of(word);

    if (kind != 0)
        return r->n_words == 3 ? demand(r, kind, r->words[1], r->words[2])
                               : wrong(r, word, "this line is a name (or all) and a number");
    if (strcmp(word, "title") == 0)
        return read_text(r, r->charter->title, sizeof r->charter->title);
    if (strcmp(word, "office") == 0)
        return read_text(r, r->charter->office, sizeof r->charter->office);
    if (strcmp(word, "good") == 0)
        return read_text(r, r->charter->good, sizeof r->charter->good);
    if (strcmp(word, "supply") == 0)
        return read_supply(r);
    if (strcmp(word, "lot") == 0)
        return read_lot(r);
    if (strcmp(word, "rule") == 0)
        return read_rule(r);
    if (strcmp(word, "party") == 0)
        return read_party(r);
    if (strcmp(word, "group") == 0)
        return read_group(r);
    if (strcmp(word, "share") == 0)
        return read_share(r);
    if (strcmp(word, "claims") == 0)
        return read_claims(r);
    return wrong(r, word,
                 "a line begins with title, office, good, supply, lot, rule, party, "
                 "group, weight, risk, value, priority, floor, cap, minimum, share or claims");
}

static cy_err cut(struct reader *r, char *line)
{
    r->n_words = 0;
    r->line_at = line;
    line[strcspn(line, "#\r")] = 0;
    for (char *at = line;;) {
        at += strspn(at, " \t");
        if (*at == 0)
            return CY_OK;
        if (r->n_words == WORDS_MAX)
            return wrong(r, at, "too many words in a line");
        r->words[r->n_words++] = at;
        at += strcspn(at, " \t");
        if (*at != 0)
            *at++ = 0;
    }
}

static cy_err read_lines(struct reader *r, char *text)
{
    bool headed = false;

    for (char *next = text; *next != 0;) {
        char *line = next;

        next += strcspn(next, "\n");
        if (*next != 0)
            *next++ = 0;
        r->line++;
        CY_TRY(cut(r, line));
        if (r->n_words == 0)
            continue;
        if (headed)
            CY_TRY(read_line(r));
        else if (r->n_words != 3 || strcmp(r->words[0], "comity") != 0 ||
                 strcmp(r->words[1], "charter") != 0 || strcmp(r->words[2], "1") != 0)
            return wrong(r, line, "a charter begins with the line: comity charter 1");
        headed = true;
    }
    if (!headed || !r->has_rule || !r->has_supply || r->charter->n_parties == 0)
        return wrong(r, NULL, "a charter has a rule, a supply and at least one party");
    return r->charter->office[0] != 0
               ? CY_OK
               : wrong(r, NULL, "a charter names the office that answers for what it decides");
}

/* --- putting it together --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct cy_allocate_party *)a)->name,
                  ((const struct cy_allocate_party *)b)->name);
}

static uint32_t find_group(const struct cy_allocate_charter *charter, const char *name)
{
    for (uint32_t g = 0; g < charter->n_groups; g++) {
        if (strcmp(charter->groups[g], name) == 0)
            return g;
    }
    return CY_LP_NONE;
}

static cy_err join_groups(struct reader *r)
{
    for (size_t i = 0; i < r->n_members; i += 2) {
        struct cy_allocate_party *party = find_party(r->charter, r->members[i + 1]);
        const uint32_t group = find_group(r->charter, r->members[i]);

        if (party == NULL)
            return cy_desk_at(r->fault, 0, 0, "group %.40s: there is no party %.40s", r->members[i],
                              r->members[i + 1]);
        if (find_party(r->charter, r->members[i]) != NULL)
            return cy_desk_at(r->fault, 0, 0, "%.40s is a group and a party", r->members[i]);
        party->groups |= UINT64_C(1) << group;
    }
    return CY_OK;
}

static void apply_to(const struct demand *d, struct cy_allocate_party *party)
{
    mpq_t v;

    mpq_init(v);
    mpq_set(v, d->number);
    if (d->part)
        mpq_mul(v, v, party->claim);
    switch (d->kind) {
    case 'f':
        if (mpq_cmp(v, party->floor) > 0)
            mpq_set(party->floor, v);
        break;
    case 'c':
        if (!party->capped || mpq_cmp(v, party->cap) < 0)
            mpq_set(party->cap, v);
        party->capped = true;
        break;
    case 'n': mpq_set(party->minimum, v); break;
    case 'w': mpq_mul(party->weight, party->weight, v); break;
    case 'r': mpq_set(party->risk, v); break;
    case 'v': mpq_set(party->value, v); break;
    default: party->priority = (uint32_t)mpz_get_ui(mpq_numref(v)); break;
    }
    mpq_clear(v);
}

static cy_err apply_share(struct reader *r, const struct demand *d)
{
    struct cy_allocate_share *share = &r->charter->shares[r->charter->n_shares];

    r->line = d->line;
    share->group = find_group(r->charter, d->name);
    share->least = d->kind == 's';
    if (share->group == CY_LP_NONE || r->charter->n_shares == CY_ALLOCATE_SHARES_MAX)
        return wrong(r, NULL, "share needs the name of a group (at most 64 shares)");
    mpq_set(share->amount, d->number);
    if (d->part) {
        mpq_set(share->part, d->number);
        mpq_mul(share->amount, share->amount, r->charter->supply);
    }
    r->charter->n_shares++;
    return CY_OK;
}

static cy_err apply_demands(struct reader *r)
{
    struct cy_allocate_charter *charter = r->charter;

    for (size_t i = 0; i < r->n_demands; i++) {
        const struct demand *d = &r->demands[i];
        const uint32_t group = find_group(charter, d->name);
        struct cy_allocate_party *party = find_party(charter, d->name);

        r->line = d->line;
        if (d->kind == 's' || d->kind == 'm') {
            CY_TRY(apply_share(r, d));
            continue;
        }
        if (d->kind == 'p' && (mpz_cmp_ui(mpq_denref(d->number), 1) != 0 ||
                               mpq_cmp_ui(d->number, 1, 1) < 0 || mpq_cmp_ui(d->number, 99, 1) > 0))
            return wrong(r, NULL, "a priority is a whole number from 1 to 99");
        if (party == NULL && group == CY_LP_NONE && strcmp(d->name, "all") != 0)
            return wrong(r, NULL, "no party or group has this name");
        for (uint32_t p = 0; p < charter->n_parties; p++) {
            struct cy_allocate_party *to = &charter->parties[p];

            if (party != NULL ? to == party : group == CY_LP_NONE || (to->groups >> group & 1) != 0)
                apply_to(d, to);
        }
    }
    return CY_OK;
}

static cy_err finish(struct reader *r)
{
    struct cy_allocate_charter *charter = r->charter;

    qsort(charter->parties, charter->n_parties, sizeof *charter->parties, by_name);
    CY_TRY(join_groups(r));
    CY_TRY(apply_demands(r));
    if (charter->lot == 0)
        charter->lot = 1;
    for (uint32_t p = 0; p < charter->n_parties; p++) {
        struct cy_allocate_party *party = &charter->parties[p];

        /* nobody gets more than was claimed */
        if (!party->capped || mpq_cmp(party->cap, party->claim) > 0)
            mpq_set(party->cap, party->claim);
        if (mpq_cmp(party->floor, party->cap) > 0)
            return cy_desk_at(r->fault, 0, 0,
                              "%.60s: its floor is above its cap, or above its claim", party->name);
        if (mpq_cmp(party->minimum, party->cap) > 0)
            return cy_desk_at(r->fault, 0, 0,
                              "%.60s: its minimum is above its cap, or above its claim",
                              party->name);
    }
    if ((charter->rule == CY_ALLOCATE_NASH || charter->rule == CY_ALLOCATE_TALMUD) &&
        charter->n_shares > 0)
        return cy_desk_at(r->fault, 0, 0,
                          "the rules nash and talmud go with floors, caps and weights, not with "
                          "shares of groups; take leximin, or leave the shares out");
    return CY_OK;
}

static cy_err begin(struct cy_desk *desk, struct cy_allocate_charter *out)
{
    *out = (struct cy_allocate_charter){0};
    mpq_inits(out->supply, out->first, out->aim, NULL);
    out->parties = cy_desk_take(desk, CY_ALLOCATE_PARTIES_MAX * sizeof *out->parties);
    out->groups = cy_desk_take(desk, CY_ALLOCATE_GROUPS_MAX * sizeof *out->groups);
    out->shares = cy_desk_take(desk, (CY_ALLOCATE_SHARES_MAX + 1) * sizeof *out->shares);
    if (out->parties == NULL || out->groups == NULL || out->shares == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (uint32_t p = 0; p < CY_ALLOCATE_PARTIES_MAX; p++)
        mpq_inits(out->parties[p].claim, out->parties[p].weight, out->parties[p].risk,
                  out->parties[p].value, out->parties[p].floor, out->parties[p].cap,
                  out->parties[p].minimum, NULL);
    for (uint32_t s = 0; s <= CY_ALLOCATE_SHARES_MAX; s++)
        mpq_inits(out->shares[s].amount, out->shares[s].part, NULL);
    return CY_OK;
}

cy_err cy_allocate_charter_read(struct cy_desk *desk, struct cy_span text,
                                const struct cy_csv *claims, struct cy_allocate_charter *out,
                                struct cy_desk_fault *fault)
{
    struct reader r = {.desk = desk, .charter = out, .fault = fault, .claims = claims};
    char *copy = NULL;
    cy_err e;

    *fault = (struct cy_desk_fault){0};
    CY_TRY(begin(desk, out));
    if (!cy_ok(cy_utf8_check(text)) && memchr(text.at, '\r', text.n) == NULL)
        return cy_desk_at(fault, 0, 0, "a charter is plain UTF-8 text");
    if (memchr(text.at, 0, text.n) != NULL)
        return cy_desk_at(fault, 0, 0, "a charter is plain UTF-8 text");
    out->id = cy_sha256(text);
    copy = cy_lp_alloc(text.n + 1, 1);
    if (text.n > 0)
        memcpy(copy, text.at, text.n);
    e = read_lines(&r, copy);
    if (cy_ok(e))
        e = finish(&r);
    for (size_t i = 0; i < r.n_demands; i++)
        mpq_clear(r.demands[i].number);
    free(r.demands);
    free(r.members);
    free(copy);
    return e;
}

void cy_allocate_charter_supply(struct cy_allocate_charter *charter, mpq_srcptr supply)
{
    mpq_set(charter->supply, supply);
    for (uint32_t s = 0; s < charter->n_shares; s++) {
        if (mpq_sgn(charter->shares[s].part) != 0)
            mpq_mul(charter->shares[s].amount, charter->shares[s].part, supply);
    }
}

void cy_allocate_charter_free(struct cy_allocate_charter *charter)
{
    for (uint32_t p = 0; charter->parties != NULL && p < CY_ALLOCATE_PARTIES_MAX; p++)
        mpq_clears(charter->parties[p].claim, charter->parties[p].weight, charter->parties[p].risk,
                   charter->parties[p].value, charter->parties[p].floor, charter->parties[p].cap,
                   charter->parties[p].minimum, NULL);
    for (uint32_t s = 0; charter->shares != NULL && s <= CY_ALLOCATE_SHARES_MAX; s++)
        mpq_clears(charter->shares[s].amount, charter->shares[s].part, NULL);
    if (charter->parties != NULL)
        mpq_clears(charter->supply, charter->first, charter->aim, NULL);
    charter->parties = NULL;
    charter->shares = NULL;
}

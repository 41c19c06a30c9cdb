/* allocate_charter: the text in which people lay down how something scarce is shared out.
 *
 *     comity charter 1
 *     title   Vaccines, first wave
 *     office  Secretariat of the Health Alliance      answers for what the charter decides
 *     good    doses
 *     supply  120000
 *     lot     10                                      shares are whole lots (1 if not said)
 *     rule    proportional
 *     party   ATL claim 5000 weight 2 floor 100
 *     group   islands ATL BRA
 *     weight  islands 2                               times the weight of each of them
 *     floor   all 5%                                  of the claim; or a number
 *     cap     ATL 4000
 *     minimum all 200                                 so much at least, or nothing at all
 *     share   islands at-least 20%                    of the supply; or a number; or at-most
 *     claims  party=iso3+cluster claim=in_need where cluster!=ALL      from the table of --claims
 *
 * A line is a word and what belongs to it; # begins a remark. The text is the annex that is signed:
 * its SHA-256 names the objective. Parties are kept in the order of their names, so that the order
 * of lines never matters.
 *
 * Owns: the charter's numbers. Never: decides anything. */
#ifndef CY_MODELS_ALLOCATE_ALLOCATE_CHARTER_H
#define CY_MODELS_ALLOCATE_ALLOCATE_CHARTER_H

#include "models/desk/desk.h"
#include "models/lp/lp_words.h"

#define CY_ALLOCATE_PARTIES_MAX 400u
#define CY_ALLOCATE_GROUPS_MAX 64u
#define CY_ALLOCATE_SHARES_MAX 64u
#define CY_ALLOCATE_NAME 64u

enum cy_allocate_rule {
    CY_ALLOCATE_PROPORTIONAL, /* equal parts of the claims, as far as supply, floors and caps allow
                               */
    CY_ALLOCATE_WEIGHTED,     /* the same with claim times weight */
    CY_ALLOCATE_LEXIMIN,      /* the least share, then the next least, is as large as it can be */
    CY_ALLOCATE_EQUAL_AWARDS, /* the same amount for everybody, up to the claim */
    CY_ALLOCATE_EQUAL_LOSSES, /* the same loss for everybody, down to nothing */
    CY_ALLOCATE_TALMUD,       /* equal awards up to half of each claim, then equal losses */
    CY_ALLOCATE_NASH,         /* greatest product of shares, each to the power of its weight */
    CY_ALLOCATE_THEN_RISK,    /* a part of each claim first, in proportion; what is left by risk */
    CY_ALLOCATE_MOST_VALUE,   /* the greatest sum of value; of several ways the most equal one */
};

struct cy_allocate_party {
    char name[CY_ALLOCATE_NAME];
    mpq_t claim;
    mpq_t weight;
    mpq_t risk;
    mpq_t value;
    mpq_t floor;       /* in units */
    mpq_t cap;         /* in units; the claim if not said */
    mpq_t minimum;     /* in units: so much at least, or nothing at all; 0: none */
    bool capped;       /* said */
    uint32_t priority; /* 1 is served first */
    uint64_t groups;   /* bits */
};

struct cy_allocate_share {
    uint32_t group;
    bool least; /* at least; else at most */
    mpq_t amount;
    mpq_t part; /* of the supply, where it was said so; else 0 */
};

struct cy_allocate_charter {
    char title[128];
    char office[128];
    char good[CY_ALLOCATE_NAME];
    mpq_t supply;
    uint64_t lot;
    enum cy_allocate_rule rule;
    mpq_t first;                       /* THEN_RISK: the part of each claim that comes first */
    struct cy_allocate_party *parties; /* by name */
    uint32_t n_parties;
    char (*groups)[CY_ALLOCATE_NAME];
    uint32_t n_groups;
    struct cy_allocate_share *shares;
    uint32_t n_shares;
    bool has_aim; /* of a frontier, not of a text: the sum of value is at least so much */
    mpq_t aim;
    struct cy_id id;        /* SHA-256 of the charter's text */
    struct cy_id claims_id; /* of the table of claims; 0 when there is none */
};

/* The word of a rule in a charter, and a sentence for people. */
const char *cy_allocate_rule_word(enum cy_allocate_rule rule);
const char *cy_allocate_rule_sentence(enum cy_allocate_rule rule);

/* cy_allocate_charter_read reads a charter's text, and the table of claims (NULL: none). Everything
 * lives in the desk, but for numbers, which cy_allocate_charter_free releases (in any case). Fails
 * with MODEL_INPUT and the place; not noted. */
CY_MUST_USE cy_err cy_allocate_charter_read(struct cy_desk *desk, struct cy_span text,
                                            const struct cy_csv *claims,
                                            struct cy_allocate_charter *out,
                                            struct cy_desk_fault *fault);
/* cy_allocate_charter_supply puts another supply into a charter, and what is a part of it. */
void cy_allocate_charter_supply(struct cy_allocate_charter *charter, mpq_srcptr supply);
void cy_allocate_charter_free(struct cy_allocate_charter *charter);

#endif

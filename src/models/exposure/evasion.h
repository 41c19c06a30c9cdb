/* evasion: patterns by which blocks are avoided, as flags with evidence.
 *
 *   just_under   a party that blocked owners hold to less than the threshold, by at most five
 * points divested     a blocked owner let go of a holding at most a year before it was blocked, or
 * since, and that is what frees the company; who took it is named when the register shows it
 *   to_related   the same, and who took it is related to the blocked owner
 *   split        the same, to several who each hold less than the threshold and together do not
 *   new_shell    a company founded since the block, held or controlled by who holds or controls a
 *                blocked one
 *   reroute      money or goods of A reach blocked B through C within thirty days, nearly whole,
 *                where A dealt with B directly before the block
 *
 * A flag is a question for people, with the lines of the files that raise it; it blocks nobody.
 * (The change of an alias is found by names: evasion_alias.h.)
 *
 * Owns: nothing of the results, which are from malloc. Never: decides. */
#ifndef CY_MODELS_EXPOSURE_EVASION_H
#define CY_MODELS_EXPOSURE_EVASION_H

#include "models/exposure/exposure_rule.h"
#include "models/exposure/ownership.h"

#define CY_FLAG_LINES_MAX 8u
#define CY_EVASION_WINDOW 30u  /* days between giving and taking */
#define CY_EVASION_BEFORE 365u /* days before a block in which letting go is looked at */

enum cy_flag_kind {
    CY_FLAG_JUST_UNDER,
    CY_FLAG_DIVESTED,
    CY_FLAG_TO_RELATED,
    CY_FLAG_SPLIT,
    CY_FLAG_NEW_SHELL,
    CY_FLAG_REROUTE,
    CY_FLAG_ALIAS,
};

enum cy_flag_file {
    CY_FLAG_OF_HOLDINGS,
    CY_FLAG_OF_DEALINGS,
    CY_FLAG_OF_NAMES,
    CY_FLAG_OF_RELATED
};

struct cy_flag {
    enum cy_flag_kind kind;
    uint32_t party;   /* who is flagged */
    uint32_t blocked; /* on whose account */
    uint32_t other;   /* who took, controls or stands between; CY_PARTY_NONE */
    uint64_t amount;  /* units of a share, or of money in reroute */
    cy_date day;
    struct {
        enum cy_flag_file file;
        uint32_t line;
    } evidence[CY_FLAG_LINES_MAX];
    size_t n_evidence;
};

struct cy_flags {
    struct cy_flag *at;
    size_t n;
    size_t cap;
};

/* Who is blocked by name, and since when (0: always). */
struct cy_named {
    uint32_t party;
    cy_date since;
};

/* Who is related to whom: family, or a controller, director or address in common. */
struct cy_related {
    uint32_t a;
    uint32_t b;
    const char *how;
    uint32_t line;
};

struct cy_dealing {
    uint32_t from;
    uint32_t to;
    uint64_t amount;
    cy_date day;
    uint32_t line;
};

struct cy_evidence {
    const struct cy_ownership *ownership;
    const struct cy_named *named;
    size_t n_named;
    const struct cy_related *related;
    size_t n_related;
    const struct cy_dealing *dealings; /* in the order of days */
    size_t n_dealings;
    const bool *blocked; /* of each party, on the day, named ones too */
    cy_date day;
    const struct cy_ownership_rule *rule;
};

/* cy_evasion_flags finds all patterns, ordered by kind and party. Fails with NO_MEMORY. */
CY_MUST_USE cy_err cy_evasion_flags(const struct cy_evidence *e, struct cy_flags *out);

CY_MUST_USE cy_err cy_flag_add(struct cy_flags *flags, const struct cy_flag *flag);
const char *cy_flag_name(enum cy_flag_kind kind);

/* cy_related_csv reads a, b, relation; cy_dealings_csv reads from, to, amount, day; both may name
 * new parties. Fail with MODEL_INPUT or NO_MEMORY. Results are from malloc. */
CY_MUST_USE cy_err cy_related_csv(const struct cy_csv *csv, struct cy_ownership *o,
                                  struct cy_related **out, size_t *n, struct cy_desk_fault *fault);
CY_MUST_USE cy_err cy_dealings_csv(const struct cy_csv *csv, struct cy_ownership *o,
                                   struct cy_dealing **out, size_t *n, struct cy_desk_fault *fault);

#endif

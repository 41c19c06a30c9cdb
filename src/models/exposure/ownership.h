/* ownership: who owns whom, since when and how much, as registers say it.
 *
 *      party --- holding ---> party        shares, votes or control; from a day, until a day
 *
 * A share is a whole number of units (certify/exposure_check.h), least and most: registers of
 * beneficial owners often give a band. What cannot be: an end before its beginning, a share above
 * all, more than all of a company's shares (or votes) held on one day, a party that owns itself
 * whole; such a register is refused with the line.
 *
 * Owns: parties, holdings and texts, from malloc. Never: decides what is blocked. */
#ifndef CY_MODELS_EXPOSURE_OWNERSHIP_H
#define CY_MODELS_EXPOSURE_OWNERSHIP_H

#include "base/date.h"
#include "certify/exposure_check.h"
#include "models/desk/desk.h"
#include "models/screen/chunks.h"

#define CY_PARTY_NONE UINT32_MAX
#define CY_OWNERSHIP_BYTES_MAX ((size_t)512 << 20)

enum cy_party_kind { CY_PARTY_UNKNOWN, CY_PARTY_PERSON, CY_PARTY_COMPANY, CY_PARTY_STATE };

struct cy_party {
    const char *id;
    const char *name; /* the id when no other is known */
    enum cy_party_kind kind;
    const char *country; /* "" unknown */
    cy_date founded;     /* 0 unknown */
    const char *isic;    /* what it does (class_code.h); "" unknown */
    uint32_t line;
};

struct cy_owned {
    struct cy_holding holding; /* its share is the least */
    uint64_t share_most;
    cy_date from;  /* 0: always */
    cy_date until; /* the first day it no longer is; 0: open */
    uint32_t line;
};

struct cy_ownership {
    struct cy_party *parties;
    size_t n_parties;
    size_t parties_cap;
    struct cy_owned *holdings;
    size_t n_holdings;
    size_t holdings_cap;
    uint32_t *index; /* party + 1 by id */
    uint32_t index_mask;
    struct cy_chunks chunks;
};

/* cy_ownership_party gives the party of an id, a new one when it is new (named by its id). Fails
 * with NO_MEMORY. cy_ownership_find: only one that is there, or CY_PARTY_NONE. */
CY_MUST_USE cy_err cy_ownership_party(struct cy_ownership *o, struct cy_span id, uint32_t line,
                                      uint32_t *party);
uint32_t cy_ownership_find(const struct cy_ownership *o, const char *id);

/* cy_ownership_named finds a party by its id, or else by its name without regard to case. *others
 * is how many have that name: above 1 it is ambiguous, and CY_PARTY_NONE is returned. */
uint32_t cy_ownership_named(const struct cy_ownership *o, const char *name, size_t *others);

CY_MUST_USE cy_err cy_ownership_name(struct cy_ownership *o, uint32_t party, struct cy_span name);
CY_MUST_USE cy_err cy_ownership_add(struct cy_ownership *o, const struct cy_owned *owned);

/* cy_ownership_check refuses what cannot be. Fails with MODEL_INPUT or NO_MEMORY. */
CY_MUST_USE cy_err cy_ownership_check(const struct cy_ownership *o, struct cy_desk_fault *fault);

void cy_ownership_free(struct cy_ownership *o);

static inline bool cy_owned_on(const struct cy_owned *owned, cy_date day)
{
    return (owned->from == 0 || owned->from <= day) && (owned->until == 0 || day < owned->until);
}

/* cy_share_read reads 25, 25%, 33.3333, 1/3: per cent of at most four decimals, or a fraction of
 * small whole numbers. Fails with BAD_TEXT (no such form), RANGE (above all), NOT_CANONICAL (not
 * exact in units). */
CY_MUST_USE cy_err cy_share_read(struct cy_span text, uint64_t *out);

/* cy_share_text writes 25%, 33.3333%, or 1/3 where per cent is not exact. */
void cy_share_text(struct cy_text *out, uint64_t share);

const char *cy_interest_name(enum cy_interest interest);

#endif

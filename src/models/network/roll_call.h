/* roll_call: recorded votes of many parties, and how often two of them voted alike.
 *
 *     rcid,date,AF,AL,DZ,...       one line a vote; 1 yes, 2 abstain, 3 no, empty: absent
 *     3501,1990-11-05,1,1,,...
 *
 * Agreement of two parties (Lijphart 1963): over the votes in which both took part, 1 when they
 * voted alike, one half when one of them abstained, 0 when one said yes and the other no. All
 * counts are whole numbers; agreement is in millionths.
 *
 * Owns: nothing; all stands in the desk's memory. */
#ifndef CY_MODELS_NETWORK_ROLL_CALL_H
#define CY_MODELS_NETWORK_ROLL_CALL_H

#include "base/date.h"
#include "models/desk/desk.h"

#define CY_ROLL_PARTIES_MAX 510u

struct cy_roll_calls {
    const char **parties;
    size_t n_parties;
    cy_date *dates; /* of each vote, ascending, whatever the order of the table */
    size_t n_votes;
    size_t words;   /* of a party's bits */
    uint64_t *bits; /* party x {yes, abstain, no} x words */
};

/* cy_roll_calls_read takes a table whose first columns are a number and a date. Fails with
 * MODEL_INPUT (no party, a date that is none, a vote that is none of 1 2 3),
 * NO_MEMORY. */
CY_MUST_USE cy_err cy_roll_calls_read(struct cy_desk *desk, const struct cy_csv *csv,
                                      struct cy_roll_calls *out, struct cy_desk_fault *fault);

/* cy_roll_calls_get reads the file that is named; noted. */
CY_MUST_USE cy_err cy_roll_calls_get(struct cy_desk *desk, const char *path, size_t most,
                                     struct cy_roll_calls *out);

/* cy_roll_calls_of_topic leaves in a table of roll calls those lines whose number another table
 * gives that topic: it has the columns rcid and issues, several issues parted by ';'. Fails with
 * MODEL_INPUT (a column is missing; no vote of that topic), NO_MEMORY. */
CY_MUST_USE cy_err cy_roll_calls_of_topic(struct cy_desk *desk, struct cy_csv *csv,
                                          const struct cy_csv *topics, const char *topic,
                                          struct cy_desk_fault *fault);

/* cy_roll_calls_range is the votes of dates from <= date < to (0: no bound). */
void cy_roll_calls_range(const struct cy_roll_calls *calls, cy_date from, cy_date to, size_t *first,
                         size_t *end);

/* What two parties, or a party with itself, did in a range. */
struct cy_roll_pair {
    uint32_t both;  /* votes in which both took part */
    uint32_t alike; /* of them alike */
    uint32_t half;  /* one abstained, the other did not */
};
struct cy_roll_pair cy_roll_calls_pair(const struct cy_roll_calls *calls, size_t a, size_t b,
                                       size_t first, size_t end);

/* cy_roll_agreement is in millionths; 0 when they never voted together. */
uint32_t cy_roll_agreement(const struct cy_roll_pair *pair);

#endif

/* sql_project: one projection of one ledger, taken up, made, and carried on.
 *
 *              +--- empty: made ---------------+
 *   opened ----+--- ours, and right -----------+--> chunk after chunk, each one transaction
 *      ^       +--- older, edited, damaged,       |   (entries, changed records, and how far)
 *      |            another history: moved        |
 *      |            aside and made anew           |
 *      +------- deleted, edited, damaged <--------+
 *                                                 `--> full disk, busy, no server: the same chunk
 *                                                      again, later
 *
 * The row of `projection` says how far it goes and is written in the same transaction as the rows,
 * so a projection that is cut off anywhere goes on at exactly its last transaction. Taking one up
 * replays the ledger to that size (from a snapshot when there is one), compares the tree root with
 * the one noted, and every record with the world.
 *
 * What is not a projection is never touched: SQL_FOREIGN; one of another ledger: SQL_OTHER.
 *
 * Owns: the database connection, the replay and the chunk. One thread. Never: waits. */
#ifndef CY_HOST_SQL_SQL_PROJECT_H
#define CY_HOST_SQL_SQL_PROJECT_H

#include "host/sql/sql_db.h"
#include "host/sql/sql_rows.h"
#include "host/sql/sql_verify.h"

#include <stdatomic.h>

struct cy_sql_project;

enum cy_sql_state {
    CY_SQL_STARTING,  /* opening, replaying, comparing */
    CY_SQL_FILLING,   /* behind the ledger */
    CY_SQL_FOLLOWING, /* all that is under the head is in it */
    CY_SQL_WAITING,   /* trouble: tried again later */
    CY_SQL_REFUSED    /* the operator has to decide */
};

struct cy_sql_progress {
    enum cy_sql_state state;
    uint64_t projected; /* entries in the database */
    uint64_t head;      /* entries under the signed head, as last read */
    uint64_t rows;      /* written by this object */
    uint32_t made;      /* how often it was made, anew or for the first time */
    cy_err err;         /* of the last step */
    char where[CY_SQL_WHY];
    char why[CY_SQL_WHY];  /* about err */
    char anew[CY_SQL_WHY]; /* why it was made anew last; empty: it was not */
};

struct cy_sql_project_options {
    const char *url;
    struct cy_sql_replay_options ledger;
    bool anew;            /* make it anew whatever is there (of ours) */
    size_t chunk_bytes;   /* of rows in one transaction, about; 0: 16 MB */
    bool few_indexes;     /* none of entries by id and postings by account: twice the speed */
    cy_time (*now)(void); /* wall clock, Unix ms */
};

/* cy_sql_project_new copies the options (texts are borrowed). NULL without memory. */
struct cy_sql_project *cy_sql_project_new(const struct cy_sql_project_options *options);
void cy_sql_project_free(struct cy_sql_project *project);

/* cy_sql_project_step does a piece of work: opens, or writes one chunk. more: there is work that
 * could be done at once. After a failure call it again later, if the kind of the error is not
 * refusal; progress says what happened. `stop` (may be NULL) ends a long replay with STOPPING. */
CY_MUST_USE cy_err cy_sql_project_step(struct cy_sql_project *project, const atomic_bool *stop,
                                       bool *more);

void cy_sql_project_progress(const struct cy_sql_project *project, struct cy_sql_progress *out);

/* cy_sql_check compares a whole projection, every row, with the ledger. checked is how many entries
 * it holds. Fails with SQL_EDITED, SQL_DAMAGED, SQL_VERSION (another version made it), SQL_OTHER,
 * as cy_sql_open and the replay. why: CY_SQL_WHY bytes. */
CY_MUST_USE cy_err cy_sql_check(const struct cy_sql_project_options *options, uint64_t *checked,
                                char why[static CY_SQL_WHY]);

/* cy_sql_state_word is the state in one word. */
const char *cy_sql_state_word(enum cy_sql_state state);

#endif

/* sheet: a proof too large to be judged at once, in parts that each can be refuted alone.
 *
 *      rows 0 ..    | rows ..n | columns 0 .. | columns ..m        parts of at most 20,000 bytes
 *      sum of a * x within bounds; multiplier y leans on a bound that is met
 *      columns: x within bounds; reduced cost leans on a bound that is met; running root of answers
 *
 * If every part holds by itself and no two contradict one another, the point x is feasible and, by
 * duality, no other is better: the conditions are those of certify/lp, of which each needs one row
 * or one column. So a false sheet has one part that fails, or two that disagree:
 *
 *      next to one another   where one ends and the other begins
 *      row part, column part the same x, y, and coefficient on both sides
 *      any two               the same sizes, and the same divisor of y
 *
 * A part, numbers big-endian, signed ones in two's complement:
 *      "cys" 1, kind (1 rows, 2 columns), u32 rows, u32 columns, i64 divisor of y, u32 first,
 *      u16 records; columns: u64 answers before, and the hashes of their frontier (merkle.h)
 *      record: flags (1 lower, 2 upper), i64 lower, i64 upper (0 where there is none),
 *              row: i64 y; column: i64 cost, i64 x; u16 entries, then each: u32 where, i64 a,
 *              row: i64 x; column: i64 y
 *
 * x are whole numbers. The value of least cost is asked for. Sums are of 127 bits; what does not
 * fit fails.
 *
 * Owns: nothing; integers only, no memory. */
#ifndef CY_CERTIFY_SHEET_H
#define CY_CERTIFY_SHEET_H

#include "base/bytes.h"

#define CY_SHEET_PART_MAX 20000u
#define CY_SHEET_PARTS_MAX 128u

enum cy_sheet_fault {
    CY_SHEET_HOLDS,
    CY_SHEET_LONG,    /* more than CY_SHEET_PART_MAX bytes */
    CY_SHEET_FORM,    /* not of the form, or out of its place in the sheet */
    CY_SHEET_ROW,     /* a row is not kept, or its multiplier leans on nothing */
    CY_SHEET_COLUMN,  /* the same of a column */
    CY_SHEET_ANSWER,  /* the answers are not those that were claimed */
    CY_SHEET_NEXT,    /* two parts do not join */
    CY_SHEET_DIFFERS, /* two parts say different things of one number */
};

/* What a part is held against: how hashing works stands above this floor. */
struct cy_sheet_tree {
    void *context;
    /* begins at a frontier of n_hashes roots of `before` leaves */
    bool (*begin)(void *context, uint64_t before, struct cy_span hashes);
    void (*add)(void *context, uint32_t column, uint64_t amount);
    /* says that what was added leads to the frontier that the next part begins with */
    bool (*meets)(void *context, uint64_t before, struct cy_span hashes);
    /* says that what was added leads to the claimed answer */
    bool (*ends)(void *context);
};

/* cy_sheet_part judges part number `at` of n. */
enum cy_sheet_fault cy_sheet_part(struct cy_span part, uint32_t at, uint32_t n,
                                  const struct cy_sheet_tree *tree);

/* cy_sheet_pair judges parts `a` < `b` against one another; each holds by itself. */
enum cy_sheet_fault cy_sheet_pair(struct cy_span part_a, uint32_t a, struct cy_span part_b,
                                  uint32_t b, const struct cy_sheet_tree *tree);

#endif

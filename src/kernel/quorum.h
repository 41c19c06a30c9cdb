/* quorum: who must have signed: nested groups of witnesses, counted by operator (M102).
 *
 *      witness w1 VKEY [URL]      group cells 5 w1 ... w7      group top all cells chambers
 *      #operator acme w1 w8       group chambers all ...       quorum top
 *
 * The C2SP policy form, byte for byte (SPEC/policy.md); lines that begin with # are comments to
 * stock tools, and "#operator NAME WITNESS..." says here that one operator runs those witnesses. A
 * witness that no such line names is run by an operator of its own name.
 *
 * Two quorums that met only in faulty operators could sign two histories. So the least intersection
 * of any two quorums, counted by distinct operators among the witnesses that stand in both, is
 * computed exactly: each name sits in one group, so the policy is a tree, and in a k-of-n group two
 * choices share at least 2k - n members: the cheapest ones. An operator with several witnesses is
 * paid for once: every set of such operators is tried, fewest first.
 *
 * Owns: the grammar and the count. Never: verifies a signature. */
#ifndef CY_KERNEL_QUORUM_H
#define CY_KERNEL_QUORUM_H

#include "kernel/evidence.h"

#include "base/text.h"

#define CY_QUORUM_NODES_MAX 192u /* witnesses and groups */
#define CY_QUORUM_TEXT_MAX 8192u /* bytes of a policy */
#define CY_QUORUM_REPEATED_MAX                                                                     \
    16u /* operators with several witnesses that can be counted exactly */
#define CY_QUORUM_NONE UINT32_MAX

/* A witness or a group. Members stand before their group. */
struct cy_quorum_node {
    struct cy_span name;
    struct cy_id key;        /* witness */
    struct cy_span signs_as; /* witness: the name in its vkey, which its signature lines bear */
    struct cy_span keeper;   /* witness: the name of its operator */
    uint32_t operator_of;    /* witness: its operator's number, the same for the same keeper */
    uint32_t need;           /* group: how many members; 0 in a witness */
    uint32_t n_members;
    uint32_t member; /* first member; CY_QUORUM_NONE */
    uint32_t next;   /* next member of the same group */
    bool grouped;    /* sits in a group */
};

/* Everything borrows from the text. */
struct cy_quorum {
    struct cy_quorum_node nodes[CY_QUORUM_NODES_MAX];
    uint32_t n;
    uint32_t n_operators;
    uint32_t root; /* CY_QUORUM_NONE: "quorum none" asks for nobody */
};

/* A set of nodes. */
struct cy_quorum_set {
    uint64_t bits[CY_QUORUM_NODES_MAX / 64];
};

static inline void cy_quorum_put(struct cy_quorum_set *set, uint32_t node)
{
    set->bits[node / 64] |= (uint64_t)1 << (node % 64);
}

static inline bool cy_quorum_in(const struct cy_quorum_set *set, uint32_t node)
{
    return (set->bits[node / 64] >> (node % 64) & 1) != 0;
}

/* cy_quorum_read parses a policy. Fails with TOO_LARGE, BAD_POLICY or BAD_KEY (detail: the line,
 * from 1; 0 when the quorum line is missing), QUORUM_COMPLEX (too many names). */
CY_MUST_USE cy_err cy_quorum_read(struct cy_span text, struct cy_quorum *out);

/* cy_quorum_witness finds the witness with this public key; CY_QUORUM_NONE when there is none. */
uint32_t cy_quorum_witness(const struct cy_quorum *quorum, const struct cy_id *key);

/* cy_quorum_met says that the witnesses of the set meet the policy. */
bool cy_quorum_met(const struct cy_quorum *quorum, const struct cy_quorum_set *signers);

/* cy_quorum_diversity counts the distinct operators of the set's witnesses. */
uint32_t cy_quorum_diversity(const struct cy_quorum *quorum, const struct cy_quorum_set *signers);

/* Two quorums that meet in as few operators as any two can. */
struct cy_quorum_meet {
    uint32_t least;
    struct cy_quorum_set a;
    struct cy_quorum_set b;
};

/* cy_quorum_meet finds them. Fails with QUORUM_COMPLEX when more than CY_QUORUM_REPEATED_MAX
 * operators run several of the witnesses. */
CY_MUST_USE cy_err cy_quorum_meet(const struct cy_quorum *quorum, struct cy_quorum_meet *out);

/* cy_quorum_explain writes the two sets and where they meet, in four lines, for whoever must be
 * told why a policy is refused. */
void cy_quorum_explain(const struct cy_quorum *quorum, const struct cy_quorum_meet *meet,
                       struct cy_text *out);

#endif

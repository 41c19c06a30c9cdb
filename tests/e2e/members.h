/* members: a federation of real daemons for end-to-end tests, founded by the real ceremony of
 * `comity federation`: each member has a directory, a signer and a comityd of its own; they reach
 * each other over TLS 1.3 with pinned keys.
 *
 *      members_new -> DIR/m0 .. m3 -> members_start -> enter, member_*, kill, start again
 */
#ifndef CY_TESTS_MEMBERS_H
#define CY_TESTS_MEMBERS_H

#include "cells.h"
#include "kernel/quorum.h"
#include "verify/trust.h"

#define MEMBERS_MAX 8u

struct members {
    struct cells *home;
    unsigned n;
    struct cell at[MEMBERS_MAX];
    struct cy_client *clients[MEMBERS_MAX];
    struct cy_id realm;
    void (*visit)(void *user, unsigned i);
    void *user;
    char policy[CY_QUORUM_TEXT_MAX + 1]; /* what the founders agreed on */
    struct cy_policy_trust trust;
};

/* What a test may want otherwise. */
struct members_options {
    const char *settings; /* further lines of every comityd.conf; may be NULL */
    const char *param;    /* NAME=N, one more parameter in the genesis; may be NULL */
    const char *trustee;  /* CHAMBER,VKEY,OPERATOR in the genesis; may be NULL */
    /* --listen of member i and its address for others; may be NULL: loopback */
    const char *(*address)(void *user, unsigned i);
    void *user;
    /* called before anything is asked of member i, or started there; may be NULL */
    void (*visit)(void *user, unsigned i);
    /* makes the directory of member i instead of `comity federation seat`, and later signs its copy
     * of the draft; may be NULL. False: an ordinary member. */
    bool (*own_seat)(void *user, const struct members *members, unsigned i);
    void (*own_sign)(void *user, unsigned i, const char *copy);
};

/* members_new holds the ceremony; nothing runs at the end. A height is opened every second when no
 * act waits. */
struct members *members_new(unsigned n, const struct members_options *options);
void members_free(struct members *members);

/* members_start starts all, and waits until they are ready; member_start one. */
void members_start(struct members *members);
void member_start(struct members *members, unsigned i);

/* member_figure is a number of GET /v1/federation; UINT64_MAX when it does not answer. */
uint64_t member_figure(struct members *members, unsigned i, const char *name);

/* member_say copies a text of GET /v1/federation; empty when it does not answer. */
void member_say(struct members *members, unsigned i, const char *name, char out[static 64]);

/* enter creates a passport through member i and waits until it is final: its proof leads to a head
 * that meets the policy. entered: the same without asserting; 0 when it was not answered so. */
uint64_t enter(struct members *members, unsigned i, unsigned number);
uint64_t entered(struct members *members, unsigned i, unsigned number);

/* has says whether the passport of this number stands in member i's ledger at the index. */
bool member_has(struct members *members, unsigned i, unsigned number, uint64_t index);

/* members_same waits until those of the mask have the same final head at least of this size, and
 * asserts that no two of them ever show different roots at one size. */
void members_same(struct members *members, unsigned mask, uint64_t size);

#endif

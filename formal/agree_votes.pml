/* agree_votes.pml: the safety of agreement (src/realm/agree.h) whatever timers and restarts do, for
 * SPIN.
 *
 * Only what is signed for a value is kept here. Timers may run out at any time, members may go to
 * any later round for no reason, restart as often as they like and lose what is not on disk; nil is
 * not written down, for it only ever forbids. Each step of agree.pml is a step of this or none:
 * every guard here is weaker than there. So what is never reached here is never reached there, and
 * more rounds can be searched.
 *
 * Members 0 to 2 are honest; member 3's vote counts wherever it does harm. Two decide differently
 * exactly when precommits of a quorum exist for two values, in whatever rounds: that is asserted.
 *
 *   -DROUNDS=3 -DFIRST=0..3, and the broken ones of agree.pml that are not about restarts */

#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef FIRST
#define FIRST 0
#endif
#ifdef BROKEN_QUORUM
#define QUORUM 2
#else
#define QUORUM 3
#endif
#ifdef BROKEN_TWICE
#define HARM 2
#else
#define HARM 1
#endif

#define NONE 0 /* also of rounds, which are kept as 1 + round */
#define A 1
#define B 2
#define proposer(r) ((FIRST + (r)) % 4)

byte prevote[ROUNDS * 3];
byte precommit[ROUNDS * 3];
byte prop[ROUNDS];
byte after[ROUNDS];

byte at[3]; /* 3 * round + 1 proposed there, + 2 prevoted, + 3 precommitted */
byte locked[3];
byte locked_v[3];
byte valid[3]; /* only of members whose turn is still to come */
byte valid_v[3];
bool used; /* A was named: only then B is */

#define prevotes(r, v) ((prevote[(r) * 3] == (v)) + (prevote[(r) * 3 + 1] == (v)) + \
                        (prevote[(r) * 3 + 2] == (v)))
#define precommits(r, v) ((precommit[(r) * 3] == (v)) + (precommit[(r) * 3 + 1] == (v)) + \
                          (precommit[(r) * 3 + 2] == (v)))
#define quorum(r, v) (prevotes(r, v) + HARM >= QUORUM)
#define decisive(r, v) (precommits(r, v) + HARM >= QUORUM)
#if ROUNDS == 2
#define decided(v) (decisive(0, v) || decisive(1, v))
#elif ROUNDS == 3
#define decided(v) (decisive(0, v) || decisive(1, v) || decisive(2, v))
#else
#define decided(v) (decisive(0, v) || decisive(1, v) || decisive(2, v) || decisive(3, v))
#endif

/* whether member i proposes in a round after r */
#define turn_after(i, r) ((r) + 1 + ((i) + 8 - (FIRST + (r) + 1) % 4) % 4 < ROUNDS)

#ifdef BROKEN_LOCK
#define free_to(v, w) true
#elif defined(BROKEN_OLD)
#define free_to(v, w) (locked[me] == NONE || locked_v[me] == (v) || (w) != NONE)
#else
#define free_to(v, w) (locked[me] == NONE || locked_v[me] == (v) || \
                       ((w) != NONE && locked[me] <= (w)))
#endif
#ifdef BROKEN_WORD
#define shown(v, w) true
#else
#define shown(v, w) ((w) == NONE || quorum((w) - 1, v))
#endif
#define me _pid
#define named(v) ((v) == A || used)

inline prevote_for(r, v)
{
    used = true;
    prevote[(r) * 3 + me] = v;
    at[me] = 3 * (r) + 2
}

/* 22, 28: v is proposed by the traitor, resting on the quorum of round w - 1, or on none */
#define LIED_TO(r, v, w)                                                                         \
    :: atomic { (w) <= (r) && proposer(r) == 3 && at[me] < 3 * (r) + 2 && named(v) &&            \
                free_to(v, w) && shown(v, w) -> prevote_for(r, v) }

#define IN_ROUND_FOR(r, v)                                                                       \
    /* 36: lock */                                                                               \
    :: atomic { at[me] < 3 * (r) + 3 && quorum(r, v) && named(v) ->                              \
                precommit[(r) * 3 + me] = v;                                                     \
                at[me] = 3 * (r) + 3;                                                            \
                locked[me] = (r) + 1;                                                            \
                locked_v[me] = v;                                                                \
                if                                                                               \
                :: turn_after(me, r) -> valid[me] = (r) + 1; valid_v[me] = v                     \
                :: else -> valid[me] = NONE; valid_v[me] = NONE                                  \
                fi;                                                                              \
                assert(!(decided(A) && decided(B))) }                                            \
    /* 36: too late to lock */                                                                   \
    :: atomic { turn_after(me, r) && at[me] < 3 * (r) + 4 && valid[me] < (r) + 1 &&              \
                quorum(r, v) && named(v) ->                                                      \
                valid[me] = (r) + 1; valid_v[me] = v }                                           \
    LIED_TO(r, v, 0)

#define IN_ROUND(r)                                                                              \
    /* 11-21 */                                                                                  \
    :: atomic { proposer(r) == me && at[me] < 3 * (r) + 1 && valid[me] <= (r) ->                 \
                at[me] = 3 * (r) + 1;                                                            \
                if                                                                               \
                :: valid[me] != NONE -> prop[r] = valid_v[me]; after[r] = valid[me]              \
                :: valid[me] == NONE -> prop[r] = A; used = true                                 \
                :: valid[me] == NONE && used -> prop[r] = B                                      \
                fi;                                                                              \
                if                                                                               \
                :: turn_after(me, r)                                                             \
                :: else -> valid[me] = NONE; valid_v[me] = NONE                                  \
                fi }                                                                             \
    /* 22, 28 */                                                                                 \
    :: atomic { prop[r] != NONE && at[me] < 3 * (r) + 2 && free_to(prop[r], after[r]) &&         \
                shown(prop[r], after[r]) -> prevote_for(r, prop[r]) }                            \
    IN_ROUND_FOR(r, A)                                                                           \
    IN_ROUND_FOR(r, B)

active [3] proctype member()
{
    do
    IN_ROUND(0)
    IN_ROUND(1)
    LIED_TO(1, A, 1)
    LIED_TO(1, B, 1)
#if ROUNDS > 2
    IN_ROUND(2)
    LIED_TO(2, A, 1)
    LIED_TO(2, B, 1)
    LIED_TO(2, A, 2)
    LIED_TO(2, B, 2)
#endif
#if ROUNDS > 3
    IN_ROUND(3)
    LIED_TO(3, A, 1)
    LIED_TO(3, B, 1)
    LIED_TO(3, A, 2)
    LIED_TO(3, B, 2)
    LIED_TO(3, A, 3)
    LIED_TO(3, B, 3)
#endif
    /* a restart: what was valid is forgotten, the lock is not */
    :: atomic { valid[me] != locked[me] && valid[me] != NONE ->
                valid[me] = locked[me]; valid_v[me] = locked_v[me] }
    od
}

/* agree.pml: how members agree on one value for one height (src/realm/agree.h), for SPIN.
 *
 * Four members of equal weight. Members 0 to 2 are honest, member 3 is a traitor who says whatever
 * it likes, to each something else. What an honest member signed stands in `said` and `prop`; the
 * network may lose it, delay it, double and reorder it: a member may at any time have heard any part
 * of it. A rule of the algorithm may therefore fire when some part of what was ever said satisfies
 * it. The traitor needs no state: its vote counts as what is most harmful, each time anew. That is
 * more than any real traitor can do (agree.c keeps its first vote), so what holds here holds there.
 *
 * Numbers of lines are those of algorithm 1 in arXiv 1807.04938. Rounds are bounded by ROUNDS.
 *
 *   -DROUNDS=3     rounds 0, 1, 2; up to 3, or 6
 *   -DFIRST=0..3   who proposes in round 0; then the next ones in order
 *   -DRESTARTS=1   how often members lose what is not on disk, all together
 *   -DTRAIL        prints what a trail means for the real code: see `tell` below
 *   -DQUIET        leaves out what no short counter-example needs: a search for one only
 *   -DTRAITORS=2   one more than is assumed: shows that the bound is tight
 *   -DTRACE        a trace of the real code decides who acts (formal/trace.awk): see `told` below
 *   -DLIVE         liveness: see `calm` below
 *
 * Deliberately broken, each found by SPIN (formal/mutants has the same breaks of the real code):
 *   -DBROKEN_QUORUM    half of the members are a quorum
 *   -DBROKEN_LOCK      who is locked prevotes for another value
 *   -DBROKEN_OLD       a quorum older than the lock lets it go
 *   -DBROKEN_WORD      the proposer's word that there was a quorum is believed
 *   -DBROKEN_TWICE     a second vote of the same member counts beside the first
 *   -DBROKEN_RESTART   a restarted member forgets its lock
 *   -DBROKEN_KEY       a restarted member's key forgets what it signed
 *   -DBROKEN_TIMER     precommits for this and that start no timer (with -DLIVE) */

#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef FIRST
#define FIRST 0
#endif
#ifndef RESTARTS
#define RESTARTS 0
#endif
#ifndef TRAITORS
#define TRAITORS 1
#endif

#define HONEST (4 - TRAITORS)
#define TRAITOR HONEST /* the first of them */
#ifdef BROKEN_QUORUM
#define QUORUM 2
#else
#define QUORUM 3
#endif
#ifdef BROKEN_TWICE
#define HARM (2 * TRAITORS) /* what a traitor adds to a count */
#else
#define HARM TRAITORS
#endif

#define NIL 1 /* values are bits: a forgetful key may sign several */
#define A 2
#define B 4
#define NONE 0 /* of rounds too: they are kept as 1 + round */

#define PROPOSE 0
#define PREVOTE 1
#define PRECOMMIT 2

#ifdef TRACE
byte first;
#define proposer(r) ((first + (r)) % 4)
#else
#define proposer(r) ((FIRST + (r)) % 4)
#endif

/* what honest members signed */
byte said[2 * ROUNDS * HONEST]; /* prevotes, precommits */
#define vote(s, r, i) said[(((s) - 1) * ROUNDS + (r)) * HONEST + (i)]
byte prop[ROUNDS];  /* value, NONE: nothing */
byte after[ROUNDS]; /* 1 + the round its quorum was in */

/* where they stand */
byte round[HONEST];
byte step[HONEST];
byte locked[HONEST]; /* 1 + round */
byte locked_v[HONEST];
byte valid[HONEST];
byte valid_v[HONEST];
byte decided[HONEST];

byte restarts;
bool used; /* A was named: only then B is, for it does not matter which is which */

/* --- counting --- */

#if TRAITORS == 1
#define votes(s, r, v) (((vote(s, r, 0) & (v)) != 0) + ((vote(s, r, 1) & (v)) != 0) + \
                        ((vote(s, r, 2) & (v)) != 0))
#else
#define votes(s, r, v) (((vote(s, r, 0) & (v)) != 0) + ((vote(s, r, 1) & (v)) != 0))
#endif
#define heard_from(s, r) votes(s, r, NIL | A | B)
#define quorum(s, r, v) (votes(s, r, v) + HARM >= QUORUM)
#define any_quorum(s, r) (heard_from(s, r) + HARM >= QUORUM)

/* 55: somebody honest spoke in this round or later; the traitor is anywhere */
#if TRAITORS == 1
#define spoke(r) (last[0] > (r) || last[1] > (r) || last[2] > (r))
#else
#define spoke(r) true
#endif
byte last[HONEST]; /* 1 + the last round in which each signed anything */

/* --- a trail as a scenario for the real code: what each member hears, and from whom --- */

#ifdef TRAIL
inline tell(i, s, r, v)
{
    d_step {
        n = 0;
        do
        :: n < HONEST ->
            if
            :: vote(s, r, n) & (v) -> printf("@ hear %d %d %d %d %d\n", i, n, s, r, v)
            :: else
            fi;
            n++
        :: else -> break
        od;
        n = votes(s, r, v);
        do
        :: n < QUORUM ->
            printf("@ lie %d %d %d %d %d 0\n", i, TRAITOR + n % TRAITORS, s, r, v);
            n++
        :: else -> break
        od;
        n = 0
    }
}
/* Of any votes; where the traitor's is needed too, it says nil. */
inline tell_any(i, s, r)
{
    d_step {
        n = 0;
        do
        :: n < HONEST ->
            if
            :: vote(s, r, n) -> printf("@ hear %d %d %d %d 0\n", i, n, s, r)
            :: else
            fi;
            n++
        :: else -> break
        od;
        n = heard_from(s, r);
        do
        :: n < QUORUM ->
            printf("@ lie %d %d %d %d %d 0\n", i, TRAITOR + n % TRAITORS, s, r, NIL);
            n++
        :: else -> break
        od;
        n = 0
    }
}
inline tell_ahead(i, r)
{
    d_step {
        printf("@ lie %d %d 1 1000 1 0\n", i, TRAITOR);
        n = 0;
        do
        :: n < HONEST ->
            printf("@ hear %d %d 0 %d 0\n@ hear %d %d 1 %d 0\n", i, n, r, i, n, r);
            printf("@ hear %d %d 2 %d 0\n", i, n, r);
            n++
        :: else -> break
        od;
        n = 0
    }
}
#define trail3(t, x, y, z) printf(t, x, y, z)
#define trail5(t, x, y, z, v, w) printf(t, x, y, z, v, w)
#else
inline tell(i, s, r, v) { skip }
inline tell_any(i, s, r) { skip }
inline tell_ahead(i, r) { skip }
#define trail3(t, x, y, z) skip
#define trail5(t, x, y, z, v, w) skip
#endif

/* --- what a member does --- */

/* Its key signs one vote of each step and round, and gives that one out again. */
inline sign(i, s, v)
{
    if
#ifdef BROKEN_KEY
    :: true -> vote(s, round[i], i) = vote(s, round[i], i) | (v);
               /* else somebody honest is slashed */
               assert(vote(s, round[i], i) == (v))
#else
    :: vote(s, round[i], i) == NONE -> vote(s, round[i], i) = v
    :: else
#endif
    fi;
    last[i] = round[i] + 1
}

/* 11 */
inline enter(i, r)
{
    round[i] = r;
    step[i] = PROPOSE
}

/* 14-19: now or later, or never: there may be nothing to offer, or the key may not answer */
inline offer(i, r)
{
    if
    :: valid[i] != NONE -> prop[r] = valid_v[i]; after[r] = valid[i]
    :: valid[i] == NONE -> prop[r] = A; used = true
    :: valid[i] == NONE && used -> prop[r] = B
    fi;
    last[i] = r + 1;
    trail3("@ offer %d %d %d\n", i, r, prop[r])
}

#ifdef BROKEN_LOCK
#define free_to(i, v, w) true
#elif defined(BROKEN_OLD)
#define free_to(i, v, w) (locked[i] == NONE || locked_v[i] == (v) || (w) != NONE)
#else
#define free_to(i, v, w) (locked[i] == NONE || locked_v[i] == (v) || \
                          ((w) != NONE && locked[i] <= (w)))
#endif
#ifdef BROKEN_WORD
#define shown(i, v, w) true
#else
#define shown(i, v, w) ((w) == NONE || quorum(PREVOTE, (w) - 1, v))
#endif

/* 22, 28: v is proposed to i, resting on the quorum of round w - 1, or on none */
inline answer(i, v, w)
{
    if
    :: (w) != NONE && shown(i, v, w) && quorum(PREVOTE, (w) - 1, v) ->
        tell(i, PREVOTE, (w) - 1, v)
    :: else
    fi;
    if
    :: free_to(i, v, w) -> sign(i, PREVOTE, v)
    :: else -> sign(i, PREVOTE, NIL)
    fi;
    step[i] = PREVOTE
}

/* 36: a quorum prevoted v in the present round */
inline take_quorum(i, v)
{
    tell(i, PREVOTE, round[i], v);
    valid[i] = round[i] + 1;
    valid_v[i] = v;
    if
    :: step[i] == PREVOTE ->
        locked[i] = round[i] + 1;
        locked_v[i] = v;
        sign(i, PRECOMMIT, v);
        step[i] = PRECOMMIT
    :: else
    fi
}

/* Safety: no two honest members decide differently. */
inline decide(i, r, v)
{
    tell(i, PRECOMMIT, r, v);
    decided[i] = v;
    n = 0;
    do
    :: n < HONEST ->
        assert(decided[n] == NONE || decided[n] == v);
        n++
    :: else -> break
    od;
    n = 0
}

/* What only memory held is gone; round and lock are on disk (cy_agree_restore). */
inline restart(i)
{
    trail3("@ restart %d %d %d\n", i, 0, 0);
#ifdef TRACE
    again = false;
#else
    restarts++;
#endif
#ifdef BROKEN_RESTART
    locked[i] = NONE;
    locked_v[i] = NONE;
#endif
    valid[i] = locked[i];
    valid_v[i] = locked_v[i];
    if
    :: last[i] == NONE -> enter(i, 0)
    :: else -> n = last[i] - 1; enter(i, n); n = 0
    fi
}

#ifdef TRACE
byte told = 255; /* who acts now: decided by the trace */
byte until;      /* the round it does not leave */
bool again;      /* it restarts */
#define my_turn(i) (told == i && !again && round[i] <= until)
#define may_restart (again && told == me)
#define named(v) true
#else
#define my_turn(i) true
#define may_restart (decided[me] == NONE && restarts < RESTARTS)
#define named(v) ((v) == A || used)
#endif

/* Liveness. Up to some moment in rounds 0 to RESTLESS the network is as bad as it likes. From then on whatever
 * was said arrives before any timer runs out: a timer may only run out when nobody can do anything
 * else (`timeout`), and timers run out in the order of rounds and steps: all of one length, none is
 * overtaken by one that was set later. The traitor goes on as before. Every step adds to what was said or done, so no
 * run is endless: that SPIN finds no end of a run in which somebody honest has not decided means
 * that all of them always decide, in the rounds that are left. No fairness is needed beyond that
 * something goes on when something can. */
#ifdef LIVE
bool calm;
#define stands(i) (decided[i] != NONE -> 255 : round[i] * 3 + step[i])
#define first_of_all(i) (stands(i) <= stands(0) && stands(i) <= stands(1) && stands(i) <= stands(2))
#define rings(i) (!calm || (timeout && first_of_all(i)))
#ifdef BROKEN_TIMER
#define may_leave false
#else
#define may_leave (calm || round[me] < RESTLESS)
#endif
#else
#define rings(i) true
#define may_leave true
#endif
#ifndef RESTLESS
#define RESTLESS 0
#endif

#define me _pid
#define may(what) my_turn(me) && decided[me] == NONE && (what)

/* Each rule for each value and round: they stand apart, so that a guard is whole. */

/* 22, 28: the traitor proposes v to this member, resting on the quorum of round w - 1 */
#define LIED_TO(v, w)                                                                            \
    :: atomic { may(step[me] == PROPOSE && proposer(round[me]) >= TRAITOR && named(v) &&          \
                (w) <= round[me] && shown(me, v, w)) ->                                          \
                used = true;                                                                     \
                trail5("@ lie %d %d 0 %d %d %d\n", me, TRAITOR, round[me], v, w);                \
                answer(me, v, w) }

/* 49: a quorum precommitted v in round r */
#define DECIDED(v, r)                                                                            \
    :: atomic { may(quorum(PRECOMMIT, r, v) && named(v)) -> decide(me, r, v) }

/* a certificate of round r whose value is not here yet leads there, but begins nothing */
#ifdef QUIET
#define SHOWN(v, r)
#define skips false
#define late false
#else
#define skips true
#define late true
#define SHOWN(v, r) :: atomic { may(round[me] < (r) && quorum(PRECOMMIT, r, v)) -> round[me] = r }
#endif

/* 55 */
#define LATER(r)                                                                                 \
    :: atomic { may(skips && round[me] < (r) && spoke(r)) -> tell_ahead(me, r); enter(me, r) }             \
    SHOWN(A, r)                                                                                  \
    SHOWN(B, r)
#define LOCKED(v)                                                                                \
    :: atomic { may((step[me] == PREVOTE || (late && step[me] == PRECOMMIT)) && valid[me] != round[me] + 1 && named(v) &&             \
                quorum(PREVOTE, round[me], v)) -> take_quorum(me, v) }

#define ONE(v) LIED_TO(v, 0) DECIDED(v, 0)
#if ROUNDS > 1
#define TWO(v) LIED_TO(v, 1) DECIDED(v, 1)
#define TO_TWO LATER(1)
#else
#define TWO(v)
#define TO_TWO
#endif
#if ROUNDS > 2
#define THREE(v) LIED_TO(v, 2) DECIDED(v, 2)
#define TO_THREE LATER(2)
#else
#define THREE(v)
#define TO_THREE
#endif
#if ROUNDS > 3
#define MORE(v) LIED_TO(v, 3) DECIDED(v, 3) LIED_TO(v, 4) DECIDED(v, 4) LIED_TO(v, 5) DECIDED(v, 5)
#define TO_MORE LATER(3) LATER(4) LATER(5)
#else
#define MORE(v)
#define TO_MORE
#endif

active [HONEST] proctype member()
{
    byte n;

    do
    :: atomic { may(step[me] == PROPOSE && proposer(round[me]) == me && prop[round[me]] == NONE) ->
                offer(me, round[me]) }
    /* 57: nothing, or nothing good, was proposed in time */
    :: atomic { may(step[me] == PROPOSE && rings(me)) ->
                trail3("@ timeout %d %d %d\n", me, PROPOSE, round[me]);
                sign(me, PREVOTE, NIL); step[me] = PREVOTE }
    /* 44, 61: a quorum prevoted nil, or this and that */
    :: atomic { may(step[me] == PREVOTE && any_quorum(PREVOTE, round[me]) && rings(me)) ->
                tell_any(me, PREVOTE, round[me]);
                trail3("@ timeout %d %d %d\n", me, PREVOTE, round[me]);
                sign(me, PRECOMMIT, NIL); step[me] = PRECOMMIT }
    /* 65: a quorum precommitted this and that */
    :: atomic { may(round[me] + 1 < ROUNDS && any_quorum(PRECOMMIT, round[me]) && may_leave &&
                    rings(me)) ->
                tell_any(me, PRECOMMIT, round[me]);
                trail3("@ timeout %d %d %d\n", me, PRECOMMIT, round[me]);
                n = round[me] + 1; enter(me, n); n = 0 }
    /* 22, 28: an honest member proposed */
    :: atomic { may(step[me] == PROPOSE && prop[round[me]] != NONE &&
                    shown(me, prop[round[me]], after[round[me]])) ->
                trail5("@ hear %d %d 0 %d %d\n", me, proposer(round[me]), round[me], prop[round[me]], 0);
                answer(me, prop[round[me]], after[round[me]]) }
    :: atomic { may_restart -> restart(me) }
    LOCKED(A)
    LOCKED(B)
    ONE(A) ONE(B) TWO(A) TWO(B) THREE(A) THREE(B) MORE(A) MORE(B)
    TO_TWO TO_THREE TO_MORE
#ifndef TRACE
    :: decided[me] != NONE -> break
#endif
    od
}

#ifdef LIVE
active proctype weather()
{
    calm = true
}
#endif

#ifdef TRACE
/* The trace is a path of this model when SPIN comes to its end: member i alone moves until it
 * stands as the real one stood. */
inline expect(i, r, s, l, lv, w, wv, d, p, c)
{
    atomic {
        told = i;
        until = r
    }
    atomic {
        round[i] == r && step[i] == s && locked[i] == l && locked_v[i] == lv && valid[i] == w &&
            valid_v[i] == wv && decided[i] == d && vote(PREVOTE, r, i) == p &&
            vote(PRECOMMIT, r, i) == c;
        told = 255
    }
}
/* The next trace: everything as at the beginning. */
inline begun(f)
{
    atomic {
        first = f;
        used = true;
        x = 0;
        do
        :: x < 2 * ROUNDS * HONEST -> said[x] = NONE; x++
        :: else -> break
        od;
        x = 0;
        do
        :: x < ROUNDS -> prop[x] = NONE; after[x] = NONE; x++
        :: else -> break
        od;
        x = 0;
        do
        :: x < HONEST ->
            round[x] = 0; step[x] = PROPOSE; locked[x] = NONE; locked_v[x] = NONE;
            valid[x] = NONE; valid_v[x] = NONE; decided[x] = NONE; last[x] = NONE;
            x++
        :: else -> break
        od;
        x = 0
    }
}
inline restarted(i)
{
    atomic {
        told = i;
        again = true
    }
    !again
}
#include "trace.inc"
#endif

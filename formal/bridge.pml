/* bridge.pml: units that cross a bridge (src/kernel/packet.h, voucher.h), for SPIN.
 *
 * The source sends one packet or two (-DPACKETS=3) of one unit each, its own asset. The destination issues vouchers for
 * what it receives and may send one home. Each realm records roots (its commitments, its receipts,
 * its time) whenever it likes; a relayer shows them to the other, late, leaving some out, and brings
 * any act again, in any order, under any root that the other still keeps (KEPT of them). Clocks of
 * the realms have nothing in common but that each only goes forward.
 *
 * Safety, after every step: the source's units are where its books say; vouchers in the destination
 * are never more than escrow stands for; no packet is both received and returned, and none is
 * received twice. End: while both bridges stand open or are unwound, nothing is under way for ever
 * (a state without a step has no open packet).
 *
 *   -DUNWIND   the source's bridge may be frozen; guardians close what is under way, by the truth
 *
 * Deliberately broken:
 *   -DBROKEN_CLOCK     the timeout is judged by the source's clock
 *   -DBROKEN_ACK       an acknowledgement is believed without proof
 *   -DBROKEN_ABSENCE   absence at a root recorded before the timeout returns the units
 *   -DBROKEN_LATE      the destination receives after the timeout
 *   -DBROKEN_CLOSED    a closed packet is acknowledged again
 *   -DBROKEN_FORGET    a receipt is forgotten under a root older than the one it was received under
 *   -DBROKEN_OLD_ROOT  a packet is received under a root older than one that showed it closed
 *   -DBROKEN_GUARDS    guardians return what may still be received */

#ifndef PACKETS
#define PACKETS 2
#endif
#define HOME (PACKETS - 1) /* a voucher that goes home; the others come from the source */
#define KEPT 2
#ifndef TIMES
#define TIMES 3
#endif

#define NONE 0
#define OPEN 1
#define CLOSED 2
#define DONE 1
#define REFUSED 2

#define from(p) ((p) == HOME) /* realm 0 is the source, 1 the destination */
#define to(p) ((p) != HOME)

byte sent[PACKETS];    /* NONE, OPEN, CLOSED, where it comes from */
byte receipt[PACKETS]; /* NONE, DONE, REFUSED, where it goes */
byte timeout_[PACKETS];
byte clock[2];

/* books of the source; vouchers of the destination */
byte free = 2;
byte in_flight;
byte abroad;
byte vouchers;
byte vouchers_flying;

/* what was ever done, for what is promised only */
bool received[PACKETS];
bool returned[PACKETS];

/* Roots: commitments that stand, receipts, time; [2 * realm] is the last recorded, and
 * known[KEPT * realm + k] are those that the realm keeps of the other, newest first. */
typedef root {
    bool there;
    bool old; /* below the newest that something was received or forgotten under */
    byte at;
    byte sent[PACKETS];    /* OPEN or NONE */
    byte receipt[PACKETS]; /* of packets from the other */
}
root last[2];
root known[2 * KEPT];
bool fresh[2]; /* the last root of a realm was not shown yet */
bool frozen;

#define k(me, n) known[KEPT * (me) + (n)]
#define heard(me) k(me, 0).at

inline promised()
{
    assert(free + in_flight + abroad == 2);
    assert(vouchers + (sent[HOME] == OPEN && !received[HOME]) <= abroad + in_flight)
}

inline record(me)
{
    d_step {
        last[me].there = true;
        fresh[me] = true;
        last[me].at = clock[me];
        n = 0;
        do
        :: n < PACKETS ->
            last[me].sent[n] = (from(n) == me && sent[n] == OPEN -> OPEN : NONE);
            last[me].receipt[n] = (to(n) == me -> receipt[n] : NONE);
            n++
        :: else -> break
        od;
        n = 0
    }
}

inline copy(to_, from_)
{
    to_.there = from_.there;
    to_.old = from_.old;
    to_.at = from_.at;
    to_.sent[0] = from_.sent[0];
    to_.sent[1] = from_.sent[1];
    to_.receipt[0] = from_.receipt[0];
    to_.receipt[1] = from_.receipt[1];
#if PACKETS > 2
    to_.sent[2] = from_.sent[2];
    to_.receipt[2] = from_.receipt[2];
#endif
}

/* me hears the other's last root */
inline learn(me)
{
    d_step {
        copy(k(me, 1), k(me, 0));
        copy(k(me, 0), last[1 - (me)]);
        fresh[1 - (me)] = false
    }
}

inline send(p)
{
    if
    :: p != HOME -> free--; in_flight++
    :: else -> vouchers--; vouchers_flying++
    fi;
    sent[p] = OPEN;
    /* beyond what was heard of the other's time */
    if
    :: timeout_[p] = heard(from(p)) + 1
    :: heard(from(p)) + 2 <= TIMES -> timeout_[p] = heard(from(p)) + 2
    fi
}

inline give_back(p)
{
    assert(!received[p]);
    returned[p] = true;
    sent[p] = CLOSED;
    if
    :: p != HOME -> in_flight--; free++
    :: else -> vouchers_flying--; vouchers++
    fi
}

inline landed(p)
{
    assert(received[p]); /* else the units are lost */
    sent[p] = CLOSED;
    if
    :: p != HOME -> in_flight--; abroad++
    :: else -> vouchers_flying--
    fi
}

inline receive(p)
{
    assert(!received[p] && !returned[p]);
    received[p] = true;
    receipt[p] = DONE;
    if
    :: p != HOME -> vouchers++
    :: else -> assert(abroad > 0); abroad--; free++
    fi
}

inline no_older(me, n)
{
    if
    :: n == 0 -> k(me, 1).old = true
    :: else
    fi
}

#ifdef BROKEN_CLOCK
#define over(p, r) (clock[from(p)] >= timeout_[p])
#elif defined(BROKEN_ABSENCE)
#define over(p, r) true
#else
#define over(p, r) (r.at >= timeout_[p])
#endif
#ifdef BROKEN_LATE
#define in_time(p) true
#else
#define in_time(p) (clock[to(p)] < timeout_[p])
#endif
#ifdef BROKEN_ACK
#define proven(p, r) true
#else
#define proven(p, r) (r.receipt[p] == DONE)
#endif
#ifdef BROKEN_CLOSED
#define to_close(p) (sent[p] != NONE)
#else
#define to_close(p) (sent[p] == OPEN)
#endif
#ifdef BROKEN_FORGET
#define after_receipt(me, r) true
#else
#define after_receipt(me, r) (!r.old)
#endif
#ifdef BROKEN_OLD_ROOT
#define not_forgotten(me, r) true
#else
#define not_forgotten(me, r) (!r.old)
#endif

/* What may be brought for packet p under root r that the realm it concerns keeps. */
#define UNDER(p, n)                                                                              \
    :: atomic { receipt[p] == NONE && in_time(p) && k(to(p), n).sent[p] == OPEN &&               \
                not_forgotten(to(p), k(to(p), n)) && (p != HOME || abroad > 0) ->                \
                if                                                                               \
                :: receive(p)                                                                    \
                :: receipt[p] = REFUSED /* never can be carried out */                           \
                fi;                                                                              \
                no_older(to(p), n);                                                              \
                promised() }                                                                     \
    :: atomic { to_close(p) && proven(p, k(from(p), n)) -> landed(p); promised() }               \
    :: atomic { to_close(p) && k(from(p), n).receipt[p] == REFUSED -> give_back(p); promised() } \
    :: atomic { to_close(p) && k(from(p), n).receipt[p] == NONE && k(from(p), n).there &&   \
                over(p, k(from(p), n)) -> give_back(p); promised() }                             \
    :: atomic { receipt[p] != NONE && k(to(p), n).there && k(to(p), n).sent[p] == NONE &&   \
                after_receipt(to(p), k(to(p), n)) ->                                             \
                receipt[p] = NONE;                                                               \
                no_older(to(p), n) }

/* Something about this realm changed since its last root: else one more root tells nothing. */
#define same(me, p)                                                                              \
    (last[me].sent[p] == (from(p) == me && sent[p] == OPEN -> OPEN : NONE) &&                    \
     last[me].receipt[p] == (to(p) == me -> receipt[p] : NONE))
#if PACKETS > 2
#define all_same(me) (same(me, 0) && same(me, 1) && same(me, 2))
#else
#define all_same(me) (same(me, 0) && same(me, 1))
#endif
#define changed(me) (!last[me].there || last[me].at != clock[me] || !all_same(me))

active proctype world()
{
    byte n;

    do
    :: atomic { clock[0] < TIMES -> clock[0]++ }
    :: atomic { clock[1] < TIMES -> clock[1]++ }
    :: atomic { changed(0) -> record(0) }
    :: atomic { changed(1) -> record(1) }
    :: atomic { fresh[1] -> learn(0) }
    :: atomic { fresh[0] -> learn(1) }
    :: atomic { sent[0] == NONE && !frozen && heard(0) < TIMES -> send(0) }
#if PACKETS > 2
    :: atomic { sent[1] == NONE && sent[0] != NONE && !frozen && heard(0) < TIMES -> send(1) }
    UNDER(1, 0)
    UNDER(1, 1)
#endif
    :: atomic { sent[HOME] == NONE && vouchers > 0 && heard(1) < TIMES -> send(HOME) }
    UNDER(0, 0)
    UNDER(0, 1)
    UNDER(HOME, 0)
    UNDER(HOME, 1)
#ifdef UNWIND
    :: atomic { !frozen -> frozen = true }
    /* guardians: done if it was received; returned if it was not, and can be no more */
    :: atomic { frozen && sent[0] == OPEN && received[0] -> landed(0); promised() }
    :: atomic { frozen && sent[0] == OPEN && !received[0] &&
#ifndef BROKEN_GUARDS
                clock[1] >= timeout_[0] &&
#endif
                true -> give_back(0); promised() }
#endif
    /* nothing is left to do: nothing is under way */
    :: timeout -> assert(sent[0] != OPEN && sent[1] != OPEN && sent[HOME] != OPEN); break
    od
}

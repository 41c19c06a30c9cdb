/* replay: members of agreement (src/realm/agree.h) under what a SPIN trail says, or under chance.
 *
 *     replay SCENARIO             plays it; prints each broken promise; exit 1 when there is one
 *     replay --shrink SCENARIO    prints the lines that the first broken promise needs
 *     replay --trace FROM TO      plays chance; prints traces that formal/trace.sh gives to SPIN
 *     replay --seeds FROM TO      plays chance many times, for the promises only
 *
 * --forget lock: a restarted member is not told its lock. --forget votes: its key remembers
 * nothing. Both are breaks of what stands around agree.c; breaks of agree.c itself are compiled in
 * (formal/mutants.txt).
 *
 * Lines of a scenario, as agree.pml prints them (members, steps 0 propose 1 prevote 2 precommit,
 * rounds, values 1 nil 2 A 4 B):
 *     members HONEST FIRST     how many are honest; who proposes in round 0
 *     hear I J S R V           I hears what honest J signed for V (0: whatever); if it did
 *     lie I J S R V W          I hears a traitor's vote; W: 1 + the round its proposal rests on, or
 * 0 offer I R V              a value for I to propose, if it asked for one in that round timeout I
 * S R            if I asked for that timer restart I
 *
 * What is promised, checked here without any code of agree.c: honest members decide the same; a
 * decision has precommits of more than two thirds; no honest key signs two different votes of one
 * step; nobody honest is convicted. */
#include "realm/agree.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMBERS 4u
#define ROUNDS 6u /* chance stays below */
#define VOTES_MAX 512u
#define LINES_MAX 2000u
#define QUEUE_MAX 64u

struct signed_vote {
    uint32_t member;
    struct cy_vote vote;
};

struct member {
    struct cy_agree agree;
    bool started;
    bool offered;           /* a value is asked for */
    bool timers[ROUNDS][3]; /* asked for, by CY_VOTE_ step */
    bool knows[2];          /* the content of A, of B */
    struct cy_vote last;    /* its key's memory */
    bool has_last;          /* ... */
    uint32_t locked_round;  /* on its disk */
    struct cy_id locked;    /* ... */
    char shown[96];         /* its trace so far ends so */
};

static const struct cy_agree_member weights_[MEMBERS] = {
    {.weight = 1}, {.weight = 1}, {.weight = 1}, {.weight = 1}};
static struct member members_[MEMBERS];
static uint32_t honest_;
static uint64_t height_;
static struct signed_vote said_[VOTES_MAX]; /* by honest members */
static uint32_t n_said_;
static bool forget_lock_;
static bool forget_votes_;
static bool trace_;
static char broken_[160]; /* the first broken promise */
static uint64_t clock_;

static void broke(const char *what, uint32_t member)
{
    if (broken_[0] == 0)
        snprintf(broken_, sizeof broken_, "%s: member %u", what, member);
}

/* Values stand as in the model: 1 nil, 2 A, 4 B. */
static struct cy_id id_of(unsigned value)
{
    struct cy_id id = {{0}};

    if (value > 1)
        id.b[0] = (uint8_t)value;
    return id;
}

static unsigned value_of(const struct cy_id *id)
{
    return cy_id_none(id) ? 1 : id->b[0];
}

/* 0 propose, 1 prevote, 2 precommit: as in the model. */
static enum cy_vote_step step_of(unsigned number)
{
    return number == 0 ? CY_VOTE_PROPOSE : number == 1 ? CY_VOTE_PREVOTE : CY_VOTE_PRECOMMIT;
}

static unsigned number_of(enum cy_vote_step step)
{
    return step == CY_VOTE_PROPOSE ? 0 : step == CY_VOTE_PREVOTE ? 1 : 2;
}

/* --- what is promised --- */

static void check_decision(uint32_t who)
{
    const struct cy_agree *agree = &members_[who].agree;
    struct cy_agree_certificate c;
    uint32_t seen = 0;

    for (uint32_t i = 0; i < honest_; i++) {
        const struct cy_agree *other = &members_[i].agree;

        if (other->decided && !cy_id_eq(&other->decision, &agree->decision))
            broke("two honest members decided differently", who);
    }
    cy_agree_certificate(agree, &c);
    for (uint32_t i = 0; i < c.n; i++)
        seen |= 1u << c.ballots[i].member;
    if (__builtin_popcount(seen) * 3 <= (int)MEMBERS * 2)
        broke("a decision without precommits of more than two thirds", who);
}

static void check_vote(uint32_t who, const struct cy_vote *vote)
{
    for (uint32_t i = 0; i < n_said_; i++) {
        if (said_[i].member == who && cy_vote_conflict(&said_[i].vote, vote))
            broke("an honest key signed two different votes", who);
    }
}

/* --- a member's surroundings: its key, its disk, its timers --- */

static void show(uint32_t who);
static void take(uint32_t who, const struct cy_agree_event *event);

/* The key signs; answers an old request with the old vote; refuses what lies behind. */
static bool sign(struct member *m, struct cy_vote *vote)
{
    if (m->has_last && !forget_votes_) {
        const unsigned now = vote->round * 3 + number_of(vote->step);
        const unsigned before = m->last.round * 3 + number_of(m->last.step);

        if (now < before)
            return false;
        if (now == before) {
            *vote = m->last;
            return true;
        }
    }
    vote->time = 1000 + ++clock_;
    m->last = *vote;
    m->has_last = true;
    return true;
}

static void hear(uint32_t who, uint32_t from, const struct cy_vote *vote)
{
    static const uint8_t signature[64];

    take(who, &(struct cy_agree_event){
                  .kind = CY_AGREE_VOTE, .vote = vote, .member = from, .signature = signature});
}

/* What a member says is signed and on its way; a lock is on disk before. False: the key refuses. */
static bool speak(uint32_t who, struct cy_vote *vote)
{
    struct member *m = &members_[who];

    if (vote->step == CY_VOTE_PRECOMMIT && !cy_id_none(&vote->value)) {
        m->locked_round = m->agree.locked_round;
        m->locked = m->agree.locked;
    }
    if (!sign(m, vote))
        return false;
    check_vote(who, vote);
    for (uint32_t i = 0; i < n_said_; i++) {
        if (said_[i].member == who && said_[i].vote.time == vote->time)
            return true; /* the old one again */
    }
    if (n_said_ < VOTES_MAX)
        said_[n_said_++] = (struct signed_vote){who, *vote};
    return true;
}

static void take(uint32_t who, const struct cy_agree_event *event)
{
    struct member *m = &members_[who];
    struct cy_agree_update up;
    bool spoken[CY_COUNT(up.say)] = {false};

    if (m->agree.decided || !cy_ok(cy_agree_step(&m->agree, event, &up)))
        return;
    if (up.convicted && (up.evidence.member < honest_ ||
                         !cy_vote_conflict(&up.evidence.votes[0], &up.evidence.votes[1])))
        broke("somebody honest was convicted", who);
    if (up.decided)
        check_decision(who);
    m->offered = up.offer || (m->offered && m->agree.asked);
    for (uint32_t i = 0; i < up.n_timers; i++) {
        if (up.timers[i].round < ROUNDS)
            m->timers[up.timers[i].round][up.timers[i].step] = true;
    }
    for (uint32_t i = 0; i < up.n_say; i++)
        spoken[i] = speak(who, &up.say[i]);
    show(who);
    for (uint32_t i = 0; i < up.n_say; i++) {
        if (spoken[i])
            hear(who, who, &up.say[i]);
    }
}

static void know(uint32_t who, unsigned value)
{
    members_[who].knows[value / 4] = true;
    take(who,
         &(struct cy_agree_event){.kind = CY_AGREE_VALUE, .value = id_of(value), .valid = true});
}

static void start(uint32_t who)
{
    members_[who].started = true;
    take(who, &(struct cy_agree_event){.kind = CY_AGREE_START});
}

static void restart(uint32_t who)
{
    struct member *m = &members_[who];
    const uint32_t round = m->has_last ? m->last.round : 0;
    const bool a = m->knows[0];
    const bool b = m->knows[1];

    if (m->agree.decided)
        return;
    if (trace_)
        printf("restarted(%u)\n", who);
    memset(m->timers, 0, sizeof m->timers);
    cy_agree_begin(&m->agree, weights_, MEMBERS, who, height_);
    if (!forget_lock_)
        cy_agree_restore(&m->agree, round, m->locked_round, &m->locked);
    else
        cy_agree_restore(&m->agree, round, CY_NO_ROUND, &(struct cy_id){{0}});
    if (a)
        know(who, 2);
    if (b)
        know(who, 4);
    start(who);
}

static void timeout(uint32_t who, enum cy_vote_step step, uint32_t round)
{
    struct member *m = &members_[who];

    if (round >= ROUNDS || !m->timers[round][step])
        return;
    m->timers[round][step] = false;
    take(who, &(struct cy_agree_event){.kind = CY_AGREE_TIMEOUT, .step = step, .round = round});
}

static void offer(uint32_t who, unsigned value)
{
    struct member *m = &members_[who];

    if (!m->offered)
        return;
    m->offered = false;
    m->knows[value / 4] = true;
    take(who, &(struct cy_agree_event){.kind = CY_AGREE_OFFER, .value = id_of(value)});
}

static void lie(uint32_t who, uint32_t from, unsigned step, uint32_t round, unsigned value,
                uint32_t after)
{
    const struct cy_vote vote = {.height = height_,
                                 .round = round,
                                 .step = step_of(step),
                                 .after = after == 0 ? CY_NO_ROUND : after - 1,
                                 .value = id_of(value),
                                 .time = 500 + ++clock_};

    hear(who, from, &vote);
}

static void begin(uint32_t honest, uint32_t first)
{
    struct cy_agree probe;

    honest_ = honest;
    n_said_ = 0;
    clock_ = 0;
    broken_[0] = 0;
    memset(members_, 0, sizeof members_);
    height_ = 0;
    do
        cy_agree_begin(&probe, weights_, MEMBERS, 0, ++height_);
    while (cy_agree_proposer(&probe, 0) != first);
    for (uint32_t i = 0; i < honest_; i++) {
        cy_agree_begin(&members_[i].agree, weights_, MEMBERS, i, height_);
        members_[i].locked_round = CY_NO_ROUND;
    }
}

/* --- a scenario --- */

static char lines_[LINES_MAX][200];
static uint32_t n_lines_;

static void hear_line(uint32_t who, uint32_t from, unsigned step, uint32_t round, unsigned value)
{
    for (uint32_t i = 0; i < n_said_; i++) {
        const struct cy_vote *vote = &said_[i].vote;

        if (said_[i].member == from && vote->round == round && vote->step == step_of(step) &&
            (value == 0 || value_of(&vote->value) == value)) {
            hear(who, from, vote);
            return;
        }
    }
}

static void play_line(const char *line)
{
    unsigned a = 0, b = 0, c = 0, d = 0, e = 0, f = 0;

    if (sscanf(line, "members %u %u", &a, &b) == 2 && a >= 1 && a <= MEMBERS && b < MEMBERS) {
        begin(a, b);
        for (uint32_t i = 0; i < honest_; i++) {
            know(i, 2);
            know(i, 4);
            start(i);
        }
    } else if (sscanf(line, "hear %u %u %u %u %u", &a, &b, &c, &d, &e) == 5 && a < honest_) {
        hear_line(a, b, c, d, e);
    } else if (sscanf(line, "lie %u %u %u %u %u %u", &a, &b, &c, &d, &e, &f) == 6 && a < honest_ &&
               b >= honest_ && b < MEMBERS) {
        lie(a, b, c, d, e, f);
    } else if (sscanf(line, "offer %u %u %u", &a, &b, &c) == 3 && a < honest_ && c >= 2 && c <= 4) {
        if (members_[a].agree.round == b)
            offer(a, c);
    } else if (sscanf(line, "timeout %u %u %u", &a, &b, &c) == 3 && a < honest_) {
        timeout(a, step_of(b), c);
    } else if (sscanf(line, "restart %u", &a) == 1 && a < honest_) {
        restart(a);
    } else if (line[0] != 0 && line[0] != '#') {
        fprintf(stderr, "replay: not a line of a scenario: %s\n", line);
        exit(2);
    }
}

/* Plays all lines, but for those from `without` on, n of them. */
static bool play(uint32_t without, uint32_t n)
{
    broken_[0] = 0;
    for (uint32_t i = 0; i < n_lines_ && broken_[0] == 0; i++) {
        if (i < without || i >= without + n)
            play_line(lines_[i]);
    }
    return broken_[0] != 0;
}

static void read_scenario(const char *path)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");

    if (in == NULL) {
        perror(path);
        exit(2);
    }
    while (n_lines_ < LINES_MAX && fgets(lines_[n_lines_], sizeof lines_[0], in) != NULL) {
        lines_[n_lines_][strcspn(lines_[n_lines_], "\n")] = 0;
        n_lines_++;
    }
    fclose(in);
    if (n_lines_ == 0 || n_lines_ == LINES_MAX) {
        fprintf(stderr, "replay: %s: no scenario, or more than %u lines\n", path, LINES_MAX);
        exit(2);
    }
}

/* Leaves out whatever the same broken promise does not need, longest pieces first. */
static int shrink(void)
{
    char promise[sizeof broken_];

    if (!play(n_lines_, 0)) {
        fprintf(stderr, "replay: nothing is broken here\n");
        return 2;
    }
    memcpy(promise, broken_, sizeof promise);
    for (uint32_t n = n_lines_ / 2; n > 0; n = n > 1 ? n / 2 : 0) {
        for (uint32_t at = 1; at + n <= n_lines_;) {
            if (play(at, n) && strncmp(broken_, promise, 20) == 0) {
                memmove(lines_[at], lines_[at + n], (n_lines_ - at - n) * sizeof lines_[0]);
                n_lines_ -= n;
            } else {
                at++;
            }
        }
    }
    printf("# %s\n", promise);
    for (uint32_t i = 0; i < n_lines_; i++)
        printf("%s\n", lines_[i]);
    return 0;
}

/* --- chance --- */

static uint64_t state_;

static uint32_t chance(uint32_t below) /* SplitMix64, Steele, Lea, Flood 2014 */
{
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) % below);
}

/* What the model shows of a member: where it stands, its lock, its valid value, its decision, and
 * what it signed in its round. Rounds that may be none are kept as 1 + round. */
static void show(uint32_t who)
{
    const struct member *m = &members_[who];
    const struct cy_agree *agree = &m->agree;
    unsigned votes[2] = {0};
    char now[sizeof m->shown];

    if (!trace_ || !m->started)
        return;
    for (uint32_t i = 0; i < n_said_; i++) {
        const struct cy_vote *vote = &said_[i].vote;

        if (said_[i].member == who && vote->round == agree->round && vote->step != CY_VOTE_PROPOSE)
            votes[vote->step] = value_of(&vote->value);
    }
    snprintf(now, sizeof now, "expect(%u, %u, %u, %u, %u, %u, %u, %u, %u, %u)", who, agree->round,
             number_of(agree->step), agree->locked_round + 1,
             agree->locked_round == CY_NO_ROUND ? 0 : value_of(&agree->locked),
             agree->valid_round + 1,
             agree->valid_round == CY_NO_ROUND ? 0 : value_of(&agree->valid),
             agree->decided ? value_of(&agree->decision) : 0, votes[0], votes[1]);
    if (strcmp(now, m->shown) == 0)
        return;
    memcpy(members_[who].shown, now, sizeof now);
    printf("%s\n", now);
}

static void certify(uint32_t who)
{
    const struct cy_agree *from = &members_[chance(honest_)].agree;
    struct cy_agree_certificate c;

    if (!from->decided)
        return;
    cy_agree_certificate(from, &c);
    take(who, &(struct cy_agree_event){.kind = CY_AGREE_CERTIFICATE, .certificate = &c});
}

/* The traitor names the rounds that members are in. */
static void chance_lie(uint32_t who)
{
    const uint32_t near = members_[chance(honest_)].agree.round;
    const uint32_t round = near + chance(3) == 0 ? 0 : near + chance(2);
    const unsigned step = chance(3);
    const unsigned value = step == 0 ? 2u << chance(2) : 1u << chance(3);

    if (chance(40) == 0)
        lie(who, MEMBERS - 1, 1, 1000, 1, 0);
    else
        lie(who, MEMBERS - 1, step, round, value, step == 0 ? chance(round + 1) : 0);
}

static void chance_timeout(uint32_t who)
{
    const uint32_t round = members_[who].agree.round;
    const enum cy_vote_step step = step_of(chance(3));

    if (round + 1 < ROUNDS || step != CY_VOTE_PRECOMMIT)
        timeout(who, step, round);
}

static void chance_event(uint32_t patience)
{
    const uint32_t who = chance(honest_);
    const uint32_t what = chance(100);

    if (what < 60 && n_said_ > 0) {
        const struct signed_vote *heard = &said_[chance(n_said_)];

        hear(who, heard->member, &heard->vote);
    } else if (what < 75) {
        chance_lie(who);
    } else if (what < 80) {
        know(who, 2u << chance(2));
    } else if (what < 90) {
        offer(who, 2u << chance(2));
    } else if (what < 98) {
        if (chance(patience) == 0)
            chance_timeout(who);
    } else if (what < 99) {
        certify(who);
    } else if (chance(4) == 0) {
        restart(who);
    }
}

static void play_chance(uint64_t seed, uint32_t events)
{
    state_ = seed;
    begin(3, chance(MEMBERS));
    if (trace_)
        printf("begun(%u)\n", cy_agree_proposer(&members_[0].agree, 0));
    for (uint32_t i = 0; i < honest_; i++)
        start(i);
    for (uint32_t i = 0; i < events && broken_[0] == 0; i++)
        chance_event(1 + (uint32_t)(seed % 4));
}

static int play_seeds(uint64_t from, uint64_t to)
{
    uint64_t decided = 0;
    uint32_t rounds = 0;

    for (uint64_t seed = from; seed < to; seed++) {
        play_chance(seed, trace_ ? 1200 : 2000);
        for (uint32_t i = 0; i < honest_; i++) {
            decided += members_[i].agree.decided;
            if (members_[i].agree.round > rounds)
                rounds = members_[i].agree.round;
        }
        if (broken_[0] != 0) {
            fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, broken_);
            return 1;
        }
    }
    fprintf(stderr, "%llu seeds, %llu decisions, rounds up to %u: nothing broken\n",
            (unsigned long long)(to - from), (unsigned long long)decided, rounds);
    return 0;
}

int main(int argc, char **argv)
{
    bool smaller = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--forget") == 0 && i + 1 < argc) {
            forget_lock_ = forget_lock_ || strcmp(argv[i + 1], "lock") == 0;
            forget_votes_ = forget_votes_ || strcmp(argv[i + 1], "votes") == 0;
            i++;
        } else if (strcmp(argv[i], "--shrink") == 0) {
            smaller = true;
        } else if (strcmp(argv[i], "--trace") == 0 && i + 2 < argc) {
            trace_ = true;
            return play_seeds(strtoull(argv[i + 1], NULL, 10), strtoull(argv[i + 2], NULL, 10));
        } else if (strcmp(argv[i], "--seeds") == 0 && i + 2 < argc) {
            return play_seeds(strtoull(argv[i + 1], NULL, 10), strtoull(argv[i + 2], NULL, 10));
        } else {
            read_scenario(argv[i]);
        }
    }
    if (n_lines_ == 0) {
        fprintf(stderr, "usage: replay [--forget lock|votes] [--shrink] SCENARIO | "
                        "--trace FROM TO | --seeds FROM TO\n");
        return 2;
    }
    if (smaller)
        return shrink();
    if (play(n_lines_, 0)) {
        printf("%s\n", broken_);
        return 1;
    }
    printf("harmless\n");
    return 0;
}

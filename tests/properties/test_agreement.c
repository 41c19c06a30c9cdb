/* agree: whole federations of members in one process, from seeds: weights, delays, losses,
 * partitions, restarts, and traitors below a third of the weight who say whatever helps to split
 * the others, drawn from what they have seen.
 *
 *   no two honest members ever decide differently; what is decided was judged valid; a decision has
 *   a quorum's certificate; evidence convicts traitors only, and two votes that conflict; once
 *   messages arrive again everybody decides. (M045, M081) */
#include "gen.h"

#include "cm.h"

#include "realm/agree.h"

#include <stdlib.h>

enum { MEMBERS = 10, MAIL = 1 << 16, VALUES = 64 };

struct mail {
    uint64_t at; /* when it arrives */
    uint32_t from;
    uint32_t to;
    struct cy_vote vote; /* by `from`, or content of a value when content is set */
    bool content;
    const struct cy_agree_certificate *certificate;
};

/* What a key remembers of the height: what it signed, and its lock. */
struct memory {
    struct cy_vote said[512];
    uint32_t n;
    uint32_t locked_round;
    struct cy_id locked;
    uint32_t round;
    struct cy_agree_round proof; /* the prevotes that the lock rests on */
};

struct timer {
    uint64_t at;
    struct cy_agree_timer timer;
    bool set;
};

struct member {
    struct cy_agree agree;
    struct memory memory;
    struct timer timers[64];
    struct cy_vote log[256]; /* of a traitor: what it saw last */
    uint32_t log_by[256];
    uint32_t n_log;
    struct cy_id content[VALUES];
    uint32_t n_content;
    struct cy_id wants;
    struct cy_agree_certificate certificate; /* once it decided */
    bool traitor;
};

struct net {
    struct gen gen;
    struct cy_agree_member who[MEMBERS];
    uint32_t n;
    struct member *members;
    struct mail *mail;
    uint32_t n_mail;
    uint64_t now;
    uint64_t heals; /* from here on every message arrives within 20 */
    uint64_t loss;  /* percent of messages lost until then */
    uint64_t quiet; /* an honest member sends on what it keeps once in so many ticks */
    bool sly;       /* traitors keep the sides of the partition apart */
    uint32_t side;  /* bit i: member i's side of the partition */
    uint32_t offers;
    unsigned convicted;
};

/* Contents are valid when their first byte is even. */
static bool good(const struct cy_id *value)
{
    return value->b[0] % 2 == 0;
}

static void put_mail(struct net *net, struct mail mail)
{
    const bool healed = net->now >= net->heals;

    mail.at = net->now + 1 + gen_draw(&net->gen, 20);
    if (!healed) {
        if (gen_draw(&net->gen, 100) < net->loss ||
            (((net->side >> mail.from) ^ (net->side >> mail.to)) & 1) != 0)
            return; /* lost */
        if (gen_one_in(&net->gen, 8))
            mail.at += gen_draw(&net->gen, 400);
    }
    assert_true(net->n_mail < MAIL);
    net->mail[net->n_mail++] = mail;
}

static void put(struct net *net, uint32_t from, uint32_t to, const struct cy_vote *vote,
                bool content)
{
    put_mail(net, (struct mail){.from = from, .to = to, .vote = *vote, .content = content});
}

static void tell_all(struct net *net, uint32_t from, uint32_t by, const struct cy_vote *vote)
{
    for (uint32_t to = 0; to < net->n; to++) {
        if (to != from) {
            put(net, by, to, vote, false);
            if (vote->step == CY_VOTE_PROPOSE)
                put(net, by, to, vote, true);
        }
    }
}

static bool has_content(const struct member *m, const struct cy_id *id)
{
    for (uint32_t i = 0; i < m->n_content && i < VALUES; i++) {
        if (cy_id_eq(&m->content[i], id))
            return true;
    }
    return false;
}

static void step(struct net *net, uint32_t me, struct cy_agree_event event);

/* The key signs; instead of a vote that conflicts with one that it signed, that one is given again:
 * it may never have left. */
static struct cy_vote sign(const struct cy_agree *agree, struct memory *memory,
                           const struct cy_vote *vote)
{
    for (uint32_t i = 0; i < memory->n; i++) {
        if (memory->said[i].round == vote->round && memory->said[i].step == vote->step)
            return memory->said[i];
    }
    assert_true(memory->n < CY_COUNT(memory->said));
    memory->said[memory->n++] = *vote;
    if (vote->round > memory->round)
        memory->round = vote->round;
    if (vote->step == CY_VOTE_PRECOMMIT && !cy_id_none(&vote->value)) {
        memory->locked_round = vote->round;
        memory->locked = vote->value;
        memory->proof = *cy_agree_votes(agree, vote->round);
    }
    return *vote;
}

static const uint8_t no_signature[64];

static struct cy_id fresh_value(struct net *net, struct member *m)
{
    struct cy_id value;

    for (unsigned b = 0; b < 32; b++)
        value.b[b] = (uint8_t)gen_bits(&net->gen);
    value.b[0] &= 0xfe;
    m->content[m->n_content++ % VALUES] = value;
    return value;
}

/* The content of a value is here and is judged. */
static void give(struct net *net, uint32_t me, const struct cy_id *value)
{
    step(net, me,
         (struct cy_agree_event){.kind = CY_AGREE_VALUE, .value = *value, .valid = good(value)});
}

static void obey(struct net *net, uint32_t me, const struct cy_agree_update *update)
{
    struct member *m = &net->members[me];

    for (uint32_t i = 0; i < update->n_timers; i++) {
        for (uint32_t t = 0; t < CY_COUNT(m->timers); t++) {
            if (m->timers[t].set)
                continue;
            m->timers[t] = (struct timer){net->now + 60 + 30 * update->timers[i].round,
                                          update->timers[i], true};
            break;
        }
    }
    if (update->convicted) {
        assert_true(net->members[update->evidence.member].traitor);
        assert_true(cy_vote_conflict(&update->evidence.votes[0], &update->evidence.votes[1]));
        net->convicted++;
    }
    if (update->decided) {
        struct cy_agree_certificate c;
        uint64_t weight = 0;

        cy_agree_certificate(&m->agree, &c);
        m->certificate = c;
        for (uint32_t i = 0; i < c.n; i++)
            weight += net->who[c.ballots[i].member].weight;
        assert_true(cy_agree_quorum(&m->agree, weight));
        assert_true(good(&m->agree.decision));
    }
    for (uint32_t i = 0; i < update->n_say; i++) {
        struct cy_vote vote = update->say[i];

        vote.time = 1000 + net->now;
        vote = sign(&m->agree, &m->memory, &vote);
        tell_all(net, me, me, &vote);
        step(net, me,
             (struct cy_agree_event){
                 .kind = CY_AGREE_VOTE, .vote = &vote, .member = me, .signature = no_signature});
    }
    m->wants = update->want;
    if (!cy_id_none(&update->want) && has_content(m, &update->want))
        give(net, me, &update->want);
    if (update->offer) {
        const struct cy_id value = fresh_value(net, m);

        step(net, me, (struct cy_agree_event){.kind = CY_AGREE_OFFER, .value = value});
    }
}

static void step(struct net *net, uint32_t me, struct cy_agree_event event)
{
    struct member *m = &net->members[me];
    struct cy_agree_update *update = calloc(1, sizeof *update);

    if (cy_ok(cy_agree_step(&m->agree, &event, update)))
        obey(net, me, update);
    free(update);
}

static void give_vote(struct net *net, uint32_t by, uint32_t to, const struct cy_vote *vote)
{
    step(net, to,
         (struct cy_agree_event){
             .kind = CY_AGREE_VOTE, .vote = vote, .member = by, .signature = no_signature});
}

static void hear(struct net *net, const struct mail *mail)
{
    struct member *m = &net->members[mail->to];
    const struct cy_vote *vote = &mail->vote;

    if (mail->certificate != NULL) {
        if (!m->traitor)
            step(net, mail->to,
                 (struct cy_agree_event){.kind = CY_AGREE_CERTIFICATE,
                                         .certificate = mail->certificate});
        return;
    }
    if (mail->content) {
        if (!m->traitor && !cy_id_eq(&m->wants, &vote->value))
            return; /* nobody keeps what it does not need */
        if (!has_content(m, &vote->value))
            m->content[m->n_content++ % VALUES] = vote->value;
        if (!m->traitor)
            give(net, mail->to, &vote->value);
        return;
    }
    if (!m->traitor) {
        give_vote(net, mail->from, mail->to, vote);
        return;
    }
    m->log_by[m->n_log % CY_COUNT(m->log)] = mail->from;
    m->log[m->n_log++ % CY_COUNT(m->log)] = *vote;
}

/* The traitor's own word goes to one side, or (2) to whomever; with the content behind it. */
static void whisper(struct net *net, uint32_t me, const struct cy_vote *vote, uint32_t to_side)
{
    for (uint32_t to = 0; to < net->n; to++) {
        if (to == me || (to_side < 2 && (net->side >> to & 1) != to_side) ||
            (to_side >= 2 && gen_one_in(&net->gen, 2)))
            continue;
        put(net, me, to, vote, false);
        if (vote->step == CY_VOTE_PROPOSE)
            put(net, me, to, vote, true);
    }
}

/* A traitor makes a vote out of what it has seen: any value, in any step, of a round that somebody
 * is in, to some and another to others. */
static void betray(struct net *net, uint32_t me)
{
    struct gen *gen = &net->gen;
    struct member *m = &net->members[me];
    const uint32_t n_log = m->n_log < CY_COUNT(m->log) ? m->n_log : CY_COUNT(m->log);
    const uint32_t n_content = m->n_content < VALUES ? m->n_content : VALUES;
    const struct cy_vote *seen = n_log == 0 ? NULL : &m->log[gen_draw(gen, n_log)];
    struct cy_vote vote = {.height = 1, .after = CY_NO_ROUND, .time = gen_draw(gen, 1u << 20)};

    vote.round = seen == NULL ? 0 : seen->round + (uint32_t)gen_draw(gen, 2);
    if (gen_one_in(gen, 40))
        vote.round += (uint32_t)gen_draw(gen, 1000);
    vote.step = (enum cy_vote_step)gen_draw(gen, 2);
    if (cy_agree_proposer(&m->agree, vote.round) == me && gen_one_in(gen, 2))
        vote.step = CY_VOTE_PROPOSE;
    if (n_content > 0 && !gen_one_in(gen, 4))
        vote.value = m->content[gen_draw(gen, n_content)];
    if (vote.step == CY_VOTE_PROPOSE && (cy_id_none(&vote.value) || gen_one_in(gen, 2)))
        vote.value = fresh_value(net, m);
    if (vote.step == CY_VOTE_PROPOSE && gen_one_in(gen, 8))
        vote.value.b[0] |= 1; /* what honest members find invalid */
    if (vote.step == CY_VOTE_PROPOSE && vote.round > 0 && gen_one_in(gen, 2))
        vote.after = (uint32_t)gen_draw(gen, vote.round);
    whisper(net, me, &vote, 2);
}

/* A sly traitor agrees with what a member says, towards that member's side only, so that each side
 * may believe in a quorum of its own; when it proposes, each side gets another value. */
static void flatter(struct net *net, uint32_t me)
{
    struct gen *gen = &net->gen;
    struct member *m = &net->members[me];
    const uint32_t n_log = m->n_log < 24 ? m->n_log : 24; /* of the latest news */
    struct cy_vote vote = {.height = 1, .after = CY_NO_ROUND, .time = 1};
    uint32_t at = 0;
    uint32_t side = 0;

    if (n_log == 0)
        return;
    at = (m->n_log - 1 - (uint32_t)gen_draw(gen, n_log)) % CY_COUNT(m->log);
    vote.round = m->log[at].round;
    side = net->side >> m->log_by[at] & 1;
    if (cy_agree_proposer(&m->agree, vote.round) == me) {
        vote.step = CY_VOTE_PROPOSE;
        vote.value = fresh_value(net, m);
        whisper(net, me, &vote, side);
    } else {
        vote.value = m->log[at].value;
    }
    for (unsigned step = 0; step < 2; step++) {
        vote.step = (enum cy_vote_step)step;
        whisper(net, me, &vote, side);
    }
}

typedef void each_vote(struct net *net, uint32_t by, uint32_t to, const struct cy_vote *vote);

/* Every vote that is kept of a round, the proposal first. */
static void votes_of(struct net *net, uint32_t me, uint32_t to, const struct cy_agree_round *round,
                     each_vote *each)
{
    const struct cy_agree *agree = &net->members[me].agree;

    if (round->round == CY_NO_ROUND)
        return;
    if (round->proposed)
        each(net, cy_agree_proposer(agree, round->round), to, &round->proposal);
    for (unsigned v = 0; v < 2; v++) {
        for (uint32_t i = 0; i < net->n; i++) {
            const struct cy_agree_ballot *ballot = &round->votes[v][i];
            const struct cy_vote vote = {.height = 1,
                                         .round = round->round,
                                         .step = (enum cy_vote_step)v,
                                         .after = CY_NO_ROUND,
                                         .value = ballot->value,
                                         .time = ballot->time};

            if (ballot->here)
                each(net, i, to, &vote);
        }
    }
}

static void send_vote(struct net *net, uint32_t by, uint32_t to, const struct cy_vote *vote)
{
    put(net, by, to, vote, false);
}

/* A member stops and comes back with nothing but what its key remembers and the contents it has. */
static void restart(struct net *net, uint32_t me)
{
    struct member *m = &net->members[me];

    if (m->agree.decided)
        return;
    cy_agree_begin(&m->agree, net->who, net->n, me, 1);
    cy_agree_restore(&m->agree, m->memory.round, m->memory.locked_round, &m->memory.locked);
    memset(m->timers, 0, sizeof m->timers);
    if (m->memory.locked_round != CY_NO_ROUND)
        votes_of(net, me, me, &m->memory.proof, give_vote);
    step(net, me, (struct cy_agree_event){.kind = CY_AGREE_START});
}

/* Members send on what they keep, and fetch contents that they miss. */
static void gossip(struct net *net, uint32_t me)
{
    struct member *m = &net->members[me];
    const uint32_t to = (uint32_t)gen_draw(&net->gen, net->n);

    if (to == me)
        return;
    if (m->agree.decided) {
        put_mail(net, (struct mail){.from = me, .to = to, .certificate = &m->certificate});
        return;
    }
    for (unsigned r = 0; r < CY_AGREE_ROUNDS; r++)
        votes_of(net, me, to, &m->agree.rounds[r], send_vote);
    for (uint32_t i = 0; !cy_id_none(&m->wants) && i < net->n; i++) {
        const struct cy_vote asked = {.value = m->wants};

        if (i != me && !net->members[i].traitor && has_content(&net->members[i], &m->wants))
            put(net, i, me, &asked, true);
    }
}

static void begin(struct net *net, uint64_t seed)
{
    uint64_t all = 0;
    uint64_t bad = 0;

    net->gen = gen_on(seed, NULL);
    net->n = 1 + (uint32_t)gen_draw(&net->gen, MEMBERS);
    net->heals = gen_draw(&net->gen, 3000);
    net->loss = (const uint64_t[]){5, 20, 40, 60}[gen_draw(&net->gen, 4)];
    net->quiet = (const uint64_t[]){20, 200, 2000}[gen_draw(&net->gen, 3)];
    net->sly = !gen_one_in(&net->gen, 3);
    for (uint32_t i = 0; i < net->n; i++) {
        net->who[i].weight = 1 + gen_draw(&net->gen, gen_one_in(&net->gen, 4) ? 100 : 1);
        all += net->who[i].weight;
    }
    for (uint32_t i = 0; i < net->n; i++) {
        struct member *m = &net->members[i];

        cy_agree_begin(&m->agree, net->who, net->n, i, 1);
        m->memory.locked_round = CY_NO_ROUND;
        if (!gen_one_in(&net->gen, 4) && (bad + net->who[i].weight) * 3 < all) {
            bad += net->who[i].weight;
            m->traitor = true;
        }
    }
}

static void deliver(struct net *net)
{
    for (uint32_t i = 0; i < net->n_mail;) {
        const struct mail mail = net->mail[i];

        if (mail.at > net->now) {
            i++;
            continue;
        }
        net->mail[i] = net->mail[--net->n_mail];
        hear(net, &mail);
    }
}

static void ring(struct net *net, uint32_t me)
{
    struct member *m = &net->members[me];

    for (uint32_t t = 0; t < CY_COUNT(m->timers); t++) {
        const struct timer timer = m->timers[t];

        if (!timer.set || timer.at > net->now)
            continue;
        m->timers[t].set = false;
        step(net, me,
             (struct cy_agree_event){
                 .kind = CY_AGREE_TIMEOUT, .step = timer.timer.step, .round = timer.timer.round});
    }
}

static bool all_decided(const struct net *net)
{
    for (uint32_t i = 0; i < net->n; i++) {
        if (!net->members[i].traitor && !net->members[i].agree.decided)
            return false;
    }
    return true;
}

static void agreed(const struct net *net, uint64_t seed)
{
    const struct cy_agree *first = NULL;

    for (uint32_t i = 0; i < net->n; i++) {
        const struct cy_agree *agree = &net->members[i].agree;

        if (net->members[i].traitor || !agree->decided)
            continue;
        if (first == NULL)
            first = agree;
        if (!cy_id_eq(&first->decision, &agree->decision))
            fail_msg("seed %llu: two decisions", (unsigned long long)seed);
    }
}

/* One height; returns the highest round that decided. */
static uint32_t live(struct net *net, uint64_t seed)
{
    uint32_t rounds = 0;

    begin(net, seed);
    for (uint32_t i = 0; i < net->n; i++) {
        if (!net->members[i].traitor)
            step(net, i, (struct cy_agree_event){.kind = CY_AGREE_START});
    }
    while (!all_decided(net)) {
        net->now++;
        if (net->now > net->heals + 60000)
            fail_msg("seed %llu: no decision", (unsigned long long)seed);
        if (net->now < net->heals && gen_one_in(&net->gen, 100))
            net->side = (uint32_t)gen_bits(&net->gen);
        deliver(net);
        for (uint32_t i = 0; i < net->n; i++) {
            if (net->members[i].traitor) {
                if (gen_one_in(&net->gen, 3)) {
                    if (net->sly && !gen_one_in(&net->gen, 16))
                        flatter(net, i);
                    else
                        betray(net, i);
                }
                continue;
            }
            ring(net, i);
            if (gen_one_in(&net->gen, net->now < net->heals ? net->quiet : 20))
                gossip(net, i);
            if (net->now < net->heals && gen_one_in(&net->gen, 300))
                restart(net, i);
        }
        agreed(net, seed);
    }
    for (uint32_t i = 0; i < net->n; i++) {
        if (!net->members[i].traitor && net->members[i].agree.decided_round > rounds)
            rounds = net->members[i].agree.decided_round;
    }
    return rounds;
}

static void honest_members_agree(void **s)
{
    const char *one = getenv("COMITY_SEED"); /* this one alone, or so many */
    const char *many = getenv("COMITY_SEEDS");
    const uint64_t from = one == NULL ? 1 : strtoull(one, NULL, 10);
    const uint64_t to = one != NULL ? from : many != NULL ? strtoull(many, NULL, 10) : 200;
    unsigned late = 0;
    unsigned convicted = 0;

    (void)s;
    for (uint64_t seed = from; seed <= to; seed++) {
        struct net *net = calloc(1, sizeof *net);

        net->members = calloc(MEMBERS, sizeof *net->members);
        net->mail = calloc(MAIL, sizeof *net->mail);
        late += live(net, seed) > 0;
        convicted += net->convicted > 0;
        free(net->members);
        free(net->mail);
        free(net);
    }
    if (one == NULL) { /* the seeds reach what they are for */
        assert_true(late > to / 5);
        assert_true(convicted > to / 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(honest_members_agree)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

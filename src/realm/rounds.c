#include "realm/rounds.h"

#include "kernel/height.h"

/* --- steps of the algorithm --- */

static uint32_t timer_ms(const struct cy_federation *f, const struct cy_agree_timer *timer)
{
    const uint64_t base =
        timer->step == CY_VOTE_PROPOSE ? f->options.propose_ms : f->options.vote_ms;
    const uint64_t ms = base + base / 2 * timer->round;

    return ms < 3600000 ? (uint32_t)ms : 3600000;
}

static void note_update(struct cy_federation *f, const struct cy_agree_update *update)
{
    for (uint32_t i = 0; i < update->n_timers; i++)
        f->world->timer(f->world->self, f->agree.height, &update->timers[i],
                        timer_ms(f, &update->timers[i]));
    for (uint32_t i = 0; i < update->n_say && f->n_unsaid < CY_UNSAID_MAX; i++)
        f->unsaid[f->n_unsaid++] = update->say[i];
    f->offer_due = update->offer || (f->offer_due && f->agree.asked);
    if (!cy_id_none(&update->want))
        f->want = update->want;
    if (update->want_round != CY_NO_ROUND)
        f->want_round = update->want_round;
    if (update->convicted)
        cy_rounds_convict(f, f->seats.next.seats[update->evidence.member], &update->evidence);
}

static cy_err step(struct cy_federation *f, const struct cy_agree_event *event)
{
    struct cy_agree_update update;
    const uint32_t round = f->agree.round;

    CY_TRY(cy_agree_step(&f->agree, event, &update));
    if (f->agree.round > round)
        f->figures.rounds += f->agree.round - round;
    note_update(f, &update);
    return CY_OK;
}

static cy_err count_vote(struct cy_federation *f, const struct cy_vote *vote, uint32_t member,
                         const uint8_t signature[static 64])
{
    return step(f,
                &(struct cy_agree_event){
                    .kind = CY_AGREE_VOTE, .vote = vote, .member = member, .signature = signature});
}

/* --- beginning --- */

/* What was voted and locked in this height before a restart: by the file, or by the memory of the
 * key where that is newer. */
static void restore(struct cy_federation *f)
{
    struct cy_vote_last last = {0};
    uint32_t round = 0;
    uint32_t locked_round = CY_NO_ROUND;
    struct cy_id locked = {0};

    if (f->promise.height == f->agree.height) {
        locked_round = f->promise.locked_round;
        locked = f->promise.locked;
    }
    f->recalled = !cy_member_votes(f) || cy_ok(f->world->vote_last(f->world->self, &last));
    if (f->recalled && last.any && last.height == f->agree.height) {
        round = last.round;
        if (last.lock.round != CY_NO_ROUND &&
            (locked_round == CY_NO_ROUND || last.lock.round > locked_round)) {
            locked_round = last.lock.round;
            locked = last.lock.value;
        }
    }
    if (locked_round != CY_NO_ROUND && locked_round > round)
        round = locked_round;
    cy_agree_restore(&f->agree, round, locked_round, &locked);
    if (locked_round != CY_NO_ROUND) { /* what the disk has of it is given at once */
        f->want = locked;
        f->want_round = locked_round;
    }
}

/* The prevotes that the lock rests on are given again before START. */
static void restore_prevotes(struct cy_federation *f)
{
    if (f->promise.height != f->agree.height || f->promise.locked_round == CY_NO_ROUND)
        return;
    for (uint32_t i = 0; i < f->promise.n; i++) {
        const uint32_t member = cy_voters_member(&f->seats.next, f->promise.prevotes[i].seat);
        const struct cy_vote vote = {.height = f->agree.height,
                                     .round = f->promise.locked_round,
                                     .step = CY_VOTE_PREVOTE,
                                     .after = CY_NO_ROUND,
                                     .value = f->promise.locked,
                                     .time = f->promise.prevotes[i].time};

        if (member < f->seats.next.n)
            (void)!cy_ok(count_vote(f, &vote, member, f->promise.prevotes[i].signature));
    }
}

void cy_rounds_begin(struct cy_federation *f)
{
    uint32_t self = 0;

    cy_seats_read(&f->seats, &f->cell.engine.world, &f->options.peer_key);
    cy_finality_roll(&f->finality, &f->cell.engine.world);
    self = f->seats.self == CY_SEATS_MAX ? f->seats.next.n
                                         : cy_voters_member(&f->seats.next, f->seats.self);
    f->confirmed = f->seats.height == 0 || (f->promise.decided.height == f->seats.height &&
                                            f->promise.decided.size == f->cell.size);
    f->certified = (struct cy_certificate){0};
    for (uint32_t i = 0; i < CY_SEATS_MAX; i++) {
        if (!f->seats.seat[i].here) /* whoever sits there next begins anew */
            f->convicted &= ~(1u << i);
    }
    f->begun = false;
    f->offer_due = false;
    f->n_unsaid = 0;
    f->n_outline = 0;
    f->want = (struct cy_id){0};
    f->want_round = CY_NO_ROUND;
    f->since = cy_member_now(f);
    for (uint32_t i = 0; i < CY_BLOCKS_KEPT; i++)
        f->blocks[i].here = false;
    memset(f->judged, 0, sizeof f->judged);
    f->n_judged = 0;
    if (f->seats.next.n == 0)
        return; /* nobody can agree on anything any more */
    cy_agree_begin(&f->agree, f->seats.next.members, f->seats.next.n, self, f->seats.height + 1);
    restore(f);
    restore_prevotes(f);
}

/* --- waking --- */

/* One member alone does not make the others begin: it could have them make empty blocks for ever.
 * Who proposes does: it is that one's turn only. */
static bool others_began(const struct cy_federation *f, const struct cy_vote *vote)
{
    uint64_t weight = 0;

    for (uint32_t i = 0; i < f->agree.n; i++) {
        if (f->agree.heard[i] > 0)
            weight += f->agree.members[i].weight;
    }
    return vote->step == CY_VOTE_PROPOSE || weight * 3 >= f->agree.weight;
}

static bool can_agree(const struct cy_federation *f)
{
    return f->confirmed && f->stage == CY_STAGE_AGREE && f->seats.next.n > 0 && cy_ok(f->trouble);
}

/* What the decided height before says that the time is. */
static cy_time height_time(struct cy_federation *f)
{
    struct cy_ballot_entry ballots[CY_SEATS_MAX];
    const size_t n = f->seats.height > 0 ? cy_certificate_ballots(&f->promise.decided, ballots) : 0;

    return cy_height_time(&f->cell.engine.plan, ballots, (uint32_t)n, cy_member_now(f));
}

/* With the next height a version of the rules begins that this program does not know: it says
 * nothing about that height, not even nil. */
static bool too_old(struct cy_federation *f)
{
    const struct cy_realm *realm = cy_engine_realm(&f->cell.engine);

    if (realm->rules_next <= f->cell.engine.rules->newest || height_time(f) < realm->rules_from)
        return false;
    cy_member_stop(f, cy_fail(CY_E_RULES_UNKNOWN, realm->rules_next));
    return true;
}

void cy_rounds_wake(struct cy_federation *f, bool now)
{
    const cy_time time = cy_member_now(f);
    const uint64_t idle = cy_param(&f->cell.engine.plan, CY_P_IDLE_MS);

    if (f->begun || !can_agree(f))
        return;
    if (!f->recalled) { /* nothing may be said before the key told what it has said */
        if (f->held)
            return;
        restore(f);
        restore_prevotes(f);
        f->held = !f->recalled;
        if (f->held)
            return;
    }
    if (!now && f->pool.n == 0 && f->agree.round == 0 && time >= f->since && time - f->since < idle)
        return;
    if (too_old(f))
        return;
    f->begun = true;
    (void)!cy_ok(step(f, &(struct cy_agree_event){.kind = CY_AGREE_START})); /* it cannot fail */
}

bool cy_rounds_counted(const struct cy_federation *f, const struct cy_vote *vote, uint32_t member,
                       const uint8_t signature[static 64])
{
    const struct cy_agree_round *round = cy_agree_votes(&f->agree, vote->round);
    const struct cy_agree_ballot *ballot = NULL;

    if (round == NULL)
        return false;
    if (vote->step == CY_VOTE_PROPOSE)
        return round->proposed && round->proposal.after == vote->after &&
               round->proposal.time == vote->time &&
               cy_id_eq(&round->proposal.value, &vote->value) &&
               memcmp(round->proposal_signature, signature, 64) == 0;
    ballot = &round->votes[vote->step][member];
    return ballot->here && ballot->time == vote->time && cy_id_eq(&ballot->value, &vote->value) &&
           memcmp(ballot->signature, signature, 64) == 0;
}

cy_err cy_rounds_vote(struct cy_federation *f, const struct cy_vote *vote, uint32_t member,
                      const uint8_t signature[static 64])
{
    CY_TRY(count_vote(f, vote, member, signature));
    if (!f->begun && others_began(f, vote))
        cy_rounds_wake(f, true);
    return CY_OK;
}

void cy_rounds_timeout(struct cy_federation *f, enum cy_vote_step vote_step, uint32_t round)
{
    if (!f->begun || !can_agree(f))
        return;
    (void)!cy_ok(step(
        f, &(struct cy_agree_event){.kind = CY_AGREE_TIMEOUT, .step = vote_step, .round = round}));
}

/* --- proposing --- */

/* The final head is a note for those who read the ledger: said when the ledger does not know it. */
static struct cy_span final_note(struct cy_federation *f)
{
    const struct cy_agreement *agreement = CY_GET(&f->cell.engine.world, agreement, &(uint64_t){1});

    if (agreement == NULL || f->final.size <= agreement->final_size)
        return (struct cy_span){0};
    return cy_span_of(f->final.note, f->final.n);
}

static cy_err height_act(struct cy_federation *f, struct cy_span *act)
{
    const struct cy_certificate *c = &f->promise.decided;
    struct cy_ballot_entry ballots[CY_SEATS_MAX];
    struct cy_height m = {.height = f->agree.height,
                          .size = f->cell.size,
                          .root = cy_frontier_root(&f->cell.frontier),
                          .ballots = ballots,
                          .final = final_note(f)};
    size_t n = 0;

    CY_TRY(cy_cell_state_root(&f->cell, &m.state_root));
    if (f->seats.height > 0) {
        m.round = c->round;
        m.n_ballots = cy_certificate_ballots(c, ballots);
    }
    m.now = cy_height_time(&f->cell.engine.plan, ballots, (uint32_t)m.n_ballots, cy_member_now(f));
    CY_TRY(f->world->sign_height(f->world->self, &m, f->act, CY_HEIGHT_ACT_MAX, &n));
    *act = cy_span_of(f->act, n);
    return CY_OK;
}

static void enter(struct cy_federation *f, struct cy_kept_block *place,
                  const struct cy_trial_head *head, bool valid)
{
    place->here = true;
    place->valid = valid;
    place->head = *head;
    place->value = cy_agreement_value(cy_name_text(&f->seats.origin), head->size, &head->root);
    place->used = ++f->used;
    f->judged[f->n_judged++ % CY_AGREE_VALUES] = (struct cy_judged){place->value, *head};
}

/* Another certificate than ours may lead to the time at which such a version begins. */
static cy_err can_judge(struct cy_federation *f, cy_err err)
{
    if (err.code == CY_E_RULES_UNKNOWN)
        cy_member_stop(f, err);
    return err;
}

static cy_err offer(struct cy_federation *f)
{
    struct cy_kept_block *place = cy_member_place(f);
    struct cy_block_writer writer;
    struct cy_trial_head head;
    struct cy_block block;
    struct cy_span act;

    if (place == NULL)
        return cy_fail(CY_E_NO_ROOM, CY_BLOCKS_KEPT);
    place->here = false;
    CY_TRY(height_act(f, &act));
    cy_block_begin(&writer, place->bytes, CY_BLOCK_BYTES_MAX, f->agree.height);
    CY_TRY(can_judge(f, cy_trial_build(&f->trial, &f->pool, act, &writer)));
    place->n = (uint32_t)writer.n;
    CY_TRY(cy_block_read(cy_kept_span(place), &block));
    head = cy_trial_head(&f->trial, &block);
    enter(f, place, &head, true);
    return step(f, &(struct cy_agree_event){.kind = CY_AGREE_OFFER, .value = place->value});
}

/* --- saying --- */

/* Before a precommit of a value: the lock, what it rests on, and its block. */
static cy_err promise(struct cy_federation *f)
{
    const struct cy_agree_round *round = cy_agree_votes(&f->agree, f->agree.locked_round);
    const struct cy_kept_block *block = cy_member_block(f, &f->agree.locked);
    struct cy_promise *p = &f->promise;

    if (p->height == f->agree.height && p->locked_round == f->agree.locked_round)
        return CY_OK;
    p->height = f->agree.height;
    p->locked_round = f->agree.locked_round;
    p->locked = f->agree.locked;
    p->n = 0;
    for (uint32_t i = 0; round != NULL && i < f->agree.n; i++) {
        const struct cy_agree_ballot *ballot = &round->votes[CY_VOTE_PREVOTE][i];

        if (!ballot->here || !cy_id_eq(&ballot->value, &f->agree.locked))
            continue;
        p->prevotes[p->n].seat = f->seats.next.seats[i];
        p->prevotes[p->n].time = ballot->time;
        memcpy(p->prevotes[p->n++].signature, ballot->signature, 64);
    }
    {
        const cy_err err = cy_member_save(f, block);

        if (!cy_ok(err))
            p->height = 0; /* not promised yet */
        return err;
    }
}

static void tell_vote(struct cy_federation *f, const struct cy_vote *vote,
                      const uint8_t signature[static 64])
{
    char room[CY_PEER_VOTE_MAX];
    const struct cy_span note = cy_member_vote_note(f, vote, f->seats.self, signature, room);
    const struct cy_kept_block *block = NULL;

    if (note.n == 0)
        return;
    cy_member_tell(f, CY_PEER_VOTE, note);
    if (vote->step != CY_VOTE_PROPOSE)
        return;
    block = cy_member_block(f, &vote->value);
    if (block != NULL)
        cy_member_tell(f, CY_PEER_OUTLINE, cy_gossip_outline(f, block));
}

static void drop_first(struct cy_federation *f)
{
    memmove(f->unsaid, f->unsaid + 1, (f->n_unsaid - 1) * sizeof *f->unsaid);
    f->n_unsaid--;
}

/* Signs and says the first vote that waits; false: it waits on. */
static bool say_first(struct cy_federation *f)
{
    struct cy_vote vote = f->unsaid[0];
    const struct cy_vote_lock lock = {f->agree.locked_round, f->agree.locked};
    struct cy_vote said;
    uint8_t signature[64];
    cy_err err = CY_OK;

    if (vote.step == CY_VOTE_PRECOMMIT && !cy_id_none(&vote.value))
        err = promise(f);
    if (!cy_ok(err)) {
        cy_member_stop(f, err);
        f->held = true;
        return false;
    }
    vote.origin = cy_name_text(&f->seats.origin);
    vote.time = cy_member_now(f);
    err = f->world->sign_vote(f->world->self, &vote, &lock, &said, signature);
    if (!cy_ok(err) && cy_err_info(err.code)->kind != CY_ERR_refusal) {
        f->held = true;
        return false;
    }
    drop_first(f);
    if (!cy_ok(err))
        return true; /* the key has gone beyond this vote: others do without it */
    tell_vote(f, &said, signature);
    (void)!cy_ok(cy_rounds_vote(f, &said, f->agree.self, signature));
    return true;
}

/* --- decided --- */

static const struct cy_trial_head *judged(const struct cy_federation *f, const struct cy_id *value)
{
    for (uint32_t i = 0; i < CY_AGREE_VALUES; i++) {
        if (cy_id_eq(&f->judged[i].value, value))
            return &f->judged[i].head;
    }
    return NULL;
}

/* False when the block was given up for newer ones: it is asked for again. */
static bool decide(struct cy_federation *f)
{
    const struct cy_id *value = &f->agree.decision;
    const struct cy_trial_head *head = judged(f, value);
    struct cy_kept_block *block = cy_member_block(f, value);
    struct cy_certificate certificate;

    CY_ASSERT(head != NULL); /* agree knows no more values than are remembered here */
    cy_certificate_from(&f->agree, &f->seats.next, head->size, &head->root, &certificate);
    if (block == NULL) {
        f->certified = certificate;
        f->want = *value;
        return false;
    }
    cy_member_commit(f, &certificate, (uint32_t)(block - f->blocks), 0);
    return true;
}

#define LOOK_AGAIN 16u /* waiting acts that are judged again after a block: most go with it */

static void give_up(struct cy_federation *f, struct cy_pool_act *act, cy_err err)
{
    if (act->mine)
        f->world->answered(f->world->self, &act->id, err, 0);
    cy_pool_drop(act);
}

/* The acts of the block that was kept leave the pool; who handed one in is told. */
static void settle_pool(struct cy_federation *f)
{
    const struct cy_realm *realm = cy_engine_realm(&f->cell.engine);
    struct cy_span rest;
    struct cy_span entry;
    struct cy_block block;
    uint64_t at = f->cell.size;

    if (!cy_ok(cy_block_read(cy_kept_span(&f->blocks[f->block]), &block)))
        return;
    rest = block.entries;
    at -= block.n;
    for (; cy_ok(cy_bundle_next(&rest, &entry)); at++) {
        struct cy_envelope envelope;
        struct cy_pool_act *act = NULL;
        struct cy_id id;

        if (!cy_ok(cy_envelope_read(entry, &envelope)))
            continue;
        id = cy_sha256_parts((const struct cy_span[]){envelope.protected, envelope.payload}, 2);
        act = cy_pool_find(&f->pool, &id);
        if (act == NULL)
            continue;
        if (act->mine)
            f->world->answered(f->world->self, &act->id, CY_OK, at);
        cy_pool_drop(act);
    }
    for (uint32_t i = 0; i < f->pool.n; i++) {
        if (f->pool.acts[i].n > 0 && f->pool.acts[i].expires <= realm->now / 1000)
            give_up(f, &f->pool.acts[i], cy_fail(CY_E_EXPIRED, 0));
    }
    for (uint32_t i = 0; i < f->pool.n && i < LOOK_AGAIN; i++) {
        struct cy_pool_act *act = &f->pool.acts[f->look_again++ % f->pool.n];
        const cy_err err =
            act->n == 0 ? CY_OK : cy_trial_again(&f->trial, cy_pool_span(&f->pool, act));

        if (!cy_ok(err))
            give_up(f, act, err);
    }
    cy_pool_tidy(&f->pool);
}

static void finish(struct cy_federation *f)
{
    const uint64_t height = f->certified.height;
    const struct cy_head head = {.size = f->certified.size, .root = f->certified.root};

    settle_pool(f);
    cy_finality_roll(&f->finality, &f->cell.engine.world);
    cy_finality_agreed(&f->finality, height, head.size, &head.root);
    f->cosign_due = true;
    f->world->headed(f->world->self, &head, height, false);
    if (cy_cell_snapshot_due(&f->cell))
        (void)!cy_ok(cy_cell_snapshot(&f->cell)); /* kept in snapshot_err; the journal has it all */
    cy_rounds_begin(f);
}

bool cy_rounds_settle(struct cy_federation *f)
{
    while (can_agree(f) && f->begun) {
        if (f->agree.decided) {
            if (!decide(f))
                return false;
        } else if (f->offer_due) {
            f->offer_due = false;
            (void)!cy_ok(offer(f)); /* nothing to offer: the timer ends the round */
        } else if (f->n_unsaid == 0 || f->held || !say_first(f)) {
            return false;
        }
    }
    if (f->stage == CY_STAGE_AGREE || !cy_member_go_on(f))
        return false;
    finish(f);
    return true;
}

/* --- what comes in --- */

static bool certifies(const struct cy_federation *f, const struct cy_trial_head *head)
{
    return f->certified.height != 0 && f->certified.size == head->size &&
           cy_id_eq(&f->certified.root, &head->root);
}

static bool interesting(const struct cy_federation *f, const struct cy_id *value)
{
    if (cy_id_eq(&f->want, value) || cy_id_eq(&f->agree.valid, value) ||
        cy_id_eq(&f->agree.locked, value))
        return true;
    for (unsigned i = 0; i < CY_AGREE_ROUNDS; i++) {
        const struct cy_agree_round *round = &f->agree.rounds[i];

        if (round->round != CY_NO_ROUND && round->proposed &&
            cy_id_eq(&round->proposal.value, value))
            return true;
    }
    return false;
}

/* The rest of a block of which the ledger has the first `from` acts. */
static cy_err rest_of(const struct cy_block *block, uint64_t from, struct cy_block *out)
{
    struct cy_span entry;

    *out = *block;
    for (uint64_t i = 0; i < from; i++)
        CY_TRY(cy_bundle_next(&out->entries, &entry));
    return CY_OK;
}

/* A block that others decided: that its leaves lead to the certified head is enough. */
static cy_err take_certified(struct cy_federation *f, const struct cy_block *block,
                             const struct cy_trial_head *head, uint32_t from)
{
    struct cy_kept_block *place = cy_member_place(f);

    if (place == NULL)
        return cy_fail(CY_E_NO_ROOM, CY_BLOCKS_KEPT);
    CY_TRY(cy_trial_signatures(&f->trial, block, &f->pool));
    place->n = (uint32_t)block->bytes.n;
    memcpy(place->bytes, block->bytes.at, block->bytes.n);
    enter(f, place, head, true);
    cy_member_commit(f, &f->certified, (uint32_t)(place - f->blocks), from);
    return CY_OK;
}

cy_err cy_rounds_block(struct cy_federation *f, struct cy_span bytes)
{
    struct cy_kept_block *place = NULL;
    struct cy_trial_head head;
    struct cy_block block;
    struct cy_block rest;
    uint64_t from = 0;
    struct cy_id value;
    bool valid = false;
    cy_err err = CY_OK;

    CY_TRY(cy_block_read(bytes, &block));
    if (f->stage != CY_STAGE_AGREE || !cy_ok(f->trouble))
        return cy_fail(CY_E_UNASKED, 0);
    if (!f->confirmed && block.height == f->seats.height)
        from = f->cell.size - f->seats.size;
    else if (block.height != f->agree.height)
        return cy_fail(CY_E_OTHER_HEIGHT, f->agree.height);
    if (from > block.n || !cy_ok(rest_of(&block, from, &rest)))
        return cy_fail(CY_E_BLOCK_REFUSED, 0);
    head = cy_trial_head(&f->trial, &rest);
    if (f->certified.height == block.height && certifies(f, &head))
        return take_certified(f, &block, &head, (uint32_t)from);
    value = cy_agreement_value(cy_name_text(&f->seats.origin), head.size, &head.root);
    if (!f->confirmed || !interesting(f, &value) || cy_member_block(f, &value) != NULL)
        return cy_fail(CY_E_UNASKED, 0);
    place = cy_member_place(f);
    if (place == NULL)
        return cy_fail(CY_E_NO_ROOM, CY_BLOCKS_KEPT);
    err = cy_trial_signatures(&f->trial, &block, &f->pool);
    if (cy_ok(err))
        err = can_judge(f, cy_trial_judge(&f->trial, &block));
    CY_TRY(f->trouble);
    valid = cy_ok(err);
    if (valid) {
        place->n = (uint32_t)bytes.n;
        memcpy(place->bytes, bytes.at, bytes.n);
        enter(f, place, &head, true);
    }
    if (cy_id_eq(&f->want, &value))
        f->want = (struct cy_id){0};
    CY_TRY(
        step(f, &(struct cy_agree_event){.kind = CY_AGREE_VALUE, .value = value, .valid = valid}));
    return valid ? CY_OK : cy_fail(CY_E_BLOCK_REFUSED, 0);
}

/* The proof that the height opened last is whole. */
static cy_err confirm(struct cy_federation *f, const struct cy_certificate *c)
{
    if (f->confirmed)
        return cy_fail(CY_E_UNASKED, 0);
    CY_TRY(cy_certificate_check(c, &f->seats.origin, &f->seats.last));
    if (c->size > f->cell.size) {
        f->certified = *c; /* its block is to come */
        return CY_OK;
    }
    {
        const struct cy_id root = cy_frontier_root(&f->cell.frontier);

        if (c->size != f->cell.size || !cy_id_eq(&c->root, &root))
            return cy_fail(CY_E_OTHER_HEAD, c->size);
    }
    f->promise.decided = *c;
    f->confirmed = true;
    cy_finality_agreed(&f->finality, c->height, c->size, &c->root);
    f->cosign_due = true;
    return CY_OK;
}

cy_err cy_rounds_certificate(struct cy_federation *f, const struct cy_certificate *c)
{
    struct cy_kept_block *block = NULL;
    struct cy_id value;

    if (f->stage != CY_STAGE_AGREE || !cy_ok(f->trouble))
        return cy_fail(CY_E_UNASKED, 0);
    if (c->height == f->seats.height)
        return confirm(f, c);
    if (c->height != f->seats.height + 1 || !f->confirmed)
        return cy_fail(CY_E_OTHER_HEIGHT, f->seats.height + 1);
    if (f->certified.height == c->height)
        return cy_fail(CY_E_UNASKED, 0);
    CY_TRY(cy_certificate_check(c, &f->seats.origin, &f->seats.next));
    f->certified = *c;
    value = cy_agreement_value(cy_name_text(&f->seats.origin), c->size, &c->root);
    block = cy_member_block(f, &value);
    if (block != NULL)
        cy_member_commit(f, c, (uint32_t)(block - f->blocks), 0);
    else
        f->want = value;
    return CY_OK;
}

/* --- evidence --- */

/* False: nobody here can sign it, or it is refused. */
static bool hand_in(struct cy_federation *f, const struct cy_equivocate *message)
{
    struct cy_act act;
    size_t n = 0;

    if (f->world->sign_equivocate == NULL ||
        !cy_ok(f->world->sign_equivocate(f->world->self, message, f->act, CY_HEIGHT_ACT_MAX, &n)))
        return false;
    if (!cy_ok(cy_trial_act(&f->trial, cy_span_of(f->act, n), &act)) ||
        !cy_ok(cy_pool_add(&f->pool, &act, false)))
        return false;
    cy_member_tell(f, CY_PEER_ACT, cy_span_of(f->act, n));
    return true;
}

void cy_rounds_convict(struct cy_federation *f, uint32_t seat,
                       const struct cy_agree_evidence *evidence)
{
    char rooms[2][CY_PEER_VOTE_MAX];
    uint8_t body[CY_PEER_EVIDENCE_MAX];
    struct cy_agree_evidence named = *evidence;
    struct cy_peer_evidence notes;

    if ((f->convicted >> seat & 1) != 0)
        return;
    for (unsigned i = 0; i < 2; i++) {
        notes.notes[i] =
            cy_member_vote_note(f, &evidence->votes[i], seat, evidence->signatures[i], rooms[i]);
        if (notes.notes[i].n == 0)
            return;
        named.votes[i].origin = cy_name_text(&f->seats.origin);
    }
    f->convicted |= 1u << seat;
    f->world->convicted(f->world->self, seat, &named);
    cy_member_tell(f, CY_PEER_EVIDENCE, cy_peer_evidence_write(&notes, body));
    (void)hand_in(f, &(struct cy_equivocate){.kind = CY_statement_VOTE,
                                             .of_key = f->seats.seat[seat].vote_key,
                                             .one = notes.notes[0],
                                             .another = notes.notes[1]});
}

static uint32_t seat_that_cosigns(const struct cy_federation *f, const struct cy_id *key)
{
    for (uint32_t i = 0; i < CY_SEATS_MAX; i++) {
        if (f->seats.seat[i].here && cy_id_eq(&f->seats.seat[i].cosign_key, key))
            return i;
    }
    return CY_SEATS_MAX;
}

void cy_rounds_cosigned_twice(struct cy_federation *f)
{
    char rooms[2][CY_FINALITY_LINE_MAX];
    uint8_t body[CY_PEER_COSIGNATURE_BYTES];
    struct cy_span notes[2];
    struct cy_cosigned_twice twice;
    uint32_t seat = 0;

    if (f->stage != CY_STAGE_AGREE || !cy_ok(f->trouble) ||
        !cy_finality_twice(&f->finality, &twice))
        return;
    seat = seat_that_cosigns(f, &twice.line[0].key);
    if (seat == CY_SEATS_MAX || (f->convicted >> seat & 1) != 0)
        return;
    for (unsigned i = 0; i < 2; i++) {
        struct cy_text note = cy_text_on(rooms[i], sizeof rooms[i]);

        cy_finality_line(&f->finality, &twice.line[i], cy_name_text(&f->seats.seat[seat].name),
                         &note);
        CY_ASSERT(!note.full);
        notes[i] = cy_text_bytes(&note);
    }
    f->convicted |= 1u << seat;
    f->world->convicted(f->world->self, seat, NULL);
    if (hand_in(f, &(struct cy_equivocate){.kind = CY_statement_COSIGNATURE,
                                           .of_key = twice.line[0].key,
                                           .one = notes[0],
                                           .another = notes[1]}))
        return;
    for (unsigned i = 0; i < 2; i++) /* whoever can sign it sees it so */
        cy_member_tell(f, CY_PEER_COSIGNATURE, cy_peer_cosignature_write(&twice.line[i], body));
}

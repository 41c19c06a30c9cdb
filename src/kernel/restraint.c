#include "kernel/restraint.h"

#include "crypto/hash.h"

#define CONTROLLERS 4 /* who answers for who answers for a party */

struct of_two {
    struct cy_id one;
    struct cy_id other;
};

struct numbered {
    struct cy_id id;
    uint64_t number;
};

struct of_three {
    struct cy_id party;
    struct cy_id one;
    struct cy_id other;
};

/* The realm's emergency measures are a source of their own, so that one never undoes what else the
 * realm restrains. */
const struct cy_id cy_restraint_emergency = {"realm:emergency"};

/* --- subjects --- */

struct cy_id cy_restraint_subject(struct cy_span scheme, struct cy_span value)
{
    static const char colon[] = ":";
    struct cy_id id = {{0}};

    if (scheme.n + 1 + value.n > sizeof id.b)
        return cy_sha256_parts((const struct cy_span[]){scheme, cy_span_of(colon, 1), value}, 3);
    memcpy(id.b, scheme.at, scheme.n);
    id.b[scheme.n] = ':';
    memcpy(id.b + scheme.n + 1, value.at, value.n);
    return id;
}

/* "scheme:value" of plain characters, zeros after it. */
static bool is_text(const struct cy_id *subject)
{
    const uint8_t *colon = memchr(subject->b, ':', 16);
    size_t n = 0;

    while (n < sizeof subject->b && subject->b[n] > ' ' && subject->b[n] < 0x7f)
        n++;
    if (colon == NULL || subject->b + n <= colon + 1)
        return false;
    while (n < sizeof subject->b && subject->b[n] == 0)
        n++;
    return n == sizeof subject->b;
}

/* A class that parties may belong to, and neither a passport nor the name of one outside. */
static bool is_class(struct cy_plan *plan, const struct cy_id *subject)
{
    static const char *const outside[] = {"lei:", "tax:", "list:", "name:"};

    for (size_t i = 0; i < CY_COUNT(outside); i++) {
        if (memcmp(subject->b, outside[i], strlen(outside[i])) == 0)
            return false;
    }
    return is_text(subject) && CY_READ(plan, passport, subject) == NULL;
}

bool cy_restraint_in_force(const struct cy_restraint *restraint, cy_time now)
{
    return (restraint->until == 0 || now < restraint->until) && now < restraint->review_at;
}

bool cy_restraint_any(const struct cy_plan *plan)
{
    return !cy_plan_empty(plan, CY_R_restraint);
}

const struct cy_restraint *cy_restraint_of(struct cy_plan *plan, const struct cy_id *subject,
                                           const struct cy_id *source)
{
    return CY_READ(plan, restraint, (&(const struct of_two){*subject, *source}));
}

/* --- who heeds --- */

static const struct cy_heeded *heeded_by(struct cy_plan *plan, const struct cy_id *party,
                                         uint64_t number)
{
    return CY_READ(plan, heeded, (&(const struct numbered){*party, number}));
}

/* What binds a party may begin later, and end by itself. */
static bool at_present(const struct cy_heeded *heeded, cy_time now)
{
    return heeded->since <= now && (heeded->until == 0 || now < heeded->until);
}

unsigned cy_restraint_mode(struct cy_plan *plan, const struct cy_id *party,
                           const struct cy_id *source, cy_time now)
{
    const struct cy_heeder *heeder = CY_READ(plan, heeder, party);

    for (uint64_t i = 0; heeder != NULL && i < heeder->sources; i++) {
        const struct cy_heeded *heeded = heeded_by(plan, party, i);

        CY_ASSERT(heeded != NULL); /* numbers have no gaps */
        if (cy_id_eq(&heeded->source, source))
            return at_present(heeded, now) ? heeded->mode : CY_heed_mode_IGNORE;
    }
    return CY_heed_mode_IGNORE;
}

static void drop_heeded(struct cy_plan *plan, const struct cy_id *party, uint64_t number)
{
    const struct cy_heeder *heeder = CY_READ(plan, heeder, party);
    const uint64_t last = heeder->sources - 1;
    const struct cy_heeded moved = *heeded_by(plan, party, last);
    struct cy_heeded *to = CY_EDIT(plan, heeded, (&(const struct numbered){*party, number}));

    to->source = moved.source;
    to->mode = moved.mode;
    to->since = moved.since;
    to->bound = moved.bound;
    to->until = moved.until;
    CY_REMOVE(plan, heeded, (&(const struct numbered){*party, last}));
    if (last == 0)
        CY_REMOVE(plan, heeder, party);
    else
        CY_EDIT(plan, heeder, party)->sources--;
}

/* The number under which a party heeds a source; how many it heeds, where it does not. */
static uint64_t place_of(struct cy_plan *plan, const struct cy_id *party,
                         const struct cy_id *source, uint64_t *n)
{
    const struct cy_heeder *heeder = CY_READ(plan, heeder, party);
    uint64_t at = 0;

    *n = heeder == NULL ? 0 : heeder->sources;
    while (at < *n && !cy_id_eq(&heeded_by(plan, party, at)->source, source))
        at++;
    return at;
}

static cy_err set_heeded(struct cy_plan *plan, const struct cy_heeded *wanted)
{
    uint64_t n = 0;
    const uint64_t at = place_of(plan, &wanted->party, &wanted->source, &n);
    struct cy_heeded *heeded = NULL;

    if (cy_id_eq(&wanted->party, &wanted->source))
        return cy_fail(CY_E_HEED_SELF, 1);
    if (at == CY_HEEDED_MOST)
        return cy_fail(CY_E_HEED_MOST, CY_HEEDED_MOST);
    if (at == n)
        CY_EDIT(plan, heeder, &wanted->party)->sources = n + 1;
    heeded = CY_EDIT(plan, heeded, (&(const struct numbered){wanted->party, at}));
    *heeded = *wanted;
    heeded->number = at;
    return CY_OK;
}

cy_err cy_restraint_heed(struct cy_plan *plan, cy_time now, const struct cy_id *party,
                         const struct cy_id *source, unsigned mode)
{
    uint64_t n = 0;
    const uint64_t at = place_of(plan, party, source, &n);

    if (cy_id_eq(party, source))
        return cy_fail(CY_E_HEED_SELF, 1);
    if (at < n && heeded_by(plan, party, at)->bound)
        return cy_fail(CY_E_HEED_BOUND, 1);
    if (mode == CY_heed_mode_IGNORE) {
        if (at < n)
            drop_heeded(plan, party, at);
        return CY_OK;
    }
    return set_heeded(plan,
                      &(const struct cy_heeded){
                          .party = *party, .source = *source, .mode = (uint8_t)mode, .since = now});
}

cy_err cy_restraint_bind(struct cy_plan *plan, const struct cy_id *party,
                         const struct cy_id *source, cy_time since, cy_time until)
{
    return set_heeded(plan, &(const struct cy_heeded){.party = *party,
                                                      .source = *source,
                                                      .mode = CY_heed_mode_MIRROR,
                                                      .since = since,
                                                      .bound = true,
                                                      .until = until});
}

void cy_restraint_unbind(struct cy_plan *plan, const struct cy_id *party,
                         const struct cy_id *source)
{
    uint64_t n = 0;
    const uint64_t at = place_of(plan, party, source, &n);

    if (at < n && heeded_by(plan, party, at)->bound)
        drop_heeded(plan, party, at);
}

/* --- the search --- */

struct search {
    struct cy_plan *plan;
    const struct cy_restraint_ask *ask;
    bool (*each)(void *self, const struct cy_restraint_hit *hit);
    void *self;
    bool *met; /* something on record reaches the party, in force and heeded or not */
};

/* Whether a follower that heeds the source so takes this restraint. */
static bool takes(const struct search *s, const struct cy_restraint *restraint,
                  const struct cy_id *follower, unsigned mode)
{
    const struct of_three key = {*follower, restraint->source, restraint->subject};
    const struct cy_heed_mark *mark = NULL;

    if (mode != CY_heed_mode_REVIEW)
        return mode == CY_heed_mode_MIRROR;
    mark = CY_READ(s->plan, heed_mark, &key);
    return mark != NULL && cy_id_eq(&mark->confirmed, &restraint->id);
}

/* Of one subject, what one source says, for one follower. What the whole realm takes was told
 * already when its followers come. */
static bool of_source(const struct search *s, const struct cy_id *subject,
                      const struct cy_id *source, const struct cy_id *follower, unsigned mode)
{
    const struct cy_restraint *restraint = cy_restraint_of(s->plan, subject, source);
    const struct cy_id *realm = &s->ask->realm;

    if (restraint == NULL || !cy_restraint_in_force(restraint, s->ask->now) ||
        !takes(s, restraint, follower, mode))
        return false;
    if (!cy_id_eq(follower, realm) &&
        (cy_id_eq(source, realm) ||
         takes(s, restraint, realm, cy_restraint_mode(s->plan, realm, source, s->ask->now))))
        return false;
    return s->each(s->self, &(const struct cy_restraint_hit){.restraint = restraint,
                                                             .party = s->ask->party,
                                                             .follower = *follower});
}

/* What the sources that one follower heeds say of a subject. A follower heeds itself. */
static bool for_follower(const struct search *s, const struct cy_id *subject,
                         const struct cy_id *follower)
{
    const struct cy_heeder *heeder = NULL;

    if (cy_id_none(follower))
        return false;
    if (of_source(s, subject, follower, follower, CY_heed_mode_MIRROR))
        return true;
    if (cy_id_eq(follower, &s->ask->realm) &&
        of_source(s, subject, &cy_restraint_emergency, follower, CY_heed_mode_MIRROR))
        return true;
    heeder = CY_READ(s->plan, heeder, follower);
    for (uint64_t i = 0; heeder != NULL && i < heeder->sources; i++) {
        const struct cy_heeded *heeded = heeded_by(s->plan, follower, i);

        CY_ASSERT(heeded != NULL);
        if (at_present(heeded, s->ask->now) &&
            of_source(s, subject, &heeded->source, follower, heeded->mode))
            return true;
    }
    return false;
}

static bool of_subject(const struct search *s, const struct cy_id *subject)
{
    *s->met = true;
    if (for_follower(s, subject, &s->ask->realm))
        return true;
    for (unsigned i = 0; i < CY_COUNT(s->ask->followers); i++) {
        if (for_follower(s, subject, &s->ask->followers[i]))
            return true;
    }
    return false;
}

/* By far the most are not on record at all. */
static bool of_party(const struct search *s, const struct cy_id *party)
{
    return !cy_plan_absent(s->plan, CY_R_restrained, party) &&
           CY_READ(s->plan, restrained, party) != NULL && of_subject(s, party);
}

static bool of_lineage(const struct search *s, const struct cy_id *passport)
{
    const struct cy_lineage *lineage = NULL;

    if (of_party(s, passport))
        return true;
    if (cy_plan_absent(s->plan, CY_R_lineage, passport))
        return false;
    lineage = CY_READ(s->plan, lineage, passport);
    for (uint64_t i = 0; lineage != NULL && i < lineage->ancestors; i++) {
        const struct cy_ancestor *ancestor =
            CY_READ(s->plan, ancestor, (&(const struct numbered){*passport, i}));

        CY_ASSERT(ancestor != NULL);
        if (of_party(s, &ancestor->from))
            return true;
    }
    return false;
}

/* A class and every wider one: each beginning of its value. */
static bool of_class(const struct search *s, struct cy_span scheme, struct cy_span value)
{
    for (size_t n = value.n; n > 0; n--) {
        const struct cy_id subject = cy_restraint_subject(scheme, cy_span_of(value.at, n));

        if (CY_READ(s->plan, restrained_class, &subject) != NULL && of_subject(s, &subject))
            return true;
    }
    return false;
}

static bool of_classes(const struct search *s)
{
    const struct cy_passport *passport = CY_READ(s->plan, passport, &s->ask->party);

    for (uint64_t i = 0; i < CY_CLASSES_MOST; i++) {
        const struct cy_party_class *class =
            CY_READ(s->plan, party_class, (&(const struct numbered){s->ask->party, i}));

        if (class == NULL)
            break; /* numbers have no gaps */
        if (of_class(s, cy_label_text(&class->scheme), cy_label_text(&class->value)))
            return true;
    }
    if (passport == NULL || passport->jurisdiction.n == 0)
        return false;
    return of_class(s, cy_span_text("iso3166"), cy_label_text(&passport->jurisdiction));
}

/* Who is who answers for a party, NULL when nobody. */
static const struct cy_id *controller(struct cy_plan *plan, const struct cy_id *party)
{
    const struct cy_controlled *controlled =
        cy_plan_absent(plan, CY_R_controlled, party) ? NULL : CY_READ(plan, controlled, party);

    return controlled == NULL ? NULL : &controlled->by;
}

static bool search(const struct search *s)
{
    const struct cy_id *at = &s->ask->party;

    if (!cy_plan_empty(s->plan, CY_R_restrained_class) && of_classes(s))
        return true;
    for (int i = 0; i <= CONTROLLERS && at != NULL; i++) {
        if (of_lineage(s, at))
            return true;
        at = controller(s->plan, at);
    }
    return false;
}

/* A number that stays while nothing can have come to reach a party. */
static uint32_t writes(const struct cy_plan *plan)
{
    return cy_plan_writes(plan, CY_R_restraint) + cy_plan_writes(plan, CY_R_ancestor) +
           cy_plan_writes(plan, CY_R_controlled) + cy_plan_writes(plan, CY_R_party_class);
}

/* Nothing can reach the party: it is not on record, nor has it classes that are, nor a lineage, nor
 * anybody who answers for it. Four bits say so, of most parties of most realms. */
static bool untouched(const struct cy_plan *plan, const struct cy_id *party)
{
    return cy_plan_absent(plan, CY_R_restrained, party) &&
           cy_plan_empty(plan, CY_R_restrained_class) &&
           cy_plan_absent(plan, CY_R_lineage, party) &&
           cy_plan_absent(plan, CY_R_controlled, party);
}

/* One party pays, or acts, in all of a batch: that nothing on record reaches it is found once. */
bool cy_restraint_binds(struct cy_plan *plan, const struct cy_restraint_ask *ask,
                        bool (*each)(void *self, const struct cy_restraint_hit *hit), void *self)
{
    struct cy_plan_clear *clear = &plan->clear;
    bool met = false;
    bool found = false;

    if (!cy_restraint_any(plan) || untouched(plan, &ask->party))
        return false;
    if (clear->item != 0 && clear->writes == writes(plan) && cy_id_eq(&clear->party, &ask->party))
        return false;
    found = search(&(const struct search){plan, ask, each, self, &met});
    if (!met && ask->again)
        *clear = (struct cy_plan_clear){.party = ask->party, .writes = writes(plan), .item = 1};
    return found;
}

bool cy_restraint_inherits(struct cy_plan *plan, const struct cy_id *heir, const struct cy_id *of)
{
    const struct cy_lineage *lineage = CY_READ(plan, lineage, heir);

    if (cy_id_eq(heir, of))
        return true;
    for (uint64_t i = 0; lineage != NULL && i < lineage->ancestors; i++) {
        if (cy_id_eq(&CY_READ(plan, ancestor, (&(const struct numbered){*heir, i}))->from, of))
            return true;
    }
    return false;
}

/* --- what is asked --- */

static bool shuts_out(void *self, const struct cy_restraint_hit *hit)
{
    (void)self;
    return hit->restraint->exclude;
}

static bool holds(void *self, const struct cy_restraint_hit *hit)
{
    *(bool *)self = hit->restraint->exclude;
    return hit->restraint->exclude || hit->restraint->freeze;
}

static bool denies(void *self, const struct cy_restraint_hit *hit)
{
    const struct cy_label *service = self;

    return hit->restraint->benefit.n > 0 &&
           memcmp(&hit->restraint->benefit, service, sizeof *service) == 0;
}

cy_err cy_restraint_barred(struct cy_plan *plan, const struct cy_restraint_ask *ask)
{
    return cy_restraint_binds(plan, ask, shuts_out, NULL) ? cy_fail(CY_E_EXCLUDED, 0) : CY_OK;
}

cy_err cy_restraint_denied(struct cy_plan *plan, const struct cy_restraint_ask *ask,
                           const struct cy_label *service)
{
    struct cy_label copy = *service;

    return cy_restraint_binds(plan, ask, denies, &copy) ? cy_fail(CY_E_SERVICE_DENIED, 0) : CY_OK;
}

cy_err cy_restraint_holds(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *party)
{
    const struct cy_restraint_ask ask = {.realm = ctx->realm, .party = *party, .now = ctx->now};
    bool excluded = false;

    if (!cy_restraint_any(plan) || !cy_restraint_binds(plan, &ask, holds, &excluded))
        return CY_OK;
    return cy_fail(excluded ? CY_E_EXCLUDED : CY_E_FROZEN, 1);
}

/* What nobody loses: keys, leaving, being heard, binding oneself and taking back. */
static bool is_right(uint32_t act)
{
    switch (act) {
    case CY_M_passport_rotate:
    case CY_M_passport_retire:
    case CY_M_exit_leave:
    case CY_M_exit_admit:
    case CY_M_exit_done:
    case CY_M_exit_claim:
    case CY_M_exit_contest:
    case CY_M_exit_settle:
    case CY_M_exit_moved:
    case CY_M_exit_duty:
    case CY_M_evidence_record:
    case CY_M_blob_hold:
    case CY_M_blob_erase:
    case CY_M_restraint_appeal:
    case CY_M_restraint_settle:
    case CY_M_review_open:
    case CY_M_consent_give:
    case CY_M_consent_end:
    case CY_M_deed_claim:
    case CY_M_deed_settle:
    case CY_M_liability_owe:
    case CY_M_grant_revoke:
    case CY_M_constrain:
    case CY_M_constrain_lift:
    case CY_M_service_end:
    case CY_M_bond_cool:
    case CY_M_bond_withdraw: return true;
    default: return false;
    }
}

cy_err cy_restraint_author(const struct cy_ctx *ctx, struct cy_plan *plan, uint32_t act)
{
    const struct cy_restraint_ask ask = {
        .realm = ctx->realm, .party = ctx->author, .now = ctx->now, .again = true};

    if (!cy_restraint_any(plan) || ctx->holder == NULL || is_right(act) ||
        cy_id_eq(&ctx->author, &ctx->realm))
        return CY_OK;
    return cy_restraint_binds(plan, &ask, shuts_out, NULL) ? cy_fail(CY_E_EXCLUDED, 3) : CY_OK;
}

/* --- settlement --- */

struct judging {
    const struct cy_ctx *ctx;
    struct cy_plan *plan;
    const struct cy_payment *payment;
    struct cy_restraint_verdict *verdict;
    bool payer; /* the restraints looked at are the payer's */
    uint32_t caps;
    cy_err err;
};

/* Counts the payment in the cap's present window. */
static cy_err within_cap(struct judging *j, const struct cy_restraint_hit *hit)
{
    const struct cy_restraint *r = hit->restraint;
    const struct of_three key = {hit->party, r->subject, r->source};
    const struct cy_cap_used *have = CY_READ(j->plan, cap_used, &key);
    const bool over = have == NULL || j->ctx->now - have->window_since >= r->window_ms;
    struct cy_cap_used *used = NULL;
    cy_u128 sum = 0;

    if (j->caps++ == CY_CAPS_MOST)
        return cy_fail(CY_E_CAPPED, CY_CAPS_MOST); /* more than one act may count */
    if (!cy_ok(cy_add(over ? 0 : have->used, j->payment->amount, &sum)) || sum > r->most)
        return cy_fail(CY_E_CAPPED, 1);
    used = CY_EDIT(j->plan, cap_used, &key);
    used->used = sum;
    if (over)
        used->window_since = j->ctx->now;
    return CY_OK;
}

static bool judge(void *self, const struct cy_restraint_hit *hit)
{
    struct judging *j = self;
    const struct cy_restraint *r = hit->restraint;

    if (r->exclude) {
        j->err = cy_fail(CY_E_EXCLUDED, j->payer ? 1 : 2);
        return true;
    }
    if (r->freeze && j->verdict->frozen.restraint == NULL)
        j->verdict->frozen = *hit;
    if (!cy_id_none(&r->asset) && cy_id_eq(&r->asset, &j->payment->asset))
        j->err = within_cap(j, hit);
    if (j->payer && r->levy_ppm > 0 && j->verdict->n_levies < CY_LEVIES_MOST)
        j->verdict->levies[j->verdict->n_levies++] = (struct cy_levy){r->levy_to, r->levy_ppm};
    return !cy_ok(j->err);
}

cy_err cy_restraint_settle(const struct cy_ctx *ctx, struct cy_plan *plan,
                           const struct cy_payment *payment, struct cy_restraint_verdict *verdict)
{
    struct judging j = {
        .ctx = ctx, .plan = plan, .payment = payment, .verdict = verdict, .payer = true};
    struct cy_restraint_ask ask = {.realm = ctx->realm,
                                   .party = payment->payer,
                                   .followers = {payment->payee},
                                   .now = ctx->now,
                                   .again = true};

    verdict->frozen.restraint = NULL;
    verdict->n_levies = 0;
    if (cy_id_eq(&payment->payer, &payment->payee) ||
        (untouched(plan, &payment->payer) && untouched(plan, &payment->payee)))
        return CY_OK;
    if (cy_restraint_binds(plan, &ask, judge, &j))
        return j.err;
    j.payer = false;
    ask.party = payment->payee;
    ask.followers[0] = payment->payer;
    ask.again = false;
    (void)cy_restraint_binds(plan, &ask, judge, &j);
    return j.err;
}

/* --- writing --- */

static uint64_t *sources_of(struct cy_plan *plan, const struct cy_id *subject)
{
    return is_class(plan, subject) ? &CY_EDIT(plan, restrained_class, subject)->sources
                                   : &CY_EDIT(plan, restrained, subject)->sources;
}

/* The rights of every passport: no measure without evidence, without an end that somebody must look
 * at, or against the one whom all acts of the realm go through. */
static cy_err respects_rights(const struct cy_ctx *ctx, struct cy_plan *plan,
                              const struct cy_restraint *r)
{
    const bool cap = !cy_id_none(&r->asset);

    if (cy_id_eq(&r->subject, &ctx->realm) || cy_id_eq(&r->subject, &r->source) ||
        cy_id_none(&r->subject))
        return cy_fail(CY_E_RESTRAINT_TERMS, 1);
    if (CY_READ(plan, evidence, &r->evidence) == NULL)
        return cy_fail(CY_E_NO_NOUN, 10);
    if (r->review_at <= ctx->now || r->review_at - ctx->now > cy_param(plan, CY_P_RESTRAINT_MS))
        return cy_fail(CY_E_WRONG_TIME, 13);
    if (r->until != 0 && r->until <= ctx->now)
        return cy_fail(CY_E_WRONG_TIME, 12);
    if (!r->exclude && !r->freeze && !cap && r->levy_ppm == 0 && r->benefit.n == 0)
        return cy_fail(CY_E_RESTRAINT_TERMS, 2);
    if (cap != (r->window_ms != 0) || (!cap && r->most != 0))
        return cy_fail(CY_E_RESTRAINT_TERMS, 4);
    if (cap && CY_READ(plan, asset, &r->asset) == NULL)
        return cy_fail(CY_E_NO_NOUN, 4);
    if ((r->levy_ppm != 0) == cy_id_none(&r->levy_to))
        return cy_fail(CY_E_RESTRAINT_TERMS, 7);
    if (r->levy_ppm != 0 && CY_READ(plan, account, &r->levy_to) == NULL)
        return cy_fail(CY_E_NO_NOUN, 8);
    return CY_OK;
}

cy_err cy_restraint_put(const struct cy_ctx *ctx, struct cy_plan *plan,
                        const struct cy_restraint *restraint)
{
    const struct of_two key = {restraint->subject, restraint->source};

    CY_TRY(respects_rights(ctx, plan, restraint));
    if (CY_READ(plan, restraint, &key) == NULL)
        (*sources_of(plan, &restraint->subject))++;
    *CY_EDIT(plan, restraint, &key) = *restraint;
    return CY_OK;
}

cy_err cy_restraint_lift(struct cy_plan *plan, const struct cy_id *subject,
                         const struct cy_id *source)
{
    const struct of_two key = {*subject, *source};
    uint64_t *sources = NULL;

    if (CY_READ(plan, restraint, &key) == NULL)
        return cy_fail(CY_E_NO_RESTRAINT, 0);
    CY_REMOVE(plan, restraint, &key);
    sources = sources_of(plan, subject);
    CY_ASSERT(*sources > 0);
    if (--*sources > 0)
        return CY_OK;
    if (is_class(plan, subject))
        CY_REMOVE(plan, restrained_class, subject);
    else
        CY_REMOVE(plan, restrained, subject);
    return CY_OK;
}

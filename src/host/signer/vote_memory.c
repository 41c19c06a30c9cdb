#include "host/signer/vote_memory.h"

#include "crypto/hash.h"

#include <stdlib.h>

#define STEPS 3u
#define LINE_MAX                                                                                   \
    768u /* a line has at most 4 + 64 + 20 + 10 + 75 + 96 + 2 * 85 + 255, and 9 between */

/* A vote that was given at the record's height and round. */
struct ballot {
    struct cy_id value; /* none: nil */
    cy_time time;
    uint32_t after;
    uint32_t given; /* 1, or 0: no vote of that step */
};

struct entry {
    struct cy_id slot; /* digest of key and origin */
    struct cy_id key;
    uint64_t height;
    uint32_t round; /* CY_NO_ROUND: what was given is not known; read, never written */
    uint32_t n_origin;
    struct cy_vote_lock lock;
    uint32_t zero;
    struct ballot ballots[STEPS]; /* in the order of a round */
    char origin[CY_VOTE_ORIGIN_MAX + 1];
};
_Static_assert(sizeof(struct entry) % 8 == 0, "a record of a table");

struct cy_vote_memory {
    struct cy_memory_file *file;
};

/* Which step comes when in a round. */
static const enum cy_vote_step order_[STEPS] = {CY_VOTE_PROPOSE, CY_VOTE_PREVOTE,
                                                CY_VOTE_PRECOMMIT};

static unsigned turn_of(enum cy_vote_step step)
{
    unsigned turn = 0;

    while (turn + 1 < STEPS && order_[turn] != step)
        turn++;
    return turn;
}

static struct cy_id slot_of(const struct cy_id *key, struct cy_span origin)
{
    const struct cy_span parts[] = {cy_span_of(key->b, sizeof key->b), origin};

    return cy_sha256_parts(parts, CY_COUNT(parts));
}

static const struct entry *find(const struct cy_vote_memory *memory, const struct cy_id *key,
                                struct cy_span origin)
{
    const struct cy_id slot = slot_of(key, origin);

    return cy_memory_file_find(memory->file, &slot);
}

static cy_err origin_check(struct cy_span origin)
{
    return origin.n == 0 || origin.n > CY_VOTE_ORIGIN_MAX ||
                   memchr(origin.at, '\n', origin.n) != NULL
               ? cy_fail(CY_E_BAD_VOTE, 2)
               : CY_OK;
}

static struct entry fresh(const struct cy_id *key, struct cy_span origin)
{
    struct entry entry = {.slot = slot_of(key, origin),
                          .key = *key,
                          .n_origin = (uint32_t)origin.n,
                          .lock = {.round = CY_NO_ROUND}};

    memcpy(entry.origin, origin.at, origin.n);
    return entry;
}

/* --- judging --- */

/* The votes of that record's round, without those of a later step; -1: none. */
static int last_turn(const struct entry *entry)
{
    int last = -1;

    for (unsigned turn = 0; turn < STEPS; turn++)
        last = entry->ballots[turn].given != 0 ? (int)turn : last;
    return last;
}

static struct cy_vote vote_of(const struct entry *entry, unsigned turn, struct cy_span origin)
{
    const struct ballot *ballot = &entry->ballots[turn];

    return (struct cy_vote){.origin = origin,
                            .height = entry->height,
                            .round = entry->round,
                            .step = order_[turn],
                            .after = ballot->after,
                            .value = ballot->value,
                            .time = ballot->time};
}

/* Moves the record on to the height and round of a vote. */
static cy_err advance(struct entry *entry, const struct cy_vote *vote)
{
    if (vote->height < entry->height ||
        (vote->height == entry->height && vote->round < entry->round))
        return cy_fail(CY_E_VOTE_BACK, entry->height);
    if (vote->height == entry->height && vote->round == entry->round)
        return CY_OK;
    if (vote->height > entry->height)
        entry->lock = (struct cy_vote_lock){.round = CY_NO_ROUND};
    entry->height = vote->height;
    entry->round = vote->round;
    memset(entry->ballots, 0, sizeof entry->ballots);
    return CY_OK;
}

/* Of two locks that one member may hold one after the other, the later stays. */
static cy_err lock_on(struct entry *entry, const struct cy_vote_lock *lock)
{
    if (lock->round == CY_NO_ROUND)
        return CY_OK;
    if (lock->round > entry->round || cy_id_none(&lock->value))
        return cy_fail(CY_E_VOTE_CONFLICT, lock->round);
    if (lock->round == entry->lock.round && !cy_id_eq(&lock->value, &entry->lock.value))
        return cy_fail(CY_E_VOTE_CONFLICT, lock->round);
    if (entry->lock.round == CY_NO_ROUND || lock->round > entry->lock.round)
        entry->lock = *lock;
    return CY_OK;
}

/* Puts the vote into the record, which is of its height and round; or finds the earlier one. */
static cy_err give(struct entry *entry, const struct cy_vote *vote, const struct cy_vote_lock *lock,
                   bool *given_before)
{
    const unsigned turn = turn_of(vote->step);
    const struct cy_vote_lock precommitted = {vote->round, vote->value};

    *given_before = entry->ballots[turn].given != 0;
    if (*given_before)
        return CY_OK;
    if (last_turn(entry) > (int)turn)
        return cy_fail(CY_E_VOTE_BACK, entry->height);
    CY_TRY(lock_on(entry, lock));
    if (vote->step == CY_VOTE_PRECOMMIT && !cy_id_none(&vote->value))
        CY_TRY(lock_on(entry, &precommitted));
    entry->ballots[turn] =
        (struct ballot){.value = vote->value, .time = vote->time, .after = vote->after, .given = 1};
    return CY_OK;
}

cy_err cy_vote_memory_take(struct cy_vote_memory *memory, const struct cy_id *key,
                           const struct cy_vote *vote, const struct cy_vote_lock *lock,
                           struct cy_vote *said)
{
    const struct entry *old = NULL;
    struct entry entry;
    bool given_before = false;

    if (!cy_memory_file_works(memory->file))
        return cy_fail(CY_E_DISK_FAILED, 0);
    CY_TRY(origin_check(vote->origin));
    old = find(memory, key, vote->origin);
    entry = old == NULL ? fresh(key, vote->origin) : *old;
    if (old == NULL)
        entry.round = 0;
    CY_TRY(advance(&entry, vote));
    CY_TRY(give(&entry, vote, lock, &given_before));
    *said = vote_of(&entry, turn_of(vote->step), vote->origin);
    return given_before ? CY_OK : cy_memory_file_put(memory->file, &entry);
}

bool cy_vote_memory_last(const struct cy_vote_memory *memory, const struct cy_id *key,
                         struct cy_span origin, struct cy_vote *last, struct cy_vote_lock *lock)
{
    const struct entry *entry = find(memory, key, origin);

    if (entry == NULL)
        return false;
    *last = vote_of(entry, last_turn(entry) < 0 ? 0 : (unsigned)last_turn(entry), origin);
    *lock = entry->lock;
    return true;
}

uint32_t cy_vote_memory_count(const struct cy_vote_memory *memory)
{
    return cy_memory_file_count(memory->file);
}

cy_err cy_vote_memory_commit(struct cy_vote_memory *memory)
{
    return cy_memory_file_commit(memory->file);
}

/* --- text --- */

static void write_value(struct cy_text *text, const struct cy_id *value)
{
    if (cy_id_none(value))
        cy_text_add(text, "nil");
    else
        cy_text_hex(text, cy_span_of(value->b, sizeof value->b));
}

static void write_round(struct cy_text *text, uint32_t round)
{
    if (round == CY_NO_ROUND)
        cy_text_add(text, "-");
    else
        cy_text_u64(text, round);
}

static void write_lock(struct cy_text *text, const struct cy_vote_lock *lock)
{
    cy_text_add(text, " ");
    write_round(text, lock->round);
    if (lock->round == CY_NO_ROUND)
        return;
    cy_text_add(text, "/");
    write_value(text, &lock->value);
}

static void write_ballot(struct cy_text *text, const struct ballot *ballot, unsigned turn)
{
    if (ballot->given == 0) {
        cy_text_add(text, " -");
        return;
    }
    cy_text_add(text, " ");
    write_value(text, &ballot->value);
    cy_text_add(text, "/");
    cy_text_u64(text, ballot->time);
    if (order_[turn] != CY_VOTE_PROPOSE)
        return;
    cy_text_add(text, "/");
    write_round(text, ballot->after);
}

static void write_entry(const void *record, struct cy_text *text)
{
    const struct entry *entry = record;

    cy_text_add(text, "vote ");
    cy_text_hex(text, cy_span_of(entry->key.b, sizeof entry->key.b));
    cy_text_add(text, " ");
    cy_text_u64(text, entry->height);
    cy_text_add(text, " ");
    write_round(text, entry->round);
    write_lock(text, &entry->lock);
    for (unsigned turn = 0; turn < STEPS; turn++)
        write_ballot(text, &entry->ballots[turn], turn);
    cy_text_add(text, " ");
    cy_text_span(text, cy_span_of(entry->origin, entry->n_origin));
    cy_text_add(text, "\n");
}

static bool read_value(struct cy_span word, struct cy_id *out)
{
    if (cy_span_eq(word, cy_span_text("nil")))
        return true;
    return cy_ok(cy_memory_id(word, out)) && !cy_id_none(out);
}

static bool read_round(struct cy_span word, uint32_t *out)
{
    uint64_t n = CY_NO_ROUND;

    if (!cy_span_eq(word, cy_span_text("-")) && (!cy_ok(cy_u64_read(word, &n)) || n >= CY_NO_ROUND))
        return false;
    *out = (uint32_t)n;
    return true;
}

static bool read_lock(struct cy_span word, struct cy_vote_lock *out)
{
    if (!read_round(cy_memory_word(&word, '/'), &out->round))
        return false;
    if (out->round == CY_NO_ROUND)
        return word.n == 0;
    return cy_ok(cy_memory_id(word, &out->value)) && !cy_id_none(&out->value);
}

static bool read_ballot(struct cy_span word, unsigned turn, uint32_t round, struct ballot *out)
{
    const bool proposal = order_[turn] == CY_VOTE_PROPOSE;

    out->after = CY_NO_ROUND;
    if (cy_span_eq(word, cy_span_text("-"))) {
        out->after = 0;
        return true;
    }
    out->given = 1;
    if (!read_value(cy_memory_word(&word, '/'), &out->value) ||
        !cy_ok(cy_u64_read(cy_memory_word(&word, '/'), &out->time)))
        return false;
    if (!proposal)
        return word.n == 0;
    return read_round(word, &out->after) && !cy_id_none(&out->value) &&
           (out->after == CY_NO_ROUND || out->after < round);
}

static cy_err read_entry(struct cy_span line, void *record)
{
    const cy_err bad = cy_fail(CY_E_BAD_TEXT, 0);
    struct entry entry = {.height = 0};

    if (!cy_span_eq(cy_memory_word(&line, ' '), cy_span_text("vote")))
        return bad;
    CY_TRY(cy_memory_id(cy_memory_word(&line, ' '), &entry.key));
    CY_TRY(cy_u64_read(cy_memory_word(&line, ' '), &entry.height));
    if (!read_round(cy_memory_word(&line, ' '), &entry.round) ||
        !read_lock(cy_memory_word(&line, ' '), &entry.lock))
        return bad;
    for (unsigned turn = 0; turn < STEPS; turn++) {
        if (!read_ballot(cy_memory_word(&line, ' '), turn, entry.round, &entry.ballots[turn]))
            return bad;
    }
    if (!cy_ok(origin_check(line)))
        return bad;
    entry.slot = slot_of(&entry.key, line);
    entry.n_origin = (uint32_t)line.n;
    memcpy(entry.origin, line.at, line.n);
    *(struct entry *)record = entry;
    return CY_OK;
}

/* Whether a vote of the earlier record was changed or lost without a later round. */
static bool follows(const void *old_record, const void *record)
{
    const struct entry *old = old_record;
    const struct entry *entry = record;

    if (entry->height != old->height || entry->round != old->round)
        return entry->height > old->height ||
               (entry->height == old->height && entry->round > old->round);
    for (unsigned turn = 0; turn < STEPS; turn++) {
        const struct ballot *a = &old->ballots[turn];
        const struct ballot *b = &entry->ballots[turn];

        if (a->given != 0 && (b->given == 0 || !cy_id_eq(&a->value, &b->value) ||
                              a->time != b->time || a->after != b->after))
            return false;
    }
    return true;
}

static const struct cy_memory_kind kind_ = {
    .size = sizeof(struct entry),
    .line_max = LINE_MAX,
    .write = write_entry,
    .read = read_entry,
    .follows = follows,
};

/* --- a copy of the file --- */

struct wanted {
    struct cy_id slot;
    uint64_t height;
};

static void seen_entry(void *user, const void *record)
{
    struct wanted *wanted = user;
    const struct entry *entry = record;

    if (cy_id_eq(&entry->slot, &wanted->slot) && entry->height > wanted->height)
        wanted->height = entry->height;
}

cy_err cy_vote_memory_peek(struct cy_span bytes, const struct cy_id *key, struct cy_span origin,
                           uint64_t *height)
{
    struct wanted wanted = {.slot = slot_of(key, origin)};
    struct entry entry;
    const cy_err done = cy_memory_file_peek(bytes, &kind_, &entry, seen_entry, &wanted);

    *height = wanted.height;
    return done;
}

/* --- life --- */

cy_err cy_vote_memory_make(const struct cy_disk *disk, const char *path)
{
    return cy_memory_file_make(disk, path);
}

cy_err cy_vote_memory_open(const struct cy_disk *disk, const char *path, uint32_t limit,
                           struct cy_vote_memory **out)
{
    struct cy_vote_memory *memory = calloc(1, sizeof *memory);
    cy_err done = CY_OK;

    *out = NULL;
    if (memory == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    done = cy_memory_file_open(disk, path, &kind_, limit, &memory->file);
    if (!cy_ok(done)) {
        cy_vote_memory_close(memory);
        return done;
    }
    *out = memory;
    return CY_OK;
}

void cy_vote_memory_close(struct cy_vote_memory *memory)
{
    if (memory == NULL)
        return;
    cy_memory_file_close(memory->file);
    free(memory);
}

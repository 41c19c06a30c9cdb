/* place: a cell on a simulated disk, beside a rig that runs the same acts in memory.
 *
 * The rig judges every act on its own, so that the cell's world can be compared with one that never
 * saw a disk. Heads are signed by the rig's last key, as its genesis says. */
#ifndef CY_TESTS_PLACE_H
#define CY_TESTS_PLACE_H

#include "rig.h"

#include "realm/cell.h"
#include "sim/sim_disk.h"

struct place {
    struct rig *rig;
    struct cy_sim_disk *sim;
    struct cy_disk disk;
    struct cy_cell_options options;
    struct cy_head_signer signer;
    cy_err signer_answers; /* OK: signs */
    unsigned heads;        /* signed so far */
    /* of the open cell */
    struct cy_cell cell;
    bool open;
    struct cy_arena fresh;
    struct cy_arena acts;
    struct cy_verdict verdict;
    struct cy_cell_report report;
    struct cy_disk_fault fault;
    uint8_t act_memory[1 << 20] __attribute__((aligned(16)));
    uint8_t genesis[4096];
    size_t n_genesis;
};

/* place_new makes an empty disk, and a rig whose world already has its genesis. The cell has not:
 * see place_begin. */
struct place *place_new(void);
struct place *place_named(const char *origin, uint8_t number); /* as rig_named */
struct place *place_with(const char *origin, uint8_t number,   /* with institutions */
                         const struct cy_institution *const *roster, size_t n_roster);
void place_free(struct place *place);

/* place_open opens the cell; place_close closes it; place_drop forgets it as a crash would (the
 * caller cuts the power or kills). */
cy_err place_open(struct place *place);
void place_close(struct place *place);
void place_drop(struct place *place);

/* place_begin opens, and gives the cell the rig's genesis. */
void place_begin(struct place *place);

/* place_take judges bytes in the cell and accepts them; a full journal buffer is committed first.
 */
cy_err place_take(struct place *place, struct cy_span act);

/* place_both sends bytes to rig and cell; they must agree. */
cy_err place_both(struct place *place, struct cy_span act);

/* place_do: message by passport n, to rig and cell. */
cy_err place_do(struct place *place, unsigned n, const struct cy_schema *schema,
                const void *message);

#define PLACE_DO(place, n, message_name, ...)                                                      \
    place_do((place), (n), &cy_schema_##message_name, &(struct cy_##message_name){__VA_ARGS__})

/* place_passport creates passport n in both. */
void place_passport(struct place *place, unsigned n, const char *name);

/* place_tick: ms later, with the cell's state root. */
void place_tick(struct place *place, uint64_t ms);

/* place_write makes what was accepted durable; place_publish publishes a head over it, too. */
cy_err place_write(struct place *place);
cy_err place_publish(struct place *place);

/* place_world is a digest of every byte of every record, in order. */
struct cy_id place_world(const struct cy_world *world);

/* place_same asserts that the cell's world is the rig's. */
void place_same(struct place *place);

#endif

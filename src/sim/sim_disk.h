/* sim_disk: a ledger directory in memory that can lose power, fail, run full and rot.
 *
 *     what the program sees          what a power cut leaves
 *     bytes written             ->   bytes synced, and of the rest what the seed says:
 *                                    nothing, all, a prefix, or some 512-byte sectors, per write
 *     names made, moved, gone   ->   names whose directory was synced, and of the rest what the
 *                                    seed says; a rename stays atomic
 *
 * It obeys the contract of ledger/disk.h to the letter and gives nothing more: what works here by
 * luck of an operating system does not work.
 *
 * Owns: its memory (malloc). May be used from several threads. Never: touches a real disk, a clock
 * or a random source; the same calls and seeds give the same bytes. */
#ifndef CY_SIM_SIM_DISK_H
#define CY_SIM_SIM_DISK_H

#include "ledger/disk.h"

struct cy_sim_disk;

/* cy_sim_disk_new makes an empty directory; NULL when the machine has no memory. */
struct cy_sim_disk *cy_sim_disk_new(void);
void cy_sim_disk_free(struct cy_sim_disk *disk);

/* cy_sim_disk_face is what the ledger gets. */
struct cy_disk cy_sim_disk_face(struct cy_sim_disk *disk);

/* cy_sim_disk_calls and _written count calls and written bytes since the start. */
uint64_t cy_sim_disk_calls(const struct cy_sim_disk *disk);
uint64_t cy_sim_disk_written(const struct cy_sim_disk *disk);

/* cy_sim_disk_used is the sum of the bytes of all files. */
uint64_t cy_sim_disk_used(const struct cy_sim_disk *disk);

/* cy_sim_disk_power_cut: the machine stops and starts again. Open files and the lock are gone. Of
 * what was not synced, seed 0 keeps nothing and every other seed keeps a part of its own. */
void cy_sim_disk_power_cut(struct cy_sim_disk *disk, uint64_t seed);

/* cy_sim_disk_kill: the process stops, the machine does not. Open files and the lock are gone;
 * nothing written is lost, and what was not synced is still not synced. */
void cy_sim_disk_kill(struct cy_sim_disk *disk);

/* cy_sim_disk_cut_at_call and _cut_at_byte switch the power off at the n-th call from now (which
 * does nothing), or in the middle of a write when the n-th byte from now has been written. Every
 * call then fails with DISK_FAILED until cy_sim_disk_power_cut. */
void cy_sim_disk_cut_at_call(struct cy_sim_disk *disk, uint64_t n);
void cy_sim_disk_cut_at_byte(struct cy_sim_disk *disk, uint64_t n);

/* cy_sim_disk_dead says whether the power is off. */
bool cy_sim_disk_dead(const struct cy_sim_disk *disk);

/* cy_sim_disk_fail_at makes the n-th call from now (1 = the next) fail once with code. A failing
 * write leaves half of its bytes; a failing sync loses what it should have kept, for good. A sync,
 * which is never short of space, fails with DISK_FAILED instead of NO_SPACE. */
void cy_sim_disk_fail_at(struct cy_sim_disk *disk, uint64_t n, enum cy_code code);

/* cy_sim_disk_space bounds the bytes of all files together; a write beyond it stops at the bound
 * and fails with NO_SPACE. UINT64_MAX: no bound. */
void cy_sim_disk_space(struct cy_sim_disk *disk, uint64_t bytes);

/* cy_sim_disk_flip inverts the bits of mask in one byte, on the platter and in the cache. Returns
 * false when there is no such byte. */
bool cy_sim_disk_flip(struct cy_sim_disk *disk, const char *path, uint64_t offset, uint8_t mask);

/* cy_sim_disk_bytes shows a whole file as the program sees it, until its next change. False when
 * there is none. */
bool cy_sim_disk_bytes(const struct cy_sim_disk *disk, const char *path, struct cy_span *out);

/* cy_sim_disk_each calls seen(user, path) for each file, in order of path. */
void cy_sim_disk_each(const struct cy_sim_disk *disk, void (*seen)(void *user, const char *path),
                      void *user);

#endif

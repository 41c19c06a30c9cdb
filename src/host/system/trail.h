/* trail: the audit log: who asked for which administrative action, in what role, from where, and
 * what came of it, refusals and failures included. One JSON object a line, in a file that is only
 * appended to:
 *
 *   {"seq":7,"time":"2026-11-20T07:30:00.000Z","action":"peer.add","outcome":"begun",
 *    "role":"operator","name":"NOR","who":HEX,"key":HEX,"from":"192.0.2.7","what":"b.example/ledger",
 *    "code":"caller.role.missing","of":6,"prev":HEX}
 *
 * An action that changes something leaves two lines: `begun` before it is done, on disk (fdatasync)
 * before anything happens, and `done`, `refused` or `failed` after, with `of` its first line's
 * number. When the first cannot be written nothing is done: no action goes unlogged. Reading
 * actions leave one line before their answer.
 *
 * `prev` is the SHA-256 of the line before (64 zeros at the beginning), so a line that is changed,
 * removed or put in between shows; what was cut off at the end shows only against a number and hash
 * that somebody kept (both stand in GET /v1/operator). Several processes may append: each holds the
 * file's lock (flock) for one line. A line that a crash left unfinished is cut off, and a line says
 * so. At bytes_max the file is renamed to FILE.NUMBER (its first line's number, 12 digits) and the
 * chain goes on in a new one; nothing is ever removed.
 *
 * Owns: this form. Never: secrets, bodies, anything that was not asked. */
#ifndef CY_HOST_SYSTEM_TRAIL_H
#define CY_HOST_SYSTEM_TRAIL_H

#include "base/date.h"
#include "crypto/hash.h"

#define CY_TRAIL_LINE_MAX 4096u
#define CY_TRAIL_PATH_MAX 1200u

struct cy_trail_line {
    const char *action;  /* peer.add */
    const char *outcome; /* begun, done, refused, failed */
    const char *role;    /* in which it was asked; NULL: none */
    const char *name;    /* of who asked; NULL: not known */
    const char *from;    /* an address, or the program on this machine */
    const char *what;    /* about which; NULL */
    struct cy_id who;    /* passport; none on this machine */
    struct cy_id key;
    cy_err err;
    uint64_t of; /* number of the line that began it; 0: this one stands alone */
};

struct cy_trail;

/* cy_trail_new: NULL without memory, or when the path is too long. bytes_max: at least 65,536. */
struct cy_trail *cy_trail_new(const char *path, uint64_t bytes_max);
void cy_trail_free(struct cy_trail *trail);

/* cy_trail_write appends one line and flushes it; *seq (may be NULL) is its number. Any thread.
 * Long texts are cut. Fails with TRAIL_UNWRITTEN (detail: errno); then the file is as before. */
CY_MUST_USE cy_err cy_trail_write(struct cy_trail *trail, const struct cy_trail_line *line,
                                  cy_time now, uint64_t *seq);

/* cy_trail_end gives number and hash of the last line this process knows of. */
void cy_trail_end(struct cy_trail *trail, uint64_t *seq, struct cy_id *hash);

/* What a walk is told of each line: its number and its text without the line's end. false ends it.
 */
typedef bool cy_trail_seen(void *user, uint64_t seq, struct cy_span line);

/* cy_trail_walk reads all files from line `since` on, and checks the chain of all that it passes.
 * Fails with TRAIL_BROKEN (detail: number of the line that does not follow), NO_FILE (there is none
 * yet), DISK_FAILED. */
CY_MUST_USE cy_err cy_trail_walk(const char *path, uint64_t since, cy_trail_seen *seen, void *user);

#endif

/* cells: real cells for end-to-end tests: directories made by `comity init`, processes of
 * comity-signer and comityd, requests over HTTP, acts signed with keys of the test.
 *
 *      cells_new -> DIR/a, DIR/b introduced to each other -> cell_start -> ask, send, check
 *
 * Processes are ended by their pid; whatever a test leaves running ends with cells_free, or when
 * the test's process dies. Ports are free ones below the range that outgoing connections use. */
#ifndef CY_TESTS_CELLS_H
#define CY_TESTS_CELLS_H

#include <jansson.h>
#include <sys/types.h>

#include "cm.h"
#include "host/http/client.h"
#include "ledger/checkpoint.h"
#include "wire/codec.h"
#include "wire/envelope.h"

struct cells;

struct cell {
    struct cells *home;
    const char *origin;
    char dir[64];
    char data[80];
    char log[80]; /* what both programs say */
    char conf[80];
    char url[64]; /* plain, on loopback */
    unsigned port;
    unsigned plain_port;
    pid_t signer;
    pid_t daemon;
    char vkey[CY_NOTE_VKEY_MAX];
    char witness_vkey[CY_NOTE_VKEY_MAX];
    struct cy_note_key log_key;
    struct cy_note_key witness_key;
    struct cy_id realm; /* after the first cell_start */
};

struct cells {
    char dir[48];
    unsigned n;
    struct cell a;
    struct cell b;
    struct cy_client *client;
};

/* cells_new makes one cell or two that witness each other (or none: only a place for others to make
 * cells in); nothing runs yet. settings: further
 * lines for both comityd.conf, or NULL. */
struct cells *cells_new(unsigned n, const char *settings);
void cells_free(struct cells *cells);

/* cell_cosign_for makes the cell a witness of a ledger that the test pretends to be; before it
 * starts. */
void cell_cosign_for(struct cell *cell, const char *origin, const struct cy_id *key);

/* cell_add_dead_witness names a witness that never answers; before the cell starts. */
void cell_add_dead_witness(struct cell *cell);

/* cell_start starts signer and daemon and waits until the daemon is ready. */
void cell_start(struct cell *cell);
void cell_start_signer(struct cell *cell);
void cell_start_daemon(struct cell *cell);
void cell_spawn_daemon(struct cell *cell); /* without waiting */

/* cell_end signals one process and waits for its end; returns its exit code, or -signal. */
int cell_end(pid_t *pid, int signal);
int cell_wait(pid_t *pid); /* for an end that something else began */
void cell_stop(struct cell *cell);

/* cell_comity runs the command line, which must succeed; what it says goes to the cell's log. */
void cell_comity(const struct cell *cell, const char *const *argv);
unsigned cell_free_port(void);

/* cell_run_daemon runs comityd until it ends by itself (a start that fails); returns its code. */
int cell_run_daemon(struct cell *cell);

/* cell_said says whether the words stand in what the programs wrote since `mark`; cell_mark is
 * where they are now. */
long cell_mark(const struct cell *cell);
bool cell_said(const struct cell *cell, long mark, const char *words);

/* --- requests --- */

struct got {
    cy_err err; /* of cy_client_do */
    unsigned status;
    char type[96];
    char *body; /* ends in 0; NULL when there was none */
    size_t n;
    json_t *json; /* NULL when it was none */
};
void got_free(struct got *got);

/* ask is a GET, send a POST of bytes, to the plain listener; NULL client: the cells' own. */
struct got ask(struct cell *cell, struct cy_client *client, const char *path);
struct got send_to(struct cell *cell, struct cy_client *client, const char *path,
                   struct cy_span body);

uint64_t got_u64(const struct got *got, const char *key);
const char *got_text(const struct got *got, const char *key);

/* assert_problem: the answer is a problem document of this error, with a remedy. */
void assert_problem_(const struct got *got, enum cy_code code, const char *file, int line);
#define assert_problem(got, NAME) assert_problem_((got), CY_E_##NAME, __FILE__, __LINE__)

/* cell_head is the size of the head, cell_witnessed the one with all cosignatures. */
uint64_t cell_head(struct cell *cell);
uint64_t cell_witnessed(struct cell *cell);

/* --- acts --- */

struct party {
    uint8_t secret[64];
    struct cy_id key;
    struct cy_id id; /* passport */
};

struct act {
    size_t n;
    uint8_t bytes[66000];
};

static inline struct cy_span act_span(const struct act *act)
{
    return cy_span_of(act->bytes, act->n);
}

/* party_make makes keys from a number. */
void party_make(struct party *party, unsigned number);

/* party_enter makes keys and creates the passport in the cell. */
void party_enter(struct cell *cell, struct party *party, unsigned number, const char *name);

struct cy_claims party_claims(const struct cell *cell, const struct party *party);

/* act_sign: message by the parties given (one: COSE_Sign1). Returns what the encoder says. */
void act_sign(const struct cy_claims *claims, const struct cy_schema *schema, const void *message,
              const struct party *const *parties, unsigned n, struct act *act);

/* party_act: message by one party, valid for ten minutes. */
void party_act(const struct cell *cell, const struct party *party, const struct cy_schema *schema,
               const void *message, struct act *act);

#define PARTY_ACT(cell, party, message_name, act, ...)                                             \
    party_act((cell), (party), &cy_schema_##message_name,                                          \
              &(struct cy_##message_name){__VA_ARGS__}, (act))

/* evidence_act: evidence whose summary is the number; refused when it came before. */
void evidence_act(const struct cell *cell, const struct party *party, unsigned number,
                  struct act *act);

/* assert_receipt: 200 or 202, and the proof leads from these bytes to a head that the cell's key
 * signed, and when the level is witnessed, the other cell cosigned. Returns the index. */
uint64_t assert_receipt_(struct cell *cell, const struct got *got, struct cy_span act,
                         const char *file, int line);
#define assert_receipt(cell, got, act) assert_receipt_((cell), (got), (act), __FILE__, __LINE__)

/* proof_check: the same for a proof as text; cosigned may be NULL. */
cy_err proof_check(struct cell *cell, const char *proof, struct cy_span act, uint32_t *cosigned);

/* --- small things --- */

struct cy_name name_of(const char *text);
struct cy_label label_of(const char *text);
struct cy_line line_of(const char *text);
double seconds(void);
void nap(unsigned ms);

/* file_read: the whole file, with a 0 behind; to be freed. */
char *file_read(const char *path, size_t *n);

/* EVENTUALLY waits until a condition holds, at most so many seconds. */
#define EVENTUALLY(s, condition)                                                                   \
    do {                                                                                           \
        const double end_ = seconds() + (s);                                                       \
        while (!(condition)) {                                                                     \
            if (seconds() > end_) {                                                                \
                print_error("after %d s still not: %s\n", (int)(s), #condition);                   \
                _fail(__FILE__, __LINE__);                                                         \
            }                                                                                      \
            nap(20);                                                                               \
        }                                                                                          \
    } while (0)

#endif

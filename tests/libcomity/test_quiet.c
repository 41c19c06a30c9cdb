/* libcomity makes no system call and allocates nothing, as measured: a child process forbids itself
 * everything but read, write and exit (seccomp's strict mode: the kernel kills it for any other
 * call, so also for files, sockets, memory, clocks and random bytes), every allocator in the
 * process is this program's and counts, and then every public function runs over the samples. The
 * stack it takes is measured too. */
#include "sample.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- the allocators of this process: glibc's, behind a counter --- */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);
void *__libc_realloc(void *at, size_t n);
void *__libc_memalign(size_t alignment, size_t n);
void __libc_free(void *at);

static unsigned allocations_;

void *malloc(size_t n)
{
    allocations_++;
    return __libc_malloc(n);
}

void *calloc(size_t count, size_t n)
{
    allocations_++;
    return __libc_calloc(count, n);
}

void *realloc(void *at, size_t n)
{
    allocations_++;
    return __libc_realloc(at, n);
}

void *aligned_alloc(size_t alignment, size_t n)
{
    allocations_++;
    return __libc_memalign(alignment, n);
}

int posix_memalign(void **out, size_t alignment, size_t n)
{
    allocations_++;
    *out = __libc_memalign(alignment, n);
    return *out == NULL ? ENOMEM : 0;
}

void free(void *at)
{
    allocations_++; /* a free is a sign of memory as well */
    __libc_free(at);
}

/* --- what is run --- */

static const struct row {
    const char *file;
    const char *entry;
    bool forked;
    bool cose;
} rows[] = {
    {"receipt.json",        NULL,        false, false},
    {"receipt-bare.json",   "act.entry", false, false},
    {"act.tlog-proof",      "act.entry", false, false},
    {"checkpoint",          NULL,        false, false},
    {"act.cose",            "act.entry", false, true },
    {"act.entry",           NULL,        false, false},
    {"bundle.json",         NULL,        false, false},
    {"two-histories.heads", NULL,        true,  false},
    {"one-history.heads",   NULL,        true,  false},
};

struct work {
    struct sample files[COUNT(rows)];
    struct sample entry;
    struct sample ledger;
    struct sample witness;
    struct sample forked;
    struct sample state[6];
    uint8_t *scratch;
    size_t scratch_n;
    struct comity_trust trust[3];
    struct comity_report report;
    char text[16384];
};

static struct work work_;

static void load(void)
{
    static const char *const state[] = {"state.root",  "state.key",  "state.value",
                                        "state.proof", "absent.key", "absent.proof"};

    for (size_t i = 0; i < COUNT(rows); i++)
        work_.files[i] = sample_load(rows[i].file);
    for (size_t i = 0; i < COUNT(state); i++)
        work_.state[i] = sample_load(state[i]);
    work_.entry = sample_load("act.entry");
    work_.ledger = sample_load("ledger.vkey");
    work_.witness = sample_load("witness.vkey");
    work_.forked = sample_load("forked.vkey");
    work_.scratch_n = 1 << 20;
    work_.scratch = aligned_alloc(16, work_.scratch_n);
}

#define VKEY(sample) (const char *)(sample).at, (sample).n

/* Every public function, on what holds and (when spoil is set) on what does not. Returns how many
 * verdicts were not as they should be. */
static unsigned run(bool spoil)
{
    struct work *w = &work_;
    unsigned wrong = 0;
    uint8_t hash[32];

    wrong += comity_selftest() != 0;
    wrong += comity_trust_ledger(&w->trust[0], VKEY(w->ledger)) != 0;
    w->trust[1] = w->trust[0];
    wrong += comity_trust_witness(&w->trust[0], VKEY(w->witness)) != 0;
    wrong += comity_trust_need(&w->trust[0], 1) != 0;
    wrong += comity_trust_ledger(&w->trust[2], VKEY(w->forked)) != 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct sample *file = &w->files[i];
        const struct sample none = {.n = 0};
        const struct sample *entry = rows[i].entry == NULL ? &none : &w->entry;
        const struct comity_trust *trust = &w->trust[rows[i].forked ? 2 : rows[i].cose ? 1 : 0];
        uint8_t *byte = &file->at[file->n / 2];
        int32_t error = 0;

        *byte ^= spoil ? 1 : 0;
        wrong += comity_scratch_bytes(file->at, file->n, entry->n) > w->scratch_n;
        error = comity_verify(file->at, file->n, entry->at, entry->n, trust, w->scratch,
                              w->scratch_n, &w->report);
        wrong += (error == 0) == spoil;
        wrong += comity_report_json(&w->report, w->text, sizeof w->text) == 0;
        wrong += comity_step_text(&w->report, 0, w->text, sizeof w->text) == 0;
        *byte ^= spoil ? 1 : 0;
    }
    wrong += comity_verify_checkpoint(w->files[3].at, w->files[3].n, &w->trust[0], &w->report) != 0;
    wrong += comity_verify_proof(w->files[2].at, w->files[2].n, w->entry.at, w->entry.n,
                                 &w->trust[0], &w->report) != 0;
    wrong += comity_verify_cose_receipt(w->files[4].at, w->files[4].n, w->entry.at, w->entry.n,
                                        &w->trust[1], &w->report) != 0;
    wrong +=
        comity_verify_equivocation(w->files[3].at, w->files[3].n, w->files[3].at, w->files[3].n,
                                   NULL, NULL, 0, &w->trust[0], &w->report) != COMITY_NO_CONFLICT;
    wrong += comity_verify_existence(w->state[0].at, w->state[1].at, w->state[1].n, w->state[2].at,
                                     w->state[2].n, w->state[3].at, w->state[3].n) != 0;
    wrong += comity_verify_absence(w->state[0].at, w->state[4].at, w->state[4].n, w->state[5].at,
                                   w->state[5].n) != 0;
    comity_sha256("abc", 3, hash);
    comity_leaf_hash("abc", 3, hash);
    comity_state_key(2, hash, 32, hash);
    wrong += comity_verify_inclusion(hash, 0, 1, NULL, 0, hash) != 0;
    wrong += comity_verify_consistency(5, hash, 5, hash, NULL, 0) != 0;
    wrong += comity_verify_signature(hash, "m", 1, w->entry.at) != COMITY_BAD_SIGNATURE;
    wrong += comity_verify_signature_strict(hash, "m", 1, w->entry.at) != COMITY_BAD_SIGNATURE;
    wrong += comity_version()[0] == 0 || comity_kind_text(1)[0] == 0;
    wrong += comity_error_name(200)[0] == 0 || comity_error_path(200)[0] == 0 ||
             comity_error_text(200)[0] == 0 || comity_error_remedy(200)[0] == 0;
    return wrong;
}

/* exit_group is not among the calls that strict mode allows. */
_Noreturn static void leave(int code)
{
    for (;;)
        (void)syscall(SYS_exit, code);
}

static void no_call_no_memory(void **s)
{
    int code = 0;
    pid_t child = 0;

    (void)s;
    load();
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        unsigned wrong = 0;
        unsigned before = 0;

        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
            leave(77);
        before = allocations_;
        wrong = run(false) + run(true) + run(false);
        leave(wrong != 0 ? 1 : allocations_ != before ? 2 : 0);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    if (WIFSIGNALED(code))
        fail_msg("a system call was made: signal %d", WTERMSIG(code));
    if (WEXITSTATUS(code) == 77) {
        print_message("skipped: this kernel has no strict seccomp\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(code), 0); /* 1: a wrong verdict, 2: an allocation */
}

/* The counter counts, and the kernel kills: else the test above would show nothing. */
static void the_measure_measures(void **s)
{
    const unsigned before = allocations_;
    void *at = malloc(10);
    int code = 0;
    pid_t child = 0;

    (void)s;
    free(at);
    assert_true(allocations_ >= before + 2);
    child = fork();
    if (child == 0) {
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
            leave(77);
        (void)syscall(SYS_getpid);
        leave(0);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_true(WIFSIGNALED(code) || WEXITSTATUS(code) == 77);
}

/* --- the stack --- */

#define STACK (512u << 10)
#define STACK_SAID (128u << 10) /* what docs/libcomity.md promises to be enough */

static void *on_thread(void *user)
{
    *(unsigned *)user = run(false) + run(true);
    return NULL;
}

static void stack(void **s)
{
    uint8_t *room = aligned_alloc(4096, STACK);
    pthread_attr_t attributes;
    pthread_t thread;
    unsigned wrong = 1;
    size_t untouched = 0;

    (void)s;
    memset(room, 0xa5, STACK);
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstack(&attributes, room, STACK), 0);
    assert_int_equal(pthread_create(&thread, &attributes, on_thread, &wrong), 0);
    pthread_join(thread, NULL);
    assert_int_equal(wrong, 0);
    while (untouched < STACK && room[untouched] == 0xa5)
        untouched++;
    print_message("%zu KB of stack\n", (STACK - untouched) >> 10);
    assert_true(STACK - untouched <= STACK_SAID);
    free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_call_no_memory),
        cmocka_unit_test(the_measure_measures),
        cmocka_unit_test(stack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Backup and restore of real cells: under load, with and without the tail, cut off, out of room,
 * somebody else's; and old copies, which must never sign a second history. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cells.h"

#define PASSPHRASE "a long enough passphrase"

static struct party norway;
static const char *passphrase_ = PASSPHRASE; /* what the command is given */

/* --- running the command --- */

static pid_t spawn_comity(const struct cells *cells, const char *const *argv)
{
    const pid_t pid = fork();

    if (pid == 0) {
        char out[80];
        int fd = -1;

        snprintf(out, sizeof out, "%s/said", cells->dir);
        fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(fd, 1);
        dup2(fd, 2);
        unsetenv("COMITY_DIR");
        unsetenv("COMITY_URL");
        setenv("COMITY_BACKUP_PASSPHRASE", passphrase_, 1);
        execv(COMITY, (char *const *)argv);
        _exit(99);
    }
    assert_true(pid > 0);
    return pid;
}

static int ended(pid_t pid)
{
    int status = 0;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static char *said(const struct cells *cells)
{
    char path[80];

    snprintf(path, sizeof path, "%s/said", cells->dir);
    return file_read(path, NULL);
}

/* Runs the command; its exit code must be `want`, and the words must stand in what it says. */
static void want_(const struct cells *cells, int line, int want, const char *words,
                  const char *const *argv)
{
    const int code = ended(spawn_comity(cells, argv));
    char *text = said(cells);

    if (code != want || strstr(text, words) == NULL) {
        print_error("line %d: exit %d, wanted %d and \"%s\":\n%s\n", line, code, want, words, text);
        fail();
    }
    free(text);
}
#define WANT(cells, code, words, ...)                                                              \
    want_((cells), __LINE__, (code), (words), (const char *const[]){"comity", __VA_ARGS__, NULL})

static void shell(const char *format, const char *a, const char *b)
{
    char command[640];

    snprintf(command, sizeof command, format, a, b);
    assert_int_equal(system(command), 0);
}

/* A cell of the same ports in another directory. */
static struct cell moved(const struct cell *cell, const char *name)
{
    struct cell out = *cell;

    snprintf(out.dir, sizeof out.dir, "%s/%s", cell->home->dir, name);
    snprintf(out.data, sizeof out.data, "%s/data", out.dir);
    snprintf(out.conf, sizeof out.conf, "%s/comityd.conf", out.dir);
    out.signer = 0;
    out.daemon = 0;
    return out;
}

static void evidence(struct cell *cell, unsigned from, unsigned n)
{
    static struct act act;

    for (unsigned i = from; i < from + n; i++) {
        struct got got;

        evidence_act(cell, &norway, i, &act);
        got = send_to(cell, NULL, "/v1/acts", act_span(&act));
        if (cell == &cell->home->a) /* the proof names the other cell by its place */
            assert_receipt(cell, &got, act_span(&act));
        assert_int_equal(got.status, 200);
        got_free(&got);
    }
}

static char file_[96];
static char place_[96];

static const char *backup_of(const struct cell *cell, const char *name)
{
    snprintf(file_, sizeof file_, "%s/%s.cyb", cell->home->dir, name);
    WANT(cell->home, 0, "leads to the signed head", "backup", "--dir", cell->dir, "--to", file_);
    return file_;
}

static const char *place(const struct cells *cells, const char *name)
{
    snprintf(place_, sizeof place_, "%s/%s", cells->dir, name);
    return place_;
}

static bool exists(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0;
}

static int start(void **s)
{
    struct cells *cells = cells_new(2, NULL);

    cell_start(&cells->a);
    cell_start(&cells->b);
    party_enter(&cells->a, &norway, 1, "Norway");
    *s = cells;
    return 0;
}

static int finish(void **s)
{
    struct cells *cells = *s;
    char small[96];

    snprintf(small, sizeof small, "%s/small", cells->dir); /* where a test failed in between */
    (void)umount2(small, MNT_DETACH);
    cells_free(cells);
    return 0;
}

/* The cell is gone, as with its machine. */
static void lose(struct cell *cell)
{
    cell_end(&cell->daemon, SIGKILL);
    cell_end(&cell->signer, SIGKILL);
    shell("mv '%s' '%s.lost'", cell->dir, cell->dir);
}

/* --- under load, and back with the tail --- */

static bool loading_;

static void *load(void *arg)
{
    struct cell *cell = arg;
    struct cy_client *client = cy_client_new();
    struct act *act = malloc(sizeof *act);

    for (unsigned i = 100000; __atomic_load_n(&loading_, __ATOMIC_ACQUIRE); i++) {
        struct got got;

        evidence_act(cell, &norway, i, act);
        got = send_to(cell, client, "/v1/acts", act_span(act));
        got_free(&got);
    }
    free(act);
    cy_client_free(client);
    return NULL;
}

static void with_the_tail(void **s)
{
    struct cells *cells = *s;
    struct cell *a = &cells->a;
    struct cell again = moved(a, "again");
    char file[96];
    char mirror[96];
    uint64_t before = 0;
    uint64_t size = 0;
    pthread_t thread;
    struct got got;

    evidence(a, 0, 300); /* past the first full tile */
    loading_ = true;
    assert_int_equal(pthread_create(&thread, NULL, load, a), 0);
    for (unsigned i = 0; i < 3; i++) {
        char name[16];

        snprintf(name, sizeof name, "load%u", i);
        snprintf(file, sizeof file, "%s", backup_of(a, name));
        WANT(cells, 0, "is whole: a.example/ledger", "backup", "check", file);
    }
    __atomic_store_n(&loading_, false, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
    evidence(a, 1000, 20);
    snprintf(mirror, sizeof mirror, "%s/mirror", cells->dir);
    EVENTUALLY(20, cell_witnessed(a) == cell_head(a));
    size = cell_head(a);
    /* of a daemon at work: the head first, and what it is over after it */
    shell("mkdir '%2$s' && cp '%1$s/checkpoint' '%2$s/' && cp -rn '%1$s/.' '%2$s/'", a->data,
          mirror);
    lose(a);

    /* nobody has the tail: refused, and nothing is there to be started */
    WANT(cells, 1, "operator.backup.behind", "restore", file, "--dir", again.dir);
    assert_false(exists(again.dir));
    assert_false(exists(place(cells, "again.part")));
    /* a witness that is away could know more */
    assert_int_equal(cell_end(&cells->b.daemon, SIGTERM), 0);
    WANT(cells, 3, "peer.witness.silent", "restore", file, "--dir", again.dir);
    assert_false(exists(again.dir));
    cell_start_daemon(&cells->b);

    WANT(cells, 0, "is a.example/ledger again", "restore", file, "--dir", again.dir, "--mirror",
         mirror);
    shell("cp '%s.lost/passphrase' '%s/passphrase'", a->dir, again.dir);
    before = size;
    cell_start(&again);
    assert_true(cell_head(&again) >= before);
    got = ask(&again, NULL, "/checkpoint");
    assert_int_equal(got.status, 200);
    got_free(&got);
    evidence(&again, 5000, 5);
    EVENTUALLY(20, cell_witnessed(&again) == cell_head(&again)); /* b goes on with it */
    /* and it cosigns b again */
    EVENTUALLY(20, cell_witnessed(&cells->b) == cell_head(&cells->b));
    cell_stop(&again);
}

/* --- and without the tail --- */

static void read_card(struct cell *cell)
{
    char path[96];
    char *text = NULL;
    char *at = NULL;

    snprintf(path, sizeof path, "%s/peer.conf", cell->dir);
    text = file_read(path, NULL);
    assert_non_null(text);
    at = strstr(text, "\nvkey = \"");
    assert_non_null(at);
    snprintf(cell->vkey, sizeof cell->vkey, "%.*s", (int)strcspn(at + 9, "\""), at + 9);
    assert_ok(cy_note_vkey_read(cy_span_text(cell->vkey), &cell->log_key));
    free(text);
}

static void successor(void **s)
{
    struct cells *cells = *s;
    struct cell *a = &cells->a;
    struct cell next = moved(a, "next");
    struct cell past = moved(a, "past");
    char file[96];
    char words[128];
    char passphrase[128];
    static struct act act;
    struct got got;
    uint64_t kept = 0;
    uint64_t size = 0;
    long mark = 0;

    evidence(a, 0, 10);
    snprintf(file, sizeof file, "%s", backup_of(a, "early"));
    kept = cell_head(a);
    evidence(a, 100, 7);
    EVENTUALLY(20, cell_witnessed(a) == cell_head(a));
    size = cell_head(a);
    lose(a);
    snprintf(passphrase, sizeof passphrase, "%s.lost/passphrase", a->dir);
    WANT(cells, 1, "operator.backup.behind", "restore", file, "--dir", next.dir);
    WANT(cells, 2, "keys-passphrase-file", "restore", file, "--dir", next.dir, "--successor",
         "a2.example/ledger");
    assert_false(exists(next.dir));
    WANT(cells, 1, "author.succession.invalid", "restore", file, "--dir", next.dir, "--successor",
         "a.example/ledger", "--keys-passphrase-file", passphrase); /* not under its own name */
    assert_false(exists(next.dir));
    WANT(cells, 0, "the successor of a.example/ledger", "restore", file, "--dir", next.dir,
         "--successor", "a2.example/ledger", "--keys-passphrase-file", passphrase);

    /* anybody can check it: from the two ledgers alone */
    snprintf(words, sizeof words, "a head over %llu was shown with its signature",
             (unsigned long long)size);
    WANT(cells, 0, words, "succession", place(cells, "next/data"));
    snprintf(file, sizeof file, "%s.lost/data", a->dir);
    WANT(cells, 0, "is the realm of --old", "succession", place(cells, "next/data"), "--old", file);
    WANT(cells, 1, "NO ", "succession", place(cells, "next/data"), "--old", cells->b.data);
    WANT(cells, 1, "succeeds nobody", "succession", cells->b.data);
    WANT(cells, 0, "is sound: a2.example/ledger", "audit", place(cells, "next/data"));
    WANT(cells, 0, "is sound: a.example/ledger", "audit", place(cells, "next/predecessor"));

    shell("cp '%s' '%s/passphrase'", passphrase, next.dir);
    read_card(&next);
    cell_start(&next);
    assert_true(cell_head(&next) >= 1);
    evidence_act(&next, &norway, 1, &act);
    got = send_to(&next, NULL, "/v1/acts", act_span(&act));
    assert_problem(&got, UNKNOWN_PASSPORT); /* nothing of the old world is taken over */
    got_free(&got);
    cell_stop(&next);

    /* with these keys the old ledger goes no further, not even put back in its place */
    shell("cp -r '%s' '%s'", next.dir, past.dir);
    shell("cd '%s' && rm -rf data && mv predecessor data && sed -i 's|a2.example|a.example|; "
          "s|/next/|/past/|' comityd.conf && rm -f signer.sock%s",
          past.dir, "");
    mark = cell_mark(&past);
    cell_start_signer(&past);
    assert_int_equal(cell_run_daemon(&past), 1);
    assert_true(cell_said(&past, mark, "it is an older copy"));
    cell_end(&past.signer, SIGKILL);
    print_message("%llu entries kept of %llu\n", (unsigned long long)kept,
                  (unsigned long long)size);
}

/* --- old copies --- */

/* The image of a whole machine from before: ledger and keys are equally old. */
static void old_image(void **s)
{
    struct cells *cells = *s;
    struct cell *a = &cells->a;
    struct cell old = moved(a, "a"); /* it comes back in its own place */
    static struct act act;
    struct got got;
    long mark = 0;

    evidence(a, 0, 5);
    cell_stop(a);
    shell("cp -a '%s' '%s.image'", a->dir, a->dir);
    cell_start(a);
    evidence(a, 100, 5);
    EVENTUALLY(20, cell_witnessed(a) == cell_head(a));
    lose(a);
    shell("cp -a '%s.image' '%s'", a->dir, a->dir);
    mark = cell_mark(&old);
    cell_start_signer(&old);
    assert_int_equal(cell_run_daemon(&old), 1);
    assert_true(cell_said(&old, mark, "it is an older copy"));
    assert_true(cell_said(&old, mark, "caller.head.rollback"));

    /* the witness is away when it starts: it stops when the witness is back */
    assert_int_equal(cell_end(&cells->b.daemon, SIGTERM), 0);
    mark = cell_mark(&old);
    cell_start_daemon(&old);
    cell_start_daemon(&cells->b);
    EVENTUALLY(30, cell_said(&old, mark, "signs nothing more"));
    evidence_act(&old, &norway, 777, &act);
    got = send_to(&old, NULL, "/v1/acts", act_span(&act));
    assert_problem(&got, HEAD_ROLLBACK); /* no receipt of a second history */
    got_free(&got);
    got = ask(&old, NULL, "/readyz");
    assert_int_equal(got.status, 503);
    got_free(&got);
    cell_end(&old.daemon, SIGKILL);
    cell_end(&old.signer, SIGKILL);
}

/* --- somebody else's, and places that are taken --- */

static void foreign(void **s)
{
    struct cells *cells = *s;
    char file[96];
    char old[96];

    snprintf(file, sizeof file, "%s", backup_of(&cells->b, "b"));
    WANT(cells, 1, "caller.backup.foreign", "restore", file, "--dir", cells->a.dir);
    WANT(cells, 1, "holds this realm already", "restore", file, "--dir", cells->b.dir);
    WANT(cells, 1, "caller.file.taken", "backup", "--dir", cells->a.dir, "--to", file);
    WANT(cells, 1, "caller.backup.format", "backup", "check", cells->a.conf);
    WANT(cells, 1, "operator.file.absent", "backup", "check", place(cells, "nothing"));
    WANT(cells, 2, "needs the directory of a cell", "backup", "--to", place(cells, "x.cyb"));
    shell("echo other > '%s/other'; chmod 600 '%s/other'", cells->dir, cells->dir);
    WANT(cells, 1, "caller.backup.passphrase", "backup", "check", file, "--passphrase-file",
         place(cells, "other"));
    /* the tail of another realm is no tail of this one */
    WANT(cells, 3, "peer.checkpoint.origin", "restore", file, "--dir", place(cells, "new"),
         "--mirror", cells->a.url, "--without", "a.example/ledger");
    /* an old copy says nothing about what was signed after the backup */
    snprintf(old, sizeof old, "%s/old", cells->dir);
    shell("cp -r '%s' '%s'", cells->a.data, old);
    evidence(&cells->a, 7000, 3);
    snprintf(file, sizeof file, "%s", backup_of(&cells->a, "later"));
    WANT(cells, 3, "nobody could say which head", "restore", file, "--dir", place(cells, "new"),
         "--without", "b.example/ledger", "--mirror", old);
    assert_false(exists(place(cells, "new")));
}

/* To a reader's box key: opened by the signer that holds it, and by no passphrase. */
static void by_reader(void **s)
{
    struct cells *cells = *s;
    char file[96];
    char own[96];
    char other[96];

    snprintf(file, sizeof file, "%s/reader.cyb", cells->dir);
    snprintf(own, sizeof own, "%s/signer.sock", cells->a.dir);
    snprintf(other, sizeof other, "%s/signer.sock", cells->b.dir);
    WANT(cells, 0, "", "passport", "create", "--dir", cells->a.dir, "--name", "Archivist", "--kind",
         "agent");
    passphrase_ = "";
    WANT(cells, 2, "a backup is encrypted", "backup", "--dir", cells->a.dir, "--to", file);
    WANT(cells, 0, "leads to the signed head", "backup", "--dir", cells->a.dir, "--to", file,
         "--reader", "Archivist");
    WANT(cells, 2, "of a signer that holds a reader's key", "backup", "check", file);
    WANT(cells, 0, "is whole: a.example/ledger", "backup", "check", file, "--signer", own);
    WANT(cells, 1, "caller.backup.reader", "backup", "check", file, "--signer", other);
    passphrase_ = PASSPHRASE;
    WANT(cells, 1, "caller.backup.reader", "backup", "check", file);
}

/* Bytes that the disk changed, anywhere in the file. */
static void rotten(void **s)
{
    struct cells *cells = *s;
    char file[96];
    struct stat found;

    snprintf(file, sizeof file, "%s", backup_of(&cells->a, "rot"));
    assert_int_equal(stat(file, &found), 0);
    for (unsigned i = 0; i < 6; i++) {
        const off_t at = (off_t)(found.st_size * i / 6 + i);
        const int fd = open(file, O_RDWR);
        uint8_t byte = 0;
        char *text = NULL;
        int code = 0;

        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= 0x40;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        code = ended(
            spawn_comity(cells, (const char *const[]){"comity", "backup", "check", file, NULL}));
        text = said(cells);
        assert_int_equal(code, 1);
        assert_non_null(strstr(text, "backup."));
        free(text);
        byte ^= 0x40;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        close(fd);
    }
    WANT(cells, 0, "is whole", "backup", "check", file);
}

/* --- cut off --- */

static void killed(void **s)
{
    struct cells *cells = *s;
    struct cell *a = &cells->a;
    char file[96];
    char again[96];
    unsigned whole = 0;

    for (unsigned i = 0; i < 6; i++) {
        pid_t pid = 0;

        snprintf(file, sizeof file, "%s/kill%u.cyb", cells->dir, i);
        pid = spawn_comity(
            cells, (const char *const[]){"comity", "backup", "--dir", a->dir, "--to", file, NULL});
        nap(30 + i * 90);
        kill(pid, SIGKILL);
        (void)ended(pid);
        if (exists(file)) { /* of that name only when it is whole */
            WANT(cells, 0, "is whole", "backup", "check", file);
            whole++;
        }
    }
    snprintf(file, sizeof file, "%s/kill0.cyb", cells->dir); /* a .part left there is no obstacle */
    if (!exists(file))
        WANT(cells, 0, "leads to the signed head", "backup", "--dir", a->dir, "--to", file);
    cell_stop(a);
    snprintf(again, sizeof again, "%s/again", cells->dir);
    for (unsigned i = 0; i < 6; i++) {
        const pid_t pid =
            spawn_comity(cells, (const char *const[]){"comity", "restore", file, "--dir", again,
                                                      "--mirror", a->data, NULL});

        nap(100 + i * 100);
        kill(pid, SIGKILL);
        (void)ended(pid);
        if (exists(again)) {
            WANT(cells, 0, "is sound", "audit", place(cells, "again/data"));
            shell("rm -rf '%s'%s", again, "");
            whole++;
        }
    }
    WANT(cells, 0, "is a.example/ledger again", "restore", file, "--dir", again, "--mirror",
         a->data);
    assert_false(exists(place(cells, "again.part")));
    print_message("%u of 12 were done before they were killed\n", whole);
}

/* --- no room --- */

static void full_disk(void **s)
{
    struct cells *cells = *s;
    char small[96];
    char to[128];
    char file[96];

    snprintf(small, sizeof small, "%s/small", cells->dir);
    assert_int_equal(mkdir(small, 0700), 0);
    if (geteuid() != 0 || mount("tmpfs", small, "tmpfs", 0, "size=64k") != 0) {
        print_message("cannot mount a small file system here: a full disk is not tried\n");
        skip();
    }
    evidence(&cells->a, 2000, 250);
    snprintf(to, sizeof to, "%s/one.cyb", small);
    WANT(cells, 1, "operator.backup.full", "backup", "--dir", cells->a.dir, "--to", to);
    assert_false(exists(to));
    shell("test -z \"$(ls '%s')\"%s", small, "");
    snprintf(file, sizeof file, "%s", backup_of(&cells->a, "whole"));
    snprintf(to, sizeof to, "%s/cell", small);
    WANT(cells, 1, "operator.backup.full", "restore", file, "--dir", to);
    assert_false(exists(to));
    shell("test -z \"$(ls '%s')\"%s", small, "");
    evidence(&cells->a, 8000, 3); /* the cell does not care */
    (void)umount2(small, MNT_DETACH);
}

int main(void)
{
    const struct CMUnitTest own[] = {
        cmocka_unit_test_setup_teardown(with_the_tail, start, finish),
        cmocka_unit_test_setup_teardown(successor, start, finish),
        cmocka_unit_test_setup_teardown(old_image, start, finish),
    };
    const struct CMUnitTest shared[] = {
        cmocka_unit_test(by_reader), cmocka_unit_test(foreign), cmocka_unit_test(rotten),
        cmocka_unit_test(full_disk), cmocka_unit_test(killed), /* it stops the cell */
    };
    const int bad = cmocka_run_group_tests(own, NULL, NULL);

    return bad + cmocka_run_group_tests(shared, start, finish);
}

/* A federation of real daemons and signers over TLS: they agree, whoever is killed, stands still,
 * has a wrong clock, a full disk or an old copy. */
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "crypto/note_key.h"
#include "members.h"
#include "wire/peer.h"

#define ALL 0xfu
static struct members *m;
static unsigned number = 1000; /* of the next party */

static const struct members_options options = {.settings = "wait: { witnessed_ms = 3000; };\n"};

static int start(void **s)
{
    (void)s;
    m = members_new(4, &options);
    members_start(m);
    return 0;
}

static int shell(const char *format, const char *a, const char *b)
{
    char command[512];

    snprintf(command, sizeof command, format, a, b);
    return system(command);
}

/* --- all well --- */

static void accepted_everywhere(void **s)
{
    uint64_t at[4];

    (void)s;
    for (unsigned i = 0; i < 4; i++)
        at[i] = enter(m, i, number + i);
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned k = 0; k < 4; k++)
            EVENTUALLY(20, member_has(m, i, number + k, at[k]));
    }
    number += 4;
    members_same(m, ALL, at[3] + 1);
}

/* What became of each act of a batch stands in the receipt, as in a cell's; on trial, too. */
static void verdicts_of_a_batch(void **s)
{
    static const struct cy_asset_create oats = {
        .code = {.n = 3, .s = "OAT" },
          .name = {.n = 4, .s = "Oats"}
    };
    static const struct cy_asset_create rye = {
        .code = {.n = 3, .s = "RYE"},
          .name = {.n = 3, .s = "Rye"}
    };
    static const struct cy_account_open nowhere = {.asset = {{1}}};
    static const struct cy_any parts[] = {
        {&cy_schema_asset_create, &oats   },
        {&cy_schema_account_open, &nowhere},
        {&cy_schema_asset_create, &rye    }
    };
    static const char *const paths[] = {"/v1/acts?dry=1", "/v1/acts?wait=final"};
    struct act *act = malloc(sizeof *act);
    struct cy_key_share share;
    struct party party;
    struct got got;

    (void)s;
    party_make(&party, number++);
    share = (struct cy_key_share){.key = party.key, .weight = 1};
    PARTY_ACT(&m->at[1], &party, passport_create, act, .kind = CY_kind_NATION,
              .name = name_of("Batches"), .keys = &share, .n_keys = 1, .need_0 = 1);
    got = send_to(&m->at[1], NULL, "/v1/acts?wait=final", act_span(act));
    assert_int_equal(got.status, 200);
    assert_ok(cy_hex_read(cy_span_text(got_text(&got, "act")), party.id.b, 32));
    got_free(&got);
    PARTY_ACT(&m->at[1], &party, batch, act, .mode = CY_batch_mode_EACH, .acts = parts,
              .n_acts = CY_COUNT(parts));
    for (unsigned i = 0; i < CY_COUNT(paths); i++) {
        const json_t *verdicts = NULL;

        got = send_to(&m->at[1], NULL, paths[i], act_span(act));
        verdicts = json_object_get(got.json, "verdicts");
        if (json_array_size(verdicts) != 3)
            print_error("%s: %s\n", paths[i], got.body == NULL ? "no answer" : got.body);
        assert_int_equal(json_array_size(verdicts), 3);
        assert_string_equal(json_string_value(json_array_get(verdicts, 0)), "NONE");
        assert_string_equal(json_string_value(json_array_get(verdicts, 1)), "NO_NOUN");
        assert_string_equal(json_string_value(json_array_get(verdicts, 2)), "NONE");
        got_free(&got);
    }
    free(act);
}

static void refused_packets(void **s)
{
    uint8_t bytes[CY_PEER_HEAD + CY_PEER_TAIL] = "CYPEER1\n";
    struct got got = send_to(&m->at[0], NULL, "/v1/federation/packets", cy_span_text("hello"));
    const uint64_t before = member_figure(m, 0, "refused");

    (void)s;
    assert_problem(&got, BAD_PACKET);
    got_free(&got);
    got = send_to(&m->at[0], NULL, "/v1/federation/packets", cy_span_of(bytes, sizeof bytes));
    assert_problem(&got, OTHER_FEDERATION);
    got_free(&got);
    memcpy(bytes + 8, m->realm.b, 32);
    got = send_to(&m->at[0], NULL, "/v1/federation/packets", cy_span_of(bytes, sizeof bytes));
    assert_problem(&got, NOT_SEATED);
    got_free(&got);
    assert_true(member_figure(m, 0, "refused") >= before + 2);
    enter(m, 0, number++);
}

/* What an operator decides in a cell takes the signatures of more than two thirds here. */
static void act_of_several(void **s)
{
    char json[96];
    char draft[96];
    char copies[3][96];
    char sealed[96];
    FILE *file = NULL;
    struct got got;
    const char *const make[] = {"comity", "--dir", m->at[0].dir, "federation", "act",
                                json,     "--out", draft,        NULL};
    const char *const seal[] = {"comity",  "federation", "seal", copies[0], copies[1],
                                copies[2], "--out",      sealed, NULL};
    const char *const send_it[] = {"comity", "--dir",  m->at[1].dir, "federation", "send",
                                   sealed,   "--wait", "final",      NULL};

    (void)s;
    snprintf(json, sizeof json, "%s/act.json", m->home->dir);
    snprintf(draft, sizeof draft, "%s/act.draft", m->home->dir);
    snprintf(sealed, sizeof sealed, "%s/act.sealed", m->home->dir);
    file = fopen(json, "w");
    assert_non_null(file);
    fputs("{\"act\": \"param_set\", \"name\": \"open_passports\", \"value\": 1}\n", file);
    fclose(file);
    cell_comity(&m->at[0], make);
    for (unsigned i = 0; i < 3; i++) {
        const char *const sign[] = {"comity", "--dir", m->at[i].dir, "federation", "sign",
                                    draft,    "--out", copies[i],    NULL};

        snprintf(copies[i], sizeof copies[i], "%s/act.%u", m->home->dir, i);
        cell_comity(&m->at[i], sign);
    }
    cell_comity(&m->at[0], seal);
    cell_comity(&m->at[1], send_it);
    got = ask(&m->at[2], NULL, "/v1/records/param?name=open_passports");
    assert_int_equal(json_array_size(json_object_get(got.json, "items")), 1);
    got_free(&got);
    got = ask(&m->at[2], NULL, "/metrics");
    assert_non_null(strstr(got.body, "comity_seat_behind{member=\"a.example/ledger\"}"));
    assert_non_null(strstr(got.body, "comity_federation_stopped 0"));
    got_free(&got);
}

/* What a founder is shown before the signature, and the signer that lacks a key of its seat. */
static void founders_see(void **s)
{
    static uint8_t room[1 << 20];
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    const struct cy_claims claims = {.expires = (uint64_t)time(NULL) + 600};
    const struct party *by[1];
    struct cy_genesis genesis;
    struct cy_seat_entry seats[4];
    struct party founder;
    struct cy_act draft;
    struct act *act = malloc(sizeof *act);
    char path[96];
    char command[512];
    size_t n = 0;
    char *bytes = NULL;
    char *said = NULL;
    FILE *file = NULL;

    (void)s;
    snprintf(command, sizeof command,
             "cd %s && %s federation sign genesis.draft --signer m0/signer.sock --out again "
             ">shown 2>&1",
             m->home->dir, COMITY);
    assert_int_equal(system(command), 0);
    snprintf(path, sizeof path, "%s/shown", m->home->dir);
    said = file_read(path, &n);
    assert_non_null(strstr(said, "a.example/ledger, run by OP0, weight 1"));
    assert_non_null(strstr(said, " vote "));
    assert_non_null(strstr(said, "quorum seats"));
    free(said);
    snprintf(path, sizeof path, "%s/genesis.draft", m->home->dir);
    bytes = file_read(path, &n);
    assert_ok(cy_act_open(cy_span_of(bytes, n), &arena, &draft));
    genesis = *(const struct cy_genesis *)draft.any.message;
    assert_int_equal(genesis.n_seats, 4);
    memcpy(seats, genesis.seats, sizeof seats);
    party_make(&founder, 960);
    for (unsigned i = 0; i < 4; i++)
        seats[i].vote_key = founder.key; /* in nobody's signer */
    genesis.seats = seats;
    founder.key = seats[0].key;
    by[0] = &founder;
    act_sign(&claims, &cy_schema_genesis, &genesis, by, 1, act);
    snprintf(path, sizeof path, "%s/other.draft", m->home->dir);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(act->bytes, 1, act->n, file), act->n);
    assert_int_equal(fclose(file), 0);
    snprintf(command, sizeof command,
             "cd %s && ! %s federation sign other.draft --signer m0/signer.sock >shown 2>&1 && "
             "grep -q 'the vote key that the genesis names' shown",
             m->home->dir, COMITY);
    assert_int_equal(system(command), 0);
    free(act);
    free(bytes);
}

/* --- without a log key --- */

/* What stands in the place of a key: a policy that its final heads meet, also for a stranger. */
static void policy_for_a_key(void **s)
{
    const uint64_t at = enter(m, 0, number++);
    struct got got = ask(&m->at[1], NULL, "/v1/realm");
    const char *policy = json_string_value(json_object_get(got.json, "policy"));
    struct cy_policy_trust read;
    const struct cy_trust trust = {.policy = &read};
    struct cy_checkpoint head;
    uint32_t cosigned = 0;
    struct got note;

    (void)s;
    assert_non_null(policy);
    assert_null(json_object_get(got.json, "vkey"));
    assert_ok(
        cy_policy_trust_read(cy_span_text("sea.example/federation"), cy_span_text(policy), &read));
    EVENTUALLY(10, member_figure(m, 1, "final_size") > at);
    note = ask(&m->at[1], NULL, "/v1/federation/final");
    assert_ok(cy_trust_head(cy_span_text(note.body), &trust, &head, &cosigned));
    assert_true(cosigned >= 3 && head.size > at);
    got_free(&note);
    got_free(&got);
}

/* No key of one signs for all: the proof under a final head is what there is. */
static void no_cose_receipt(void **s)
{
    const uint64_t at = enter(m, 0, number++);
    char path[64];
    struct got got;

    (void)s;
    snprintf(path, sizeof path, "/v1/receipts/%llu", (unsigned long long)at);
    got = ask(&m->at[0], NULL, path);
    assert_problem(&got, NOT_FOUND);
    assert_non_null(strstr(got.body, "/v1/proofs/"));
    got_free(&got);
}

static bool projected(uint64_t least)
{
    struct got got = ask(&m->at[1], NULL, "/v1/sql");
    const bool is = got.json != NULL && strcmp(got_text(&got, "state"), "following") == 0 &&
                    (uint64_t)json_integer_value(json_object_get(got.json, "projected")) >= least;

    got_free(&got);
    return is;
}

/* The projection follows the final head, also of a daemon that was started again. */
static void sql_follows_final(void **s)
{
    struct cell *cell = &m->at[1];
    FILE *conf = fopen(cell->conf, "a");
    uint64_t at = 0;

    (void)s;
    assert_non_null(conf);
    fprintf(conf, "sql: { url = \"sqlite:%s/rows.sqlite\"; };\n", cell->dir);
    assert_int_equal(fclose(conf), 0);
    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
    member_start(m, 1);
    at = enter(m, 0, number++);
    EVENTUALLY(20, projected(at + 1));
    at = enter(m, 1, number++);
    EVENTUALLY(20, projected(at + 1));
}

/* --- trustees --- */

static void cosign_line(const struct party *by, const char *name, struct cy_span head,
                        struct cy_text *note)
{
    char bytes[CY_CHECKPOINT_MAX + 64];
    struct cy_text said = cy_text_on(bytes, sizeof bytes);
    const uint64_t now_s = (uint64_t)time(NULL);
    uint8_t signature[64];
    uint8_t blob[CY_COSIGNATURE_BYTES];

    cy_cosignature_text(&said, now_s, head);
    crypto_sign_detached(signature, NULL, (const uint8_t *)said.at, said.n, by->secret);
    cy_cosignature_blob(now_s, signature, blob);
    cy_note_line(note, cy_span_text(name),
                 cy_note_key_id(cy_span_text(name), CY_NOTE_COSIGNATURE, &by->key),
                 cy_span_of(blob, sizeof blob));
}

/* Hands in a head that `by` cosigned; *size is its size. */
static struct got hand_in(struct members *f, const struct party *by, const char *name,
                          uint64_t *size)
{
    struct got agreed = ask(&f->at[0], NULL, "/v1/federation/agreed");
    char bytes[2048];
    struct cy_text note = cy_text_on(bytes, sizeof bytes);
    struct cy_checkpoint head;

    assert_int_equal(agreed.status, 200);
    assert_ok(cy_checkpoint_read(cy_span_text(agreed.body), &head));
    *size = head.size;
    cy_note_begin(&note, cy_span_text(agreed.body));
    cosign_line(by, name, cy_span_text(agreed.body), &note);
    got_free(&agreed);
    return send_to(&f->at[0], NULL, "/v1/federation/cosignatures", cy_text_bytes(&note));
}

/* Two members and a trustee: without the trustee nothing is final, with its line both have it. */
static void trustee_cosigns(void **s)
{
    struct party trustee;
    struct party other;
    struct cy_note_key key;
    char words[256];
    struct cy_text text = cy_text_on(words, sizeof words);
    const struct members_options with = {.settings = "wait: { witnessed_ms = 3000; };\n",
                                         .trustee = words};
    struct members *f = NULL;
    struct got got;
    uint64_t size = 0;

    (void)s;
    party_make(&trustee, 950);
    party_make(&other, 951);
    assert_ok(
        cy_note_key_of(cy_span_text("union.example"), CY_NOTE_COSIGNATURE, &trustee.key, &key));
    cy_text_add(&text, "labor,");
    cy_note_vkey(&key, &text);
    cy_text_add(&text, ",UNION");
    f = members_new(2, &with);
    members_start(f);
    EVENTUALLY(20, member_figure(f, 0, "size") > 2);
    assert_int_equal(member_figure(f, 0, "final_size"), 0);
    got = hand_in(f, &other, "union.example", &size); /* the name is right, the key is not */
    assert_problem(&got, UNSEATED);
    got_free(&got);
    got = send_to(&f->at[0], NULL, "/v1/federation/cosignatures", cy_span_text("hello"));
    assert_problem(&got, BAD_NOTE);
    got_free(&got);
    other.key = trustee.key; /* its key's number, another's signature */
    got = hand_in(f, &other, "union.example", &size);
    assert_problem(&got, BAD_SIGNATURE);
    got_free(&got);
    assert_int_equal(member_figure(f, 0, "final_size"), 0);
    got = hand_in(f, &trustee, "union.example", &size);
    assert_int_equal(got.status, 204);
    got_free(&got);
    EVENTUALLY(20, member_figure(f, 0, "final_size") >= size);
    EVENTUALLY(20, member_figure(f, 1, "final_size") >= size);
    members_free(f);
}

/* --- members that end --- */

static void one_away(void **s)
{
    uint64_t at = 0;

    (void)s;
    cell_end(&m->at[3].daemon, SIGKILL);
    for (unsigned i = 0; i < 3; i++)
        at = enter(m, i, number++);
    members_same(m, 7, at + 1);
    member_start(m, 3);
    EVENTUALLY(20, member_has(m, 3, number - 1, at));
    members_same(m, ALL, at + 1);
}

/* Sends acts all the time to whoever takes them, and keeps what was acknowledged. */
struct writer {
    struct members members; /* the same ones, with connections of its own */
    pthread_t thread;
    bool stop;
    unsigned first;
    unsigned n;
    uint64_t at[4096]; /* 0: not acknowledged */
};

static void *writer_main(void *arg)
{
    struct writer *w = arg;

    while (!__atomic_load_n(&w->stop, __ATOMIC_ACQUIRE) && w->n < CY_COUNT(w->at)) {
        w->at[w->n] = entered(&w->members, w->n % 4, w->first + w->n);
        w->n++;
    }
    return NULL;
}

static struct writer *writer_start(void)
{
    struct writer *w = calloc(1, sizeof *w);

    assert_non_null(w);
    w->members = *m;
    w->first = number;
    number += CY_COUNT(w->at);
    for (unsigned i = 0; i < 4; i++)
        w->members.clients[i] = cy_client_new();
    assert_int_equal(pthread_create(&w->thread, NULL, writer_main, w), 0);
    return w;
}

/* Everything acknowledged stands at its place in every ledger. */
static void writer_check(struct writer *w, unsigned least)
{
    unsigned acknowledged = 0;
    uint64_t last = 0;

    __atomic_store_n(&w->stop, true, __ATOMIC_RELEASE);
    pthread_join(w->thread, NULL);
    for (unsigned i = 0; i < w->n; i++) {
        acknowledged += w->at[i] != 0;
        last = w->at[i] > last ? w->at[i] : last;
    }
    members_same(m, ALL, last + 1);
    for (unsigned i = 0; i < w->n; i++) {
        for (unsigned k = 0; w->at[i] != 0 && k < 4; k++)
            assert_true(member_has(m, k, w->first + i, w->at[i]));
    }
    print_message("%u of %u acts acknowledged\n", acknowledged, w->n);
    assert_true(acknowledged >= least);
    for (unsigned i = 0; i < 4; i++)
        cy_client_free(w->members.clients[i]);
    free(w);
}

static void killed_again_and_again(void **s)
{
    struct writer *w = writer_start();

    (void)s;
    for (unsigned round = 0; round < 6; round++) {
        const unsigned i = round % 4;

        nap(300 + 130 * round);
        cell_end(&m->at[i].daemon, SIGKILL);
        if (round % 3 == 0) /* its memory of votes too */
            cell_end(&m->at[i].signer, SIGKILL);
        nap(200);
        member_start(m, i);
    }
    writer_check(w, 6);
    enter(m, 1, number++);
}

static void all_killed(void **s)
{
    struct writer *w = writer_start();

    (void)s;
    nap(1500);
    for (unsigned i = 0; i < 4; i++)
        cell_end(&m->at[i].daemon, SIGKILL);
    members_start(m);
    nap(500);
    writer_check(w, 1);
    enter(m, 2, number++);
}

/* Less than more than two thirds: nothing is agreed on, nothing is lost, and it goes on. */
static void too_few(void **s)
{
    uint64_t size = 0;

    (void)s;
    cell_end(&m->at[2].daemon, SIGKILL);
    cell_end(&m->at[3].daemon, SIGKILL);
    nap(300);
    size = member_figure(m, 0, "size");
    assert_int_equal(entered(m, 0, number), 0);
    assert_int_equal(member_figure(m, 0, "size"), size);
    member_start(m, 2);
    enter(m, 1, number + 1);
    EVENTUALLY(20, member_figure(m, 0, "pool") == 0);
    member_start(m, 3);
    number += 2;
    members_same(m, ALL, size + 2);
}

/* A node that stands still (a swap storm, a frozen machine) holds nobody up for long. */
static void stands_still(void **s)
{
    uint64_t at = 0;

    (void)s;
    assert_int_equal(kill(m->at[1].daemon, SIGSTOP), 0);
    for (unsigned i = 0; i < 2; i++)
        at = enter(m, 2, number++);
    assert_int_equal(kill(m->at[1].daemon, SIGCONT), 0);
    EVENTUALLY(20, member_has(m, 1, number - 1, at));
    members_same(m, ALL, at + 1);
}

/* --- what machines do --- */

static int64_t ledger_lag_ms(unsigned i)
{
    struct got got = ask(&m->at[i], NULL, "/v1/realm");
    const char *now = json_string_value(json_object_get(json_object_get(got.json, "realm"), "now"));
    struct timespec t;
    cy_time at = 0;

    assert_non_null(now);
    assert_ok(cy_time_read(cy_span_text(now), &at));
    got_free(&got);
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 - (int64_t)at;
}

/* One clock that is a minute ahead moves ledger time nowhere: it is a median. */
static void wrong_clock(void **s)
{
    (void)s;
    enter(m, 2, number++); /* the first height's time is its proposer's */
    assert_int_equal(cell_end(&m->at[2].daemon, SIGTERM), 0);
    setenv("LD_PRELOAD", CY_SKEW, 1);
    setenv("CY_SKEW_S", "60", 1);
    cell_spawn_daemon(&m->at[2]);
    unsetenv("LD_PRELOAD");
    unsetenv("CY_SKEW_S");
    EVENTUALLY(60, member_figure(m, 2, "size") != UINT64_MAX);
    for (unsigned i = 0; i < 4; i++)
        enter(m, i, number++);
    for (unsigned i = 0; i < 4; i++) {
        const int64_t lag = ledger_lag_ms(i);

        if (lag < -5000 || lag > 20000)
            fail_msg("member %u: ledger time lags %lld ms", i, (long long)lag);
    }
    assert_int_equal(cell_end(&m->at[2].daemon, SIGTERM), 0);
    member_start(m, 2); /* set right again: what it says now is not taken for something old */
    enter(m, 2, number++);
}

/* What it is told and what to do, in words: by its node, on its terminal, by the doctor. */
static void full_disk_is_said(const struct cell *cell)
{
    char text[64];
    struct got got;

    EVENTUALLY(20, (member_say(m, 3, "pause", text), strcmp(text, "operator.disk.full") == 0));
    got = ask(&m->at[3], NULL, "/v1/federation");
    assert_string_equal(got_text(&got, "state"), "held up");
    assert_non_null(strstr(got_text(&got, "says"), "the disk is full"));
    assert_non_null(strstr(got_text(&got, "remedy"), "make room"));
    got_free(&got);
    assert_int_equal(
        shell("%s --dir %s federation status | grep -q 'what to do: make room'", COMITY, cell->dir),
        0);
    (void)shell("%s --dir %s doctor > /dev/null", COMITY, cell->dir);
    assert_int_equal(
        shell("%s --dir %s doctor | grep -A3 'held up' | grep -q 'make room'", COMITY, cell->dir),
        0);
}

static void full_disk(void **s)
{
    char text[64];
    uint64_t at = 0;
    struct cell *cell = &m->at[3];

    (void)s;
    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
    assert_int_equal(shell("cp -a %s %s.kept", cell->data, cell->data), 0);
    if (shell("mount -t tmpfs -o size=24m tmpfs %s 2>/dev/null%s", cell->data, "") != 0) {
        print_message("no file system may be mounted here: a full disk is not tried\n");
        member_start(m, 3);
        return;
    }
    assert_int_equal(shell("cp -a %s.kept/. %s/", cell->data, cell->data), 0);
    member_start(m, 3);
    enter(m, 3, number++);
    (void)shell("dd if=/dev/zero of=%s/fill bs=4k 2>/dev/null%s", cell->data, "");
    for (unsigned i = 0; i < 3; i++)
        at = enter(m, i, number++);
    full_disk_is_said(cell);
    assert_int_equal(shell("rm %s/fill%s", cell->data, ""), 0);
    EVENTUALLY(30, member_has(m, 3, number - 1, at));
    members_same(m, ALL, at + 1);
    member_say(m, 3, "pause", text);
    assert_string_equal(text, "none");
    member_say(m, 3, "says", text);
    assert_string_equal(text, "");
    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
    assert_int_equal(shell("rm -rf %s.kept%s", cell->data, ""), 0);
    assert_int_equal(shell("cp -a %s %s.kept", cell->data, cell->data), 0);
    assert_int_equal(shell("umount %s && rm -rf %s", cell->data, cell->data), 0);
    assert_int_equal(shell("mv %s.kept %s", cell->data, cell->data), 0);
    member_start(m, 3);
    members_same(m, ALL, at + 1);
}

/* A copy of yesterday, with the keys of today: what was voted and cosigned since is remembered. */
static void restored_copy(void **s)
{
    struct cell *cell = &m->at[3];
    uint64_t at = 0;

    (void)s;
    assert_int_equal(cell_end(&cell->daemon, SIGTERM), 0);
    assert_int_equal(shell("cp -a %s %s.old", cell->data, cell->data), 0);
    member_start(m, 3);
    for (unsigned i = 0; i < 4; i++)
        at = enter(m, i, number++);
    members_same(m, ALL, at + 1);
    cell_end(&cell->daemon, SIGKILL);
    assert_int_equal(shell("rm -rf %s%s", cell->data, ""), 0);
    assert_int_equal(shell("mv %s.old %s", cell->data, cell->data), 0);
    member_start(m, 3);
    EVENTUALLY(20, member_has(m, 3, number - 1, at));
    at = enter(m, 3, number++);
    members_same(m, ALL, at + 1);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(member_figure(m, i, "convicted"), 0);
}

static int finish(void **s)
{
    (void)s;
    cell_end(&m->at[3].daemon, SIGKILL); /* a test that failed may have left its disk */
    (void)shell("umount %s 2>/dev/null%s", m->at[3].data, "");
    members_free(m);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted_everywhere),
        cmocka_unit_test(verdicts_of_a_batch),
        cmocka_unit_test(act_of_several),
        cmocka_unit_test(founders_see),
        cmocka_unit_test(policy_for_a_key),
        cmocka_unit_test(no_cose_receipt),
        cmocka_unit_test(sql_follows_final),
        cmocka_unit_test(trustee_cosigns),
        cmocka_unit_test(refused_packets),
        cmocka_unit_test(one_away),
        cmocka_unit_test(killed_again_and_again),
        cmocka_unit_test(all_killed),
        cmocka_unit_test(too_few),
        cmocka_unit_test(stands_still),
        cmocka_unit_test(wrong_clock),
        cmocka_unit_test(full_disk),
        cmocka_unit_test(restored_copy),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, start, finish);
}

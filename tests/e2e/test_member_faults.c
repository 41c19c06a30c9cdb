/* Federations of real daemons with one member that is not as it should be: it votes twice, its disk
 * is slow, the network between it and the others breaks. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crypto/note_key.h"
#include "kernel/escrow.h"
#include "members.h"
#include "wire/peer.h"

#define ALL 0xfu
static struct members *m;

/* --- a member that votes twice --- */

static struct {
    struct party act;
    struct party vote;
    struct party cosign;
    struct party peer;
} traitor;

static bool traitor_seat(void *user, const struct members *members, unsigned i)
{
    const struct cell *cell = &members->at[i];
    const struct party *const by[] = {&traitor.act};
    const struct cy_claims claims = {.expires = (uint64_t)time(NULL) + 600};
    struct cy_seat_admit entry;
    struct act *act = NULL;
    char base64[4096];
    char path[96];
    FILE *file = NULL;

    (void)user;
    if (i != 3)
        return false;
    act = malloc(sizeof *act);
    party_make(&traitor.act, 901);
    party_make(&traitor.vote, 902);
    party_make(&traitor.cosign, 903);
    party_make(&traitor.peer, 904);
    entry = (struct cy_seat_admit){.name = name_of(cell->origin),
                                   .act_key = traitor.act.key,
                                   .vote_key = traitor.vote.key,
                                   .cosign_key = traitor.cosign.key,
                                   .peer_key = traitor.peer.key,
                                   .operator= label_of("OP3"),
                                   .weight = 1};
    act_sign(&claims, &cy_schema_seat_admit, &entry, by, 1, act);
    cy_base64(act->bytes, act->n, base64);
    assert_int_equal(mkdir(cell->dir, 0700), 0);
    snprintf(path, sizeof path, "%s/seat.conf", cell->dir);
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "url = \"http://127.0.0.1:1\";\nentry = \"%s\";\n", base64);
    fclose(file);
    free(act);
    return true;
}

static void traitor_sign(void *user, unsigned i, const char *copy)
{
    size_t n = 0;
    char *bytes = file_read(copy, &n);
    struct cy_envelope envelope;
    FILE *file = NULL;

    (void)user;
    (void)i;
    assert_ok(cy_envelope_read(cy_span_of(bytes, n), &envelope));
    for (uint32_t k = 0; k < envelope.n_signers; k++) {
        struct cy_span parts[CY_SIGNED_PARTS];
        const size_t n_parts = cy_envelope_signed(&envelope, k, parts);
        uint8_t text[66000];
        size_t len = 0;

        if (!cy_id_eq(&envelope.signers[k].key, &traitor.act.key))
            continue;
        for (size_t p = 0; p < n_parts; p++) {
            memcpy(text + len, parts[p].at, parts[p].n);
            len += parts[p].n;
        }
        crypto_sign_detached((uint8_t *)envelope.signers[k].signature, NULL, text, len,
                             traitor.act.secret);
    }
    file = fopen(copy, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
    free(bytes);
}

static void add_vote(struct cy_packet_writer *packet, uint64_t height, uint8_t value)
{
    const struct cy_name name = name_of(m->at[3].origin);
    struct cy_vote vote = {.origin = cy_span_text("sea.example/federation"),
                           .height = height,
                           .step = CY_VOTE_PREVOTE,
                           .after = CY_NO_ROUND,
                           .time = (cy_time)time(NULL) * 1000};
    char text_bytes[CY_VOTE_TEXT_MAX];
    struct cy_text text = cy_text_on(text_bytes, sizeof text_bytes);
    char note_bytes[CY_PEER_VOTE_MAX];
    struct cy_text note = cy_text_on(note_bytes, sizeof note_bytes);
    uint8_t signature[64];

    memset(&vote.value, value, sizeof vote.value);
    cy_vote_write(&text, &vote);
    crypto_sign_detached(signature, NULL, (const uint8_t *)text.at, text.n, traitor.vote.secret);
    cy_peer_vote_write(&note, &vote, cy_name_text(&name),
                       cy_note_key_id(cy_name_text(&name), CY_NOTE_ED25519, &traitor.vote.key),
                       signature);
    assert_ok(cy_packet_frame(packet, CY_PEER_VOTE, cy_text_bytes(&note)));
}

/* Says one thing and another in the height under way and the next, to everybody. */
static void say_both(uint64_t height, uint64_t count)
{
    const struct cy_packet head = {
        .federation = m->realm, .from = traitor.peer.key, .session = 1 + count, .number = 1};
    uint8_t bytes[8192];
    uint8_t signature[64];
    struct cy_packet_writer packet;
    struct cy_span whole;

    cy_packet_begin(&packet, bytes, sizeof bytes, &head);
    for (uint64_t h = height; h < height + 2; h++) {
        add_vote(&packet, h, 1);
        add_vote(&packet, h, 2);
    }
    whole = cy_packet_to_sign(&packet);
    crypto_sign_detached(signature, NULL, whole.at, whole.n, traitor.peer.secret);
    whole = cy_packet_end(&packet, signature);
    for (unsigned i = 0; i < 3; i++) {
        struct got got = send_to(&m->at[i], NULL, "/v1/federation/packets", whole);

        assert_int_equal(got.status, 204);
        got_free(&got);
    }
}

static bool excluded(unsigned i)
{
    struct got got = ask(&m->at[i], NULL, "/v1/federation");
    const json_t *seat = json_array_get(json_object_get(got.json, "seats"), 3);
    const char *state = json_string_value(json_object_get(seat, "state"));
    const char *evidence = json_string_value(json_object_get(seat, "evidence"));
    const bool done = state != NULL && strcmp(state, "excluded") == 0 && evidence != NULL;

    got_free(&got);
    return done;
}

/* Four members, of which the test is one. */
static void begin_with_traitor(void)
{
    static const struct members_options with_traitor = {.settings =
                                                            "wait: { witnessed_ms = 8000; };\n",
                                                        .own_seat = traitor_seat,
                                                        .own_sign = traitor_sign};

    m = members_new(4, &with_traitor);
    members_start(m);
    members_same(m, 7, enter(m, 0, 1) + 1);
}

/* It says one thing and another until all three have it off their rolls. */
static void vote_twice_until_out(void)
{
    for (unsigned count = 0; count < 40 && !(excluded(0) && excluded(1) && excluded(2)); count++) {
        say_both(member_figure(m, 0, "height") + 1, count);
        nap(250);
    }
    assert_true(excluded(0) && excluded(1) && excluded(2));
}

static void the_three_go_on(void)
{
    members_same(m, 7, enter(m, 1, 2) + 1);
}

/* With no bond there is nothing to take: the seat goes all the same. */
static void votes_twice(void **s)
{
    struct got got;

    (void)s;
    begin_with_traitor();
    vote_twice_until_out();
    got = ask(&m->at[0], NULL, "/v1/records/slash");
    assert_int_equal(got.status, 200);
    assert_int_equal(json_array_size(json_object_get(got.json, "items")), 0);
    got_free(&got);
    the_three_go_on();
    members_free(m);
    m = NULL;
}

/* --- what it costs --- */

#define BOND 500u
#define ISSUED 1000u

/* A final receipt of a party's act, handed to member 0; returns the act's id. */
static struct cy_id settle(const struct party *party, const struct cy_schema *schema,
                           const void *message)
{
    struct act *act = malloc(sizeof *act);
    struct cy_id id;
    struct got got;

    party_act(&m->at[0], party, schema, message, act);
    got = send_to(&m->at[0], NULL, "/v1/acts?wait=final", act_span(act));
    if (got.status != 200)
        print_error("%s: %s\n", schema->name, got.body == NULL ? "no answer" : got.body);
    assert_int_equal(got.status, 200);
    assert_ok(cy_hex_read(cy_span_text(got_text(&got, "act")), id.b, sizeof id.b));
    got_free(&got);
    free(act);
    return id;
}

#define SETTLE(party, name, ...)                                                                   \
    settle((party), &cy_schema_##name, &(struct cy_##name){__VA_ARGS__})

/* An amount of a record; one that is none is left out of it. */
static uint64_t amount_in(const json_t *record, const char *field)
{
    const json_t *value = json_object_get(record, field);

    if (value == NULL)
        return 0;
    return json_is_integer(value) ? (uint64_t)json_integer_value(value)
                                  : strtoull(json_string_value(value), NULL, 10);
}

/* The record of a table in member i's world whose field is the id; to be let go of. */
static json_t *record_with(unsigned i, const char *table, const char *field, const struct cy_id *id)
{
    char path[64];
    char want[65];
    json_t *found = NULL;
    const json_t *item = NULL;
    size_t at = 0;
    struct got got;

    cy_hex(id->b, sizeof id->b, want);
    snprintf(path, sizeof path, "/v1/records/%s", table);
    got = ask(&m->at[i], NULL, path);
    assert_int_equal(got.status, 200);
    json_array_foreach(json_object_get(got.json, "items"), at, item)
    {
        const char *is = json_string_value(json_object_get(item, field));

        if (found == NULL && is != NULL && strcmp(is, want) == 0)
            found = json_incref((json_t *)item);
    }
    got_free(&got);
    if (found == NULL)
        print_error("no %s with %s %s\n", table, field, want);
    assert_non_null(found);
    return found;
}

/* Everything that was issued is in some account, free or held. */
static void conserved(unsigned i, const struct cy_id *asset)
{
    json_t *record = record_with(i, "asset", "id", asset);
    struct got got = ask(&m->at[i], NULL, "/v1/records/account");
    const json_t *item = NULL;
    uint64_t sum = 0;
    size_t at = 0;

    json_array_foreach(json_object_get(got.json, "items"), at, item) sum +=
        amount_in(item, "balance") + amount_in(item, "held");
    assert_int_equal(amount_in(record, "issued"), ISSUED);
    assert_int_equal(sum, ISSUED);
    got_free(&got);
    json_decref(record);
}

static void holds(unsigned i, const struct cy_id *account, uint64_t balance, uint64_t held)
{
    json_t *record = record_with(i, "account", "id", account);

    assert_int_equal(amount_in(record, "balance"), balance);
    assert_int_equal(amount_in(record, "held"), held);
    json_decref(record);
}

/* What answers for the seat is taken whole, by the evidence alone, in every member's books, and
 * goes to the realm: no unit more, none lost (M059). */
static void bond_is_slashed(void **s)
{
    struct party owner = {.secret = {0}};
    struct party seat;
    struct cy_key_share share;
    struct cy_id asset;
    struct cy_id account;
    struct cy_id realms;
    struct cy_id bond;

    (void)s;
    begin_with_traitor();
    party_make(&owner, 905);
    share = (struct cy_key_share){.key = owner.key, .weight = 1};
    owner.id = SETTLE(&owner, passport_create, .kind = CY_kind_NATION, .name = name_of("Owner"),
                      .keys = &share, .n_keys = 1, .need_0 = 1);
    asset = SETTLE(&owner, asset_create, .code = label_of("OAT"), .name = name_of("Oats"));
    account = cy_account_id(&owner.id, &asset, 0);
    realms = cy_account_id(&m->realm, &asset, 0);
    SETTLE(&owner, account_open, .asset = asset);
    SETTLE(&owner, asset_issue, .asset = asset, .account = account, .amount = ISSUED);
    bond = SETTLE(&owner, bond_post, .account = account, .beneficiary = m->realm, .amount = BOND);
    seat = traitor.act;
    seat.id = m->realm; /* a seat speaks in the realm's name, with its own key */
    SETTLE(&seat, seat_rekey, .passport = owner.id);
    SETTLE(&owner, seat_bond, .seat = 3, .bond = bond);
    holds(0, &account, ISSUED - BOND, BOND);
    vote_twice_until_out();
    for (unsigned i = 0; i < 3; i++) {
        json_t *left = record_with(i, "bond", "id", &bond);
        json_t *slash = record_with(i, "slash", "bond", &bond);
        json_t *evidence = record_with(i, "evidence", "about", &owner.id);

        assert_int_equal(amount_in(left, "amount"), 0);
        assert_int_equal(amount_in(left, "posted"), BOND);
        assert_int_equal(amount_in(slash, "amount"), BOND);
        assert_string_equal(json_string_value(json_object_get(slash, "evidence")),
                            json_string_value(json_object_get(evidence, "digest")));
        holds(i, &account, ISSUED - BOND, 0);
        holds(i, &realms, BOND, 0);
        conserved(i, &asset);
        json_decref(left);
        json_decref(slash);
        json_decref(evidence);
    }
    the_three_go_on();
    members_free(m);
    m = NULL;
}

/* --- a slow disk --- */

#define SLOW_MS 300u
#define ACTS 6u

/* Enters that many parties through the first three members; returns how long it took. */
static double enter_some(unsigned first, uint64_t *last)
{
    const double began = seconds();

    for (unsigned i = 0; i < ACTS; i++)
        *last = enter(m, i % 3, first + i);
    return seconds() - began;
}

/* What a command says of a member. */
static int comity_says(const struct cell *cell, const char *command, const char *pattern)
{
    char line[256];

    snprintf(line, sizeof line, "%s --dir %s %s | grep -q '%s'", COMITY, cell->dir, command,
             pattern);
    return system(line);
}

/* Every flush of one member takes 300 ms, several of them a height: the three others keep their
 * pace, which they could not if they waited for it, and it follows. */
static void slow_disk(void **s)
{
    static const struct members_options options = {.settings =
                                                       "wait: { witnessed_ms = 15000; };\n"};
    char slow_while[96];
    uint64_t at = 0;
    double calm = 0;
    double slow = 0;

    (void)s;
    m = members_new(4, &options);
    members_start(m);
    calm = enter_some(1, &at);
    assert_int_equal(cell_end(&m->at[3].daemon, SIGTERM), 0);
    setenv("LD_PRELOAD", CY_SLOW, 1);
    setenv("CY_SLOW_MS", "300", 1);
    snprintf(slow_while, sizeof slow_while, "%s/slow", m->at[3].data);
    assert_int_equal(close(open(slow_while, O_CREAT | O_WRONLY, 0600)), 0);
    setenv("CY_SLOW_WHILE", slow_while, 1);
    cell_spawn_daemon(&m->at[3]);
    unsetenv("LD_PRELOAD");
    unsetenv("CY_SLOW_MS");
    unsetenv("CY_SLOW_WHILE");
    EVENTUALLY(60, member_figure(m, 3, "size") != UINT64_MAX);
    slow = enter_some(100, &at);
    EVENTUALLY(20, member_figure(m, 3, "flush_ms") >= 100); /* it says so itself */
    assert_true(member_figure(m, 0, "flush_ms") < 100);
    assert_int_equal(comity_says(&m->at[3], "federation status", "disk *slow"), 0);
    assert_int_equal(comity_says(&m->at[3], "doctor", "flush of the ledger.s disk takes"), 0);
    print_message("%u acts: %.1f s, with a slow member %.1f s\n", ACTS, calm, slow);
    assert_true(slow < calm + ACTS * 4 * SLOW_MS / 1e3);
    EVENTUALLY(40, member_has(m, 3, 100 + ACTS - 1, at));
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(member_figure(m, i, "convicted"), 0);
    assert_int_equal(unlink(slow_while), 0);
    EVENTUALLY(40, member_figure(m, 3, "flush_ms") < 100);
    assert_int_not_equal(comity_says(&m->at[3], "federation status", "disk *slow"), 0);
    members_free(m);
    m = NULL;
}

/* --- a network that breaks --- */

/* Each member in a network of its own, joined by two bridges that stand for two continents. */
static int home_net = -1;

static void net_name(unsigned i, const char *what, char out[static 24])
{
    snprintf(out, 24, "cy%s%u-%u", what, (unsigned)getpid() % 100000u, i);
}

static int net(const char *format, unsigned i)
{
    char space[24];
    char link[24];
    char inner[24];
    char bridges[2][24];
    char command[512];

    net_name(i, "n", space);
    net_name(i, "v", link);
    net_name(i, "w", inner);
    net_name(0, "b", bridges[0]);
    net_name(1, "b", bridges[1]);
    snprintf(command, sizeof command, "N=%s V=%s W=%s A=%s B=%s I=%u; exec 2>/dev/null; %s", space,
             link, inner, bridges[0], bridges[1], i + 1, format);
    return system(command);
}

static bool nets_make(void)
{
    home_net = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (home_net < 0 || net("ip link add $A type bridge && ip link add $B type bridge && "
                            "ip link set $A up && ip link set $B up",
                            0) != 0)
        return false;
    for (unsigned i = 0; i < 4; i++) {
        if (net("ip netns add $N && ip link add $V type veth peer name $W netns $N && "
                "ip link set $V master $A up && ip -n $N link set lo up && "
                "ip -n $N addr add 10.93.71.$I/24 dev $W && ip -n $N link set $W up",
                i) != 0)
            return false;
    }
    return true;
}

static void nets_remove(void)
{
    if (home_net >= 0)
        (void)setns(home_net, CLONE_NEWNET);
    for (unsigned i = 0; i < 4; i++)
        (void)net("ip netns del $N; ip link del $V", i);
    (void)net("ip link del $A; ip link del $B", 0);
    if (home_net >= 0)
        close(home_net);
    home_net = -1;
}

static const char *net_address(void *user, unsigned i)
{
    static const char *const addresses[] = {"10.93.71.1", "10.93.71.2", "10.93.71.3", "10.93.71.4"};

    (void)user;
    return addresses[i];
}

static void net_visit(void *user, unsigned i)
{
    char space[24];
    char path[64];
    int file = -1;

    (void)user;
    net_name(i, "n", space);
    snprintf(path, sizeof path, "/run/netns/%s", space);
    file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(setns(file, CLONE_NEWNET), 0);
    close(file);
}

/* Members 2 and 3, or 3 alone, on the other continent; or all on one. */
static void net_split(unsigned from)
{
    assert_int_equal(setns(home_net, CLONE_NEWNET), 0);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(
            net(i >= from ? "ip link set $V master $B" : "ip link set $V master $A", i), 0);
}

static void broken_network(void **s)
{
    static const struct members_options apart = {.settings = "wait: { witnessed_ms = 1500; };\n",
                                                 .address = net_address,
                                                 .visit = net_visit};
    struct members *others = m;
    uint64_t size = 0;
    uint64_t at = 0;

    (void)s;
    if (!nets_make()) {
        nets_remove();
        print_message("no networks may be made here: a partition is not tried\n");
        skip();
    }
    m = members_new(4, &apart);
    members_start(m);
    at = enter(m, 0, 1);
    members_same(m, ALL, at + 1);
    net_split(3); /* three go on, one stands still and does not pretend */
    at = enter(m, 1, 2);
    members_same(m, 7, at + 1);
    assert_int_equal(entered(m, 3, 3), 0);
    assert_true(member_figure(m, 3, "final_size") <= at);
    net_split(4);
    EVENTUALLY(30, member_has(m, 3, 2, at));
    net_split(2); /* two and two: nobody agrees on anything */
    nap(1500);
    size = member_figure(m, 0, "size");
    assert_int_equal(entered(m, 2, 5), 0);
    assert_int_equal(member_figure(m, 0, "size"), size);
    assert_int_equal(member_figure(m, 3, "size"), member_figure(m, 2, "size"));
    net_split(4);
    EVENTUALLY(30, entered(m, 3, 6) != 0);
    members_same(m, ALL, size + 1);
    members_free(m);
    m = others;
    nets_remove();
}

static int finish(void **s)
{
    (void)s;
    nets_remove(); /* of a test that failed */
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(votes_twice),
        cmocka_unit_test(bond_is_slashed),
        cmocka_unit_test(slow_disk),
        cmocka_unit_test(broken_network),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, finish);
}

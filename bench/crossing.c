/* A bridge between two real cells: units leave one ledger, vouchers arise in the other, and the
 * proof of it comes back, carried by a relayer that nobody trusts (host/cli/cli_relay). Settled is
 * a packet when its sender's ledger has closed it. */
#include "live.h"

#include "host/cli/cli_list_relay.h"
#include "host/cli/cli_relay.h"
#include "host/cli/cli_sanction.h"

#include <stdlib.h>

#define EACH 100u /* packets of one act */
#define ROUNDS_MAX 4000u

struct crossing {
    struct cy_cli runs[2];
    struct cy_end a;
    struct cy_end b;
    struct cy_id receiver;
    struct cy_id account;
    /* what proofs and heads took, as offered */
    uint64_t packets; /* offered: one may be offered twice */
    uint64_t packet_bytes;
    uint64_t packet_proofs;
    uint64_t receipts;
    uint64_t receipt_proofs;
    uint64_t head_bytes;
    unsigned rounds;
};

static void must(const struct cy_cli *run, cy_err err, const char *what)
{
    if (!cy_ok(err))
        bench_say("%s", run->why);
    bench_must(err, what);
}

/* --- two realms and what they need --- */

static void people(const struct cy_sandbox_place *place)
{
    LIVE_DO(place, "passport", "create", "--kind", "company", "--name", "Shell", "--alias",
            "SHELL");
    LIVE_DO(place, "passport", "create", "--kind", "company", "--name", "Grain", "--alias",
            "GRAIN");
    LIVE_DO(place, "passport", "create", "--kind", "company", "--name", "Carrier", "--alias",
            "CARRIER");
}

static void open_bridge(const struct cy_sandbox_place *from, const struct cy_home *to)
{
    LIVE_DO(from, "bridge", "open", to->settings.realm, "--vkey", to->settings.vkey);
}

static void prepare(struct crossing *x)
{
    const struct cy_sandbox_place *north = live_place("north");
    const struct cy_sandbox_place *south = live_place("south");

    people(north);
    people(south);
    LIVE_DO(north, "asset", "create", "--as", "GRAIN", "--code", "WHEAT", "--name", "Wheat");
    LIVE_DO(north, "account", "open", "--as", "GRAIN", "--asset", "WHEAT");
    LIVE_DO(north, "asset", "issue", "--as", "GRAIN", "--asset", "WHEAT", "--account",
            "GRAIN/WHEAT", "--amount", "1000000");
    live_open(north, "CARRIER", &x->runs[0]);
    live_open(south, "CARRIER", &x->runs[1]);
    open_bridge(north, &x->runs[1].home);
    open_bridge(south, &x->runs[0].home);
    must(&x->runs[0], cy_end_of(&x->runs[0], NULL, &x->a), "north");
    must(&x->runs[1], cy_end_of(&x->runs[1], NULL, &x->b), "south");
    must(&x->runs[1], cy_cli_id(&x->runs[1], "receiver", "GRAIN", &x->receiver), "receiver");
    must(&x->runs[0], cy_cli_id(&x->runs[0], "account", "GRAIN/WHEAT", &x->account), "account");
}

/* --- rounds --- */

static void count_offer(struct crossing *x, const struct cy_relay_offer *offer)
{
    for (uint32_t i = 0; i < offer->n; i++) {
        const struct cy_relay_item *item = &offer->items[i];

        if (item->kind == CY_RELAY_PACKET) {
            x->packets++;
            x->packet_bytes += item->packet.n;
            x->packet_proofs += item->proof.n;
        } else if (item->kind == CY_RELAY_RECEIPT) {
            x->receipts++;
            x->receipt_proofs += item->proof.n;
        }
    }
    x->head_bytes += offer->note.n + offer->entry.n + offer->path.n + offer->consistency.n;
}

/* Offers stay what they were in a round that had nothing to carry. */
static void carry(struct crossing *x)
{
    cy_err err = CY_OK;

    x->a.offer = x->b.offer = (struct cy_relay_offer){0};
    err = cy_cli_relay_round(&x->a, &x->b);
    if (!cy_ok(err))
        must(x->runs[0].why[0] != 0 ? &x->runs[0] : &x->runs[1], err, "a round of the relayer");
    count_offer(x, &x->a.offer);
    count_offer(x, &x->b.offer);
    if (x->a.refused + x->b.refused > 0)
        bench_die("%u acts of the relayer were refused", x->a.refused + x->b.refused);
    if (++x->rounds > ROUNDS_MAX)
        bench_die("packets do not settle");
}

/* Until the sender's realm has nothing under way. */
static void settle(struct crossing *x)
{
    do
        carry(x);
    while (x->a.status.n_out > 0);
}

static void send_packets(struct crossing *x, const struct cy_cli_author *author, uint32_t n)
{
    static struct cy_packet_send messages[EACH];
    static struct cy_any acts[EACH];
    struct cy_cli *run = &x->runs[0];

    for (uint32_t sent = 0; sent < n;) {
        struct cy_batch batch = {.acts = acts};
        const size_t used = run->arena.used;
        json_t *receipt = NULL;

        for (; batch.n_acts < EACH && sent < n; batch.n_acts++, sent++) {
            messages[batch.n_acts] = (struct cy_packet_send){.realm = x->b.realm,
                                                             .kind = CY_bridge_kind_SETTLEMENT,
                                                             .receiver = x->receiver,
                                                             .account = x->account,
                                                             .amount = 1,
                                                             .timeout = cy_cli_now() + 600000};
            acts[batch.n_acts] = (struct cy_any){&cy_schema_packet_send, &messages[batch.n_acts]};
        }
        must(run, cy_cli_do(run, &author->by, &cy_schema_batch, &batch, &receipt), "packets");
        json_decref(receipt);
        cy_arena_rewind(&run->arena, used);
    }
}

/* --- rows --- */

static void lone_row(struct bench *bench, struct crossing *x, const struct cy_cli_author *author)
{
    const uint32_t n = bench_scaled(bench, 20, 3);
    struct row row = {.group = "federation", .unit = "ms", .less = true};
    double *ms = calloc(n, sizeof *ms);

    if (ms == NULL)
        bench_die("no memory");
    for (uint32_t i = 0; i < n; i++) {
        const double from = bench_now();

        send_packets(x, author, 1);
        settle(x);
        ms[i] = (bench_now() - from) * 1e3;
    }
    bench_sort(ms, n);
    row.value = bench_quantile(ms, n, 0.5);
    row.limit = bench->bare ? 0 : 1e3 / bench->machine.flush_idle;
    (void)snprintf(row.what, sizeof row.what,
                   "bridge: one settlement between two daemons, end to end, p50");
    (void)snprintf(row.limit_name, sizeof row.limit_name, "one 4 KB flush, cores idle");
    (void)snprintf(row.note, sizeof row.note, "held here, vouchers there, closed here by proof");
    bench_row(bench, &row);
    free(ms);
}

static void rate_row(struct bench *bench, struct crossing *x, const struct cy_cli_author *author)
{
    const uint32_t n = bench_scaled(bench, 1000, 48);
    const unsigned rounds = x->rounds;
    const double from = bench_now();
    struct row row = {.group = "federation", .unit = "/s"};
    double took = 0;

    send_packets(x, author, n);
    settle(x);
    took = bench_now() - from;
    row.value = n / took;
    row.limit = bench->bare ? 0 : bench->machine.flush_idle * CY_RELAY_PACKETS / 2;
    (void)snprintf(row.what, sizeof row.what,
                   "bridge: settlements end to end, one relayer (%u rounds of at most %u packets)",
                   x->rounds - rounds, CY_RELAY_PACKETS);
    (void)snprintf(row.limit_name, sizeof row.limit_name, "two flushes for each %u packets",
                   CY_RELAY_PACKETS);
    bench_row(bench, &row);
}

static void proof_row(struct bench *bench, const struct crossing *x)
{
    const double packets = (double)x->packets;
    struct row row = {.group = "federation", .unit = "B", .less = true};

    if (x->packets == 0 || x->receipts == 0)
        bench_die("nothing was proven");
    row.value = (double)x->packet_proofs / packets +
                (double)x->receipt_proofs / (double)x->receipts + (double)x->head_bytes / packets;
    row.limit = (double)x->packet_bytes / packets;
    (void)snprintf(row.what, sizeof row.what, "bridge: bytes of proof for each packet");
    (void)snprintf(row.limit_name, sizeof row.limit_name, "the packet itself");
    (void)snprintf(row.note, sizeof row.note,
                   "that it was sent %.0f, that it arrived %.0f, its share of heads %.0f",
                   (double)x->packet_proofs / packets,
                   (double)x->receipt_proofs / (double)x->receipts,
                   (double)x->head_bytes / packets);
    bench_row(bench, &row);
}

/* --- lists of sanctions --- */

#define MONTH_MS 2592000000u

/* A list of the north that the whole south mirrors, and a party of the south that screening found
 * to be its only target. */
static void prepare_list(struct crossing *x, struct cy_id *list, struct cy_id *subject,
                         struct cy_id *evidence)
{
    const struct cy_sandbox_place *north = live_place("north");
    const struct cy_sandbox_place *south = live_place("south");
    static const char digest[] = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9";
    struct cy_carried_lists lists;
    const char *const name = "BAN";
    char hex[65];

    LIVE_DO(north, "act", "sanction_open", "--as", "CARRIER", "--owner", "CARRIER", "--code", name,
            "--name", "Banned", "--stale-ms", "86400000");
    LIVE_DO(north, "act", "evidence_record", "--as", "CARRIER", "--digest", digest, "--kind",
            "audit", "--summary", "findings");
    LIVE_DO(south, "act", "evidence_record", "--as", "CARRIER", "--digest", digest, "--kind",
            "audit", "--summary", "findings");
    LIVE_DO(south, "asset", "create", "--as", "GRAIN", "--code", "PEA", "--name", "Peas");
    LIVE_DO(south, "account", "open", "--as", "GRAIN", "--asset", "PEA");
    LIVE_DO(south, "account", "open", "--as", "SHELL", "--asset", "PEA");
    LIVE_DO(south, "asset", "issue", "--as", "GRAIN", "--asset", "PEA", "--account", "GRAIN/PEA",
            "--amount", "1000000");
    must(&x->runs[0], cy_cli_sanction_named(&x->runs[0], name, hex), "the list");
    bench_must(cy_hex_read(cy_span_text(hex), list->b, sizeof list->b), "its id");
    bench_must(cy_hex_read(cy_span_text(digest), evidence->b, sizeof evidence->b), "evidence");
    *subject = cy_restraint_subject(cy_span_text("list"), cy_span_text("bench"));
    must(&x->runs[1], cy_cli_list_round(&x->b, &x->a, &name, 1, &lists), "mirroring");
    LIVE_DO(south, "sanction", "follow", "--list", name, "--mode", "mirror");
}

static void say_match(const struct cy_id *subject, const struct cy_id *evidence)
{
    char who[65];
    char proof[65];

    cy_hex(subject->b, sizeof subject->b, who);
    cy_hex(evidence->b, sizeof evidence->b, proof);
    LIVE_DO(live_place("south"), "act", "sanction_screen", "--list", "BAN", "--party", "SHELL",
            "--verdict", "match", "--subject", who, "--evidence", proof);
}

static void decide(struct crossing *x, const struct cy_id *list, const struct cy_id *subject,
                   const struct cy_id *evidence, bool listed)
{
    struct cy_sanction_ease ease = {.list = *list, .subject = *subject};
    struct cy_sanction_add add = {.list = *list, .exclude = true, .evidence = *evidence};
    json_t *receipt = NULL;

    add.review_at = cy_cli_now() + MONTH_MS;
    bench_must(cy_label_of(cy_span_text("list"), &add.scheme), "scheme");
    bench_must(cy_name_of(cy_span_text("bench"), &add.value), "value");
    bench_must(cy_name_of(cy_span_text("Bench"), &add.label), "label");
    bench_must(cy_line_of(cy_span_text("for the figure"), &add.reason), "reason");
    ease.reason = add.reason;
    must(&x->runs[0],
         cy_cli_do(&x->runs[0], &x->a.author.by,
                   listed ? &cy_schema_sanction_add : &cy_schema_sanction_ease,
                   listed ? (const void *)&add : (const void *)&ease, &receipt),
         "a decision");
    json_decref(receipt);
}

/* The next payment to the target, which must end so. */
static void pay(struct crossing *x, const struct cy_cli_author *payer, bool refused)
{
    struct cy_transfer pays = {.amount = 1};
    json_t *receipt = NULL;
    cy_err err = CY_OK;

    must(&x->runs[1], cy_cli_id(&x->runs[1], "account", "GRAIN/PEA", &pays.from), "payer");
    must(&x->runs[1], cy_cli_id(&x->runs[1], "account", "SHELL/PEA", &pays.to), "payee");
    err = cy_cli_do(&x->runs[1], &payer->by, &cy_schema_transfer, &pays, &receipt);
    json_decref(receipt);
    if ((err.code == CY_E_EXCLUDED) != refused)
        bench_die("a payment ended otherwise than the list says");
}

/* From the receipt of a decision in one ledger until a payment was refused for it in the other. */
static void list_row(struct bench *bench, struct crossing *x)
{
    const uint32_t n = bench_scaled(bench, 20, 3);
    struct row row = {.group = "federation", .unit = "ms", .less = true};
    struct cy_carried_lists lists;
    struct cy_cli_author payer;
    struct cy_id list, subject, evidence;
    double *ms = calloc(n, sizeof *ms);

    if (ms == NULL)
        bench_die("no memory");
    prepare_list(x, &list, &subject, &evidence);
    must(&x->runs[1], cy_cli_author_named(&x->runs[1], "GRAIN", NULL, CY_CLI_VALID_S, &payer),
         "payer");
    for (uint32_t i = 0; i < n; i++) {
        double from = 0;

        decide(x, &list, &subject, &evidence, true);
        from = bench_now();
        must(&x->runs[1], cy_cli_list_round(&x->b, &x->a, NULL, 0, &lists), "carrying");
        ms[i] = (bench_now() - from) * 1e3;
        if (i == 0)
            say_match(&subject, &evidence);
        from = bench_now();
        pay(x, &payer, true);
        ms[i] += (bench_now() - from) * 1e3;
        decide(x, &list, &subject, &evidence, false);
        must(&x->runs[1], cy_cli_list_round(&x->b, &x->a, NULL, 0, &lists), "carrying");
        pay(x, &payer, false);
    }
    bench_sort(ms, n);
    row.value = bench_quantile(ms, n, 0.5);
    row.limit = bench->bare ? 0 : 1e3 / bench->machine.flush_idle;
    row.target = row.limit * 3;
    (void)snprintf(
        row.what, sizeof row.what,
        "sanctions: from a decision to a refused payment in a realm that mirrors it, p50");
    (void)snprintf(row.limit_name, sizeof row.limit_name, "one 4 KB flush, cores idle");
    (void)snprintf(row.note, sizeof row.note,
                   "p99 %.1f ms; the change is proven and imported, over "
                   "a bridge, by a carrier",
                   bench_quantile(ms, n, 0.99));
    bench_row(bench, &row);
    free(ms);
}

void bench_crossing(struct bench *bench)
{
    struct cy_sandbox cells = live_pick(NULL); /* they witness one another */
    struct crossing *x = calloc(1, sizeof *x);
    struct cy_cli_author author;

    if (x == NULL)
        bench_die("no memory");
    live_start(&cells);
    prepare(x);
    must(&x->runs[0], cy_cli_author_named(&x->runs[0], "GRAIN", NULL, CY_CLI_VALID_S, &author),
         "author");
    settle(x); /* heads are shown for the first time */
    lone_row(bench, x, &author);
    x->packets = x->packet_bytes = x->packet_proofs = 0;
    x->receipts = x->receipt_proofs = x->head_bytes = 0;
    rate_row(bench, x, &author);
    proof_row(bench, x);
    list_row(bench, x);
    cy_cli_end(&x->runs[0]);
    cy_cli_end(&x->runs[1]);
    free(x);
    live_stop(&cells);
}

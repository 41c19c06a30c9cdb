#include "host/cli/cli_draft.h"

#include "crypto/ed25519.h"
#include "wire/print.h"

#define SAY_MAX 4096u

const struct cy_cli_option cy_cli_draft_options[] = {
    {"out", "FILE", "where to write (sign: the same file)"},
    {NULL,  NULL,   NULL                                  },
};

cy_err cy_cli_draft_read(struct cy_cli *run, const char *path, struct cy_act *out)
{
    struct cy_span bytes;

    CY_TRY(cy_cli_read_file(run, path, CY_ENTRY_MAX, &bytes));
    return cy_act_open(bytes, &run->arena, out);
}

cy_err cy_cli_draft_write(struct cy_cli *run, const char *path, struct cy_span bytes,
                          const char *what)
{
    const char *given = cy_cli_arg(&run->args, "out");
    const char *to = given == NULL ? path : given;

    CY_TRY(cy_cli_write_file(run, to, bytes));
    if (!run->json && strcmp(to, "-") != 0)
        (void)fprintf(run->out, "%s: %s\n", what, to);
    return CY_OK;
}

bool cy_cli_draft_signed(const struct cy_act *act, uint32_t i)
{
    static const uint8_t none[64];
    struct cy_span parts[CY_SIGNED_PARTS];
    struct cy_signature signature;
    size_t n = 0;

    memcpy(signature.b, act->envelope.signers[i].signature, sizeof signature.b);
    if (memcmp(signature.b, none, sizeof none) == 0)
        return false;
    n = cy_envelope_signed(&act->envelope, i, parts);
    return cy_ok(cy_ed25519_verify(&act->envelope.signers[i].key, parts, n, &signature));
}

/* --- the envelope again, with other signatures --- */

static cy_err write_envelope(struct cy_cli *run, const struct cy_act *act,
                             const struct cy_act_signature *signatures, uint32_t n,
                             struct cy_span *out)
{
    uint8_t *room = cy_arena_take(&run->arena, CY_ENTRY_MAX);
    struct cy_cbor_writer writer;

    if (room == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    writer = cy_cbor_write(room, CY_ENTRY_MAX);
    CY_TRY(cy_envelope_write(act->envelope.protected, act->envelope.payload, act->envelope.several,
                             signatures, n, &writer));
    *out = cy_cbor_written(&writer);
    return CY_OK;
}

/* --- sign --- */

#define SEAT_KEYS 4u /* act, vote, cosign, peer */

struct holding {
    const struct cy_act *act;
    const struct cy_genesis *genesis; /* of a federation; else NULL */
    bool held[CY_SIGNERS_MAX];
    uint8_t seat_keys[CY_SIGNERS_MAX]; /* by seat of the genesis: a bit for each that is here */
    uint32_t n;
};

static void keys_of(const struct cy_seat_entry *seat, const struct cy_id *keys[static SEAT_KEYS])
{
    keys[0] = &seat->key;
    keys[1] = &seat->vote_key;
    keys[2] = &seat->cosign_key;
    keys[3] = &seat->peer_key;
}

static void seen_of_seats(struct holding *holding, const struct cy_id *key)
{
    const uint32_t n = holding->genesis == NULL ? 0 : holding->genesis->n_seats;

    for (uint32_t i = 0; i < n && i < CY_SIGNERS_MAX; i++) {
        const struct cy_id *keys[SEAT_KEYS];

        keys_of(&holding->genesis->seats[i], keys);
        for (uint32_t k = 0; k < SEAT_KEYS; k++) {
            if (cy_id_eq(keys[k], key))
                holding->seat_keys[i] |= (uint8_t)(1u << k);
        }
    }
}

/* A founder whose signer lacks a key that the genesis names for its seat could never take part. */
static cy_err check_seats(struct cy_cli *run, const struct holding *holding)
{
    static const char *const purposes[] = {"act", "vote", "cosign", "peer"};
    const uint32_t n = holding->genesis == NULL ? 0 : holding->genesis->n_seats;

    for (uint32_t i = 0; i < n && i < CY_SIGNERS_MAX; i++) {
        const struct cy_seat_entry *seat = &holding->genesis->seats[i];

        for (uint32_t k = 0; k < SEAT_KEYS && (holding->seat_keys[i] & 1u) != 0; k++) {
            if ((holding->seat_keys[i] >> k & 1u) != 0)
                continue;
            cy_cli_note(run, "the %s key that the genesis names for %.*s is not in this signer",
                        purposes[k], (int)seat->name.n, seat->name.s);
            return cy_fail(CY_E_SIGNER_KEY, i);
        }
    }
    return CY_OK;
}

/* --- what founders agree to --- */

static void show_key(struct cy_cli *run, const char *purpose, const struct cy_id *key)
{
    char digits[65];

    cy_hex(key->b, sizeof key->b, digits);
    (void)fprintf(run->out, " %s %.8s", purpose, digits);
}

static void show_genesis(struct cy_cli *run, const struct cy_genesis *genesis)
{
    static const char *const purposes[] = {"act", "vote", "cosign", "peer"};

    (void)fprintf(run->out, "founders of %.*s:\n", (int)genesis->name.n, genesis->name.s);
    for (uint32_t i = 0; i < genesis->n_seats; i++) {
        const struct cy_seat_entry *seat = &genesis->seats[i];
        const struct cy_id *keys[SEAT_KEYS];

        keys_of(seat, keys);
        (void)fprintf(run->out, "  seat     %.*s, run by %.*s, weight %u\n          ",
                      (int)seat->name.n, seat->name.s, (int)seat->operator.n, seat->operator.s,
                      seat->weight);
        for (uint32_t k = 0; k < SEAT_KEYS; k++)
            show_key(run, purposes[k], keys[k]);
        (void)fputs("\n", run->out);
    }
    for (uint32_t i = 0; i < genesis->n_trustees; i++) {
        const struct cy_trustee_entry *t = &genesis->trustees[i];

        (void)fprintf(run->out, "  trustee  %.*s, run by %.*s, for %s\n          ", (int)t->name.n,
                      t->name.s, (int)t->operator.n, t->operator.s,
                      cy_word_text(cy_schema_trustee_entry.fields[1].set, t->chamber));
        show_key(run, "cosign", &t->cosign_key);
        (void)fputs("\n", run->out);
    }
    (void)fprintf(run->out, "policy, by which heads are final:\n%.*s\n", (int)genesis->policy.n,
                  (const char *)genesis->policy.at);
}

static const struct cy_genesis *genesis_of(const struct cy_act *act)
{
    const struct cy_genesis *genesis =
        act->any.schema == &cy_schema_genesis ? act->any.message : NULL;

    return genesis != NULL && genesis->n_seats > 0 ? genesis : NULL;
}

static cy_err seen_key(void *user, const struct cy_signer_key *key)
{
    struct holding *holding = user;

    seen_of_seats(holding, &key->key);
    for (uint32_t i = 0; i < holding->act->envelope.n_signers; i++) {
        if (!cy_id_eq(&holding->act->envelope.signers[i].key, &key->key))
            continue;
        holding->held[i] = true;
        holding->n++;
    }
    return CY_OK;
}

static void say(struct cy_cli *run, const struct cy_act *act)
{
    char words[SAY_MAX];
    struct cy_text text = cy_text_on(words, sizeof words);
    char id[65];

    cy_print_say(&text, act->any.schema, act->any.message);
    cy_hex(act->id.b, sizeof act->id.b, id);
    (void)fprintf(run->out, "%s\n  act  %s\n", words, id);
}

static cy_err sign(struct cy_cli *run, const char *path, struct cy_act *act, uint32_t *n)
{
    struct holding holding = {.act = act};
    struct cy_act_signature signatures[CY_SIGNERS_MAX] = {0};
    struct cy_span bytes;

    CY_TRY(cy_cli_draft_read(run, path, act));
    holding.genesis = genesis_of(act);
    if (holding.genesis != NULL && !run->json)
        show_genesis(run, holding.genesis);
    CY_TRY(cy_cli_signer(run));
    CY_TRY(cy_signer_keys(run->signer, seen_key, &holding));
    if (holding.n == 0) {
        cy_cli_note(run, "%s: none of the keys that should sign is in this signer", path);
        return cy_fail(CY_E_SIGNER_KEY, 0);
    }
    CY_TRY(check_seats(run, &holding));
    for (uint32_t i = 0; i < act->envelope.n_signers; i++) {
        struct cy_signature signature;

        signatures[i].key = act->envelope.signers[i].key;
        memcpy(signatures[i].bytes, act->envelope.signers[i].signature, sizeof signatures[i].bytes);
        if (!holding.held[i])
            continue;
        CY_TRY(cy_signer_sign_act(run->signer, &signatures[i].key, act->envelope.protected,
                                  act->envelope.payload, act->envelope.several, &signature));
        memcpy(signatures[i].bytes, signature.b, sizeof signature.b);
    }
    *n = holding.n;
    CY_TRY(write_envelope(run, act, signatures, act->envelope.n_signers, &bytes));
    return cy_cli_draft_write(run, path, bytes, "signed");
}

int cy_cli_draft_sign(struct cy_cli *run)
{
    struct cy_act act;
    uint32_t n = 0;
    cy_err err = CY_OK;

    if (run->args.n_words < 3)
        return cy_cli_wrong(run, "comity federation sign needs the file of a draft");
    err = sign(run, run->args.words[2], &act, &n);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json) {
        char id[65];

        cy_hex(act.id.b, sizeof act.id.b, id);
        return cy_cli_print(run, json_pack("{s:s,s:i,s:i}", "act", id, "signed", (int)n, "of",
                                           (int)act.envelope.n_signers));
    }
    say(run, &act);
    return CY_EXIT_OK;
}

/* --- seal --- */

struct sealing {
    struct cy_act act; /* of the first file */
    struct cy_act_signature signatures[CY_SIGNERS_MAX];
    bool here[CY_SIGNERS_MAX];
    uint32_t n;
};

static cy_err take_copy(struct cy_cli *run, const char *path, struct sealing *s)
{
    struct cy_act copy;

    CY_TRY(cy_cli_draft_read(run, path, &copy));
    if (s->act.any.schema == NULL)
        s->act = copy;
    if (!cy_id_eq(&copy.id, &s->act.id)) {
        cy_cli_note(run, "%s: this is another act than the one of the first file", path);
        return cy_fail(CY_E_USAGE, 0);
    }
    for (uint32_t i = 0; i < copy.envelope.n_signers; i++) {
        for (uint32_t k = 0; k < s->act.envelope.n_signers; k++) {
            if (s->here[k] ||
                !cy_id_eq(&copy.envelope.signers[i].key, &s->act.envelope.signers[k].key) ||
                !cy_cli_draft_signed(&copy, i))
                continue;
            s->here[k] = true;
            s->signatures[k].key = copy.envelope.signers[i].key;
            memcpy(s->signatures[k].bytes, copy.envelope.signers[i].signature,
                   sizeof s->signatures[k].bytes);
            s->n++;
        }
    }
    return CY_OK;
}

static cy_err seal(struct cy_cli *run, struct sealing *s)
{
    struct cy_act_signature given[CY_SIGNERS_MAX];
    struct cy_span bytes;
    uint32_t n = 0;

    for (size_t i = 2; i < run->args.n_words; i++)
        CY_TRY(take_copy(run, run->args.words[i], s));
    if (s->n == 0) {
        cy_cli_note(run, "none of the copies holds a signature that verifies");
        return cy_fail(CY_E_BAD_SIGNATURE, 0);
    }
    for (uint32_t i = 0; i < s->act.envelope.n_signers; i++) {
        if (s->here[i])
            given[n++] = s->signatures[i];
    }
    if (s->act.envelope.several && n < 2) {
        cy_cli_note(run, "one signature is here; an act of several keys needs more");
        return cy_fail(CY_E_THRESHOLD, n);
    }
    CY_TRY(write_envelope(run, &s->act, given, n, &bytes));
    return cy_cli_draft_write(run, run->args.words[2], bytes, "sealed");
}

int cy_cli_draft_seal(struct cy_cli *run)
{
    struct sealing *s = cy_arena_zero(&run->arena, sizeof *s);
    char id[65];
    cy_err err = CY_OK;

    if (s == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    if (run->args.n_words < 3 || cy_cli_arg(&run->args, "out") == NULL)
        return cy_cli_wrong(run, "comity federation seal needs the signed copies and --out FILE");
    err = seal(run, s);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    cy_hex(s->act.id.b, sizeof s->act.id.b, id);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:s,s:i,s:i}", "act", id, "signatures", (int)s->n,
                                           "of", (int)s->act.envelope.n_signers));
    (void)fprintf(run->out, "  act         %s\n  signatures  %u of %u\n", id, s->n,
                  s->act.envelope.n_signers);
    for (uint32_t i = 0; i < s->act.envelope.n_signers; i++) {
        char key[65];

        cy_hex(s->act.envelope.signers[i].key.b, 32, key);
        if (!s->here[i])
            (void)fprintf(run->out, "  missing     %s\n", key);
    }
    return CY_EXIT_OK;
}

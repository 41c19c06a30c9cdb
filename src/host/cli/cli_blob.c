#include "host/cli/cli_blob.h"

#include "host/json/json.h"

#include "crypto/hash.h"
#include "kernel/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define READERS_MAX 64u /* blob_hold */
#define TRIES 5u
#define SEND_RATE 16u /* bytes per millisecond that a line is expected to carry */

const struct cy_cli_option cy_cli_blob_hold_options[] = {
    {"reader",     "NAME", "a passport that may read it; repeat"         },
    {"licence",    "TEXT", "terms of use: an SPDX identifier or one line"},
    {"without-me", NULL,   "do not seal it to --as itself"               },
    {"keep",       "FILE", "also write the encrypted bytes there"        },
    {NULL,         NULL,   NULL                                          },
};

const struct cy_cli_option cy_cli_blob_open_options[] = {
    {"out",  "FILE", "write the plaintext there (mode 0600), else to standard output"},
    {"from", "FILE", "open these encrypted bytes instead of fetching them"           },
    {NULL,   NULL,   NULL                                                            },
};

const struct cy_cli_option cy_cli_blob_list_options[] = {
    {"reader", "NAME", "only what this passport may read"},
    {"owner",  "NAME", "only what this passport holds"   },
    {NULL,     NULL,   NULL                              },
};

/* --- what the realm says --- */

/* All records of a table where a field is an id (field NULL: all of them). */
static cy_err fetch_records(struct cy_cli *run, const char *table, const char *field,
                            const struct cy_id *id, json_t **out)
{
    uint64_t after = 0;
    bool more = true;
    cy_err err = CY_OK;

    *out = json_array();
    while (cy_ok(err) && *out != NULL && more) {
        char hex[65] = "";
        char path[256];
        json_t *page = NULL;
        const json_t *next = NULL;

        if (field != NULL)
            cy_hex(id->b, sizeof id->b, hex);
        (void)snprintf(path, sizeof path, "/v1/records/%s?limit=1000&after=%llu%s%s%s%s", table,
                       (unsigned long long)after, field == NULL ? "" : "&",
                       field == NULL ? "" : field, field == NULL ? "" : "=", hex);
        err = cy_cli_fetch_json(run, path, &page);
        if (cy_ok(err) && json_array_extend(*out, json_object_get(page, "items")) != 0)
            err = cy_fail(CY_E_PEER_ANSWER, 0);
        next = json_object_get(page, "next");
        more = next != NULL;
        after = (uint64_t)json_integer_value(next);
        json_decref(page);
    }
    if (*out == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    if (!cy_ok(err)) {
        json_decref(*out);
        *out = NULL;
    }
    return err;
}

/* The key to which blobs are sealed for a passport; name is for people. */
static cy_err box_key_of(struct cy_cli *run, const struct cy_id *passport, const char *name,
                         struct cy_id *key)
{
    json_t *found = NULL;
    const char *hex = NULL;
    cy_err err = CY_OK;

    CY_TRY(fetch_records(run, "passport", "id", passport, &found));
    hex = json_string_value(json_object_get(json_array_get(found, 0), "box_key"));
    if (json_array_size(found) == 0) {
        cy_cli_note(run, "%s", name);
        err = cy_fail(CY_E_UNKNOWN_PASSPORT, 0);
    } else if (hex == NULL) {
        cy_cli_note(run, "%s", name);
        err = cy_fail(CY_E_NO_BOX_KEY, 0);
    } else {
        err = cy_hex_read(cy_span_text(hex), key->b, sizeof key->b);
    }
    json_decref(found);
    return err;
}

cy_err cy_cli_box_key(struct cy_cli *run, const char *name, struct cy_id *key)
{
    struct cy_id passport;

    CY_TRY(cy_cli_id(run, NULL, name, &passport));
    return box_key_of(run, &passport, name, key);
}

/* A blob by its digest, or by the alias it was held under. */
static cy_err digest_named(struct cy_cli *run, struct cy_id *digest)
{
    const char *name = run->args.n_words > 2 ? run->args.words[2] : NULL;
    const struct cy_alias *alias = NULL;

    if (name == NULL) {
        cy_cli_note(run, "name the blob: its digest, or the alias it was held under");
        return cy_fail(CY_E_USAGE, 0);
    }
    alias = cy_home_alias(&run->home, "blob", name[0] == '@' ? name + 1 : name);
    if (alias != NULL)
        *digest = alias->id;
    else if (!cy_ok(cy_hex_read(cy_span_text(name), digest->b, sizeof digest->b))) {
        cy_cli_note(run, "%s: a blob is named by 64 hexadecimal digits, or its alias", name);
        return cy_fail(CY_E_NO_NAME, 0);
    }
    return CY_OK;
}

static void blob_path(const struct cy_id *digest, char out[static 96])
{
    char hex[65];

    cy_hex(digest->b, sizeof digest->b, hex);
    (void)snprintf(out, 96, "/v1/blobs/%s", hex);
}

/* --- sending --- */

/* Sends the bytes, and again while only the network or the daemon's load is in the way. */
static cy_err upload(struct cy_cli *run, const struct cy_id *digest, struct cy_span bytes)
{
    char url[CY_CLI_URL_MAX];
    char path[96];
    const struct cy_client_request request = {.method = "PUT",
                                              .url = url,
                                              .pin = run->pin,
                                              .body = bytes,
                                              .total_ms = 60000 + (unsigned)(bytes.n / SEND_RATE)};
    cy_err err = CY_OK;

    blob_path(digest, path);
    CY_TRY(cy_cli_url(run, path, url));
    if (run->http == NULL)
        run->http = cy_client_new();
    if (run->http == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (unsigned i = 0; i < TRIES; i++) {
        const struct timespec pause = {0, 300000000};
        struct cy_client_answer answer;

        if (i > 0)
            (void)nanosleep(&pause, NULL);
        err = cy_client_do(run->http, &request, &answer);
        cy_cli_note(run, "%s", answer.problem.status != 0 ? answer.problem.detail : answer.why);
        cy_client_answer_free(&answer);
        /* absent: what the daemon had was damaged, and is out of the way now */
        if (cy_err_info(err.code)->kind != CY_ERR_soft && err.code != CY_E_BLOB_ABSENT)
            break;
    }
    return err;
}

int cy_cli_blob_send(struct cy_cli *run)
{
    struct cy_span bytes = {0};
    struct cy_seal_head head;
    struct cy_id digest;
    char hex[65];
    cy_err err = CY_OK;

    if (run->args.n_words != 3)
        return cy_cli_wrong(run, "comity blob send needs the FILE with the encrypted bytes");
    err = cy_cli_read_file(run, run->args.words[2], CY_CLI_BLOB_MAX, &bytes);
    if (cy_ok(err))
        err = cy_seal_head(bytes, &head);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    digest = cy_sha256(bytes);
    cy_hex(digest.b, sizeof digest.b, hex);
    if (!run->dry)
        err = upload(run, &digest, bytes);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(run,
                            json_pack("{s:s,s:I}", "digest", hex, "bytes", (json_int_t)bytes.n));
    (void)fprintf(run->out, "%s %s\n", run->dry ? "would send" : "sent", hex);
    return CY_EXIT_OK;
}

/* --- hold --- */

struct hold {
    struct cy_cli_author author;
    struct cy_reader readers[READERS_MAX]; /* as the act names them */
    struct cy_id keys[READERS_MAX + 1];    /* and the author's */
    size_t n_keys;
    struct cy_blob_hold message;
    uint8_t *sealed; /* malloc */
    size_t n_sealed;
};

static cy_err add_readers(struct cy_cli *run, struct hold *hold)
{
    struct cy_blob_hold *m = &hold->message;
    const char *name = NULL;
    bool me = cy_cli_arg_on(&run->args, "without-me");
    size_t at = 0;

    while ((name = cy_cli_arg_next(&run->args, "reader", &at)) != NULL) {
        struct cy_id *reader = NULL;

        if (m->n_readers == READERS_MAX) {
            cy_cli_note(run, "at most %u readers", READERS_MAX);
            return cy_fail(CY_E_USAGE, 0);
        }
        reader = &hold->readers[m->n_readers].passport;
        CY_TRY(cy_cli_id(run, NULL, name, reader));
        CY_TRY(box_key_of(run, reader, name, &hold->keys[hold->n_keys++]));
        me = me || cy_id_eq(reader, &hold->author.by.author);
        m->n_readers++;
    }
    if (!me) {
        const cy_err err =
            box_key_of(run, &hold->author.by.author, run->as, &hold->keys[hold->n_keys]);

        if (err.code != CY_E_NO_BOX_KEY) {
            CY_TRY(err);
            hold->n_keys++;
        }
    }
    if (hold->n_keys == 0) {
        cy_cli_note(run, "nobody could read it: name a --reader");
        return cy_fail(CY_E_USAGE, 0);
    }
    m->readers = hold->readers;
    return CY_OK;
}

/* The daemon's limit is asked before anything is declared. */
static cy_err check_size(struct cy_cli *run, size_t n)
{
    json_t *realm = NULL;
    const json_t *most = NULL;
    cy_err err = CY_OK;

    CY_TRY(cy_cli_fetch_json(run, "/v1/realm", &realm));
    most = json_object_get(realm, "blob_bytes_max");
    if (most != NULL && (uint64_t)json_integer_value(most) < n) {
        cy_cli_note(run, "%zu bytes encrypted; the daemon takes %lld (blobs.bytes_max)", n,
                    (long long)json_integer_value(most));
        err = cy_fail(CY_E_BODY_TOO_LARGE, (uint64_t)json_integer_value(most));
    }
    json_decref(realm);
    return err;
}

static cy_err seal(struct cy_cli *run, struct hold *hold)
{
    const char *licence = cy_cli_arg(&run->args, "licence");
    const char *keep = cy_cli_arg(&run->args, "keep");
    struct cy_span plain = {0};
    size_t n = 0;

    if (licence != NULL)
        CY_TRY(cy_line_of(cy_span_text(licence), &hold->message.licence));
    CY_TRY(cy_cli_read_file(run, run->args.words[2], CY_CLI_BLOB_MAX, &plain));
    n = cy_seal_head_size(hold->n_keys) + (size_t)cy_seal_body_size(plain.n);
    CY_TRY(check_size(run, n));
    hold->sealed = malloc(n);
    if (hold->sealed == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    CY_TRY(cy_seal_all(hold->keys, hold->n_keys, plain, hold->sealed, n, &hold->n_sealed));
    cy_wipe((uint8_t *)(uintptr_t)plain.at, plain.n); /* the arena's copy */
    hold->message.digest = cy_sha256(cy_span_of(hold->sealed, n));
    hold->message.bytes = n;
    return keep == NULL ? CY_OK
                        : cy_cli_write_file(run, keep, cy_span_of(hold->sealed, hold->n_sealed));
}

/* Declared, not sent: without these very bytes the declaration is of no use. */
static cy_err save(struct cy_cli *run, const struct hold *hold, cy_err why)
{
    char why_text[512];
    char hex[65];
    char name[80];
    cy_err saved = CY_OK;

    cy_hex(hold->message.digest.b, sizeof hold->message.digest.b, hex);
    (void)snprintf(name, sizeof name, "%s.blob", hex);
    (void)snprintf(why_text, sizeof why_text, "%.500s", run->why);
    saved = cy_cli_write_file(run, name, cy_span_of(hold->sealed, hold->n_sealed));
    if (cy_ok(saved))
        cy_cli_note(run,
                    "%s; the act is recorded, the encrypted bytes are kept: comity blob send %s",
                    why_text, name);
    return cy_ok(saved) ? why : saved;
}

static cy_err hold_file(struct cy_cli *run, struct hold *hold, json_t **receipt)
{
    const char *alias = cy_cli_arg(&run->args, "alias");
    struct cy_alias known;
    cy_err sent = CY_OK;

    CY_TRY(cy_cli_author_of(run, NULL, false, &hold->author));
    CY_TRY(add_readers(run, hold));
    CY_TRY(seal(run, hold));
    if (alias != NULL)
        CY_TRY(cy_alias_of("blob", alias, &hold->message.digest, &known));
    CY_TRY(cy_cli_do(run, &hold->author.by, &cy_schema_blob_hold, &hold->message, receipt));
    if (run->dry)
        return CY_OK;
    if (alias != NULL)
        CY_TRY(cy_home_add(&run->home, &known, 1));
    sent = upload(run, &hold->message.digest, cy_span_of(hold->sealed, hold->n_sealed));
    return cy_ok(sent) ? CY_OK : save(run, hold, sent);
}

int cy_cli_blob_hold(struct cy_cli *run)
{
    struct hold *hold = cy_arena_zero(&run->arena, sizeof *hold);
    json_t *receipt = NULL;
    char hex[65];
    cy_err err = hold == NULL ? cy_fail(CY_E_NO_ROOM, 0) : CY_OK;
    int code = 0;

    if (run->args.n_words != 3)
        return cy_cli_wrong(run, "comity blob hold needs the FILE to encrypt");
    if (cy_ok(err))
        err = hold_file(run, hold, &receipt);
    if (hold != NULL)
        free(hold->sealed);
    if (!cy_ok(err)) {
        json_decref(receipt);
        return cy_cli_fail(run, err, NULL);
    }
    cy_hex(hold->message.digest.b, sizeof hold->message.digest.b, hex);
    if (json_object_set_new(receipt, "digest", json_string(hex)) != 0)
        err = cy_fail(CY_E_NO_MEMORY, 0);
    code = cy_cli_receipt_show(run, receipt);
    if (!run->json && code == CY_EXIT_OK)
        (void)fprintf(run->out, "blob %s\n", hex);
    return cy_ok(err) ? code : cy_cli_fail(run, err, NULL);
}

/* --- open --- */

struct opened {
    struct cy_id digest;
    struct cy_client_answer answer;
    struct cy_span sealed;
    uint8_t *plain; /* malloc */
    size_t n;
};

static cy_err fetch_sealed(struct cy_cli *run, struct opened *o)
{
    const char *from = cy_cli_arg(&run->args, "from");
    struct cy_id digest;
    char path[96];

    if (from != NULL) {
        CY_TRY(cy_cli_read_file(run, from, CY_CLI_BLOB_MAX, &o->sealed));
    } else {
        blob_path(&o->digest, path);
        CY_TRY(cy_cli_fetch(run, path, CY_CLI_BLOB_MAX, &o->answer));
        o->sealed = cy_span_of(o->answer.body, o->answer.n);
    }
    digest = cy_sha256(o->sealed);
    if (!cy_id_eq(&digest, &o->digest)) {
        cy_cli_note(run, "%s", from != NULL ? from : "what the daemon sent is not this blob");
        return cy_fail(CY_E_BLOB_DIGEST, 0);
    }
    return CY_OK;
}

static cy_err decrypt(const struct cy_seal *seal, struct cy_span body, uint8_t *out)
{
    for (uint64_t i = 0; i < cy_seal_chunks(seal->size); i++) {
        const uint64_t at = i * (CY_SEAL_CHUNK + CY_SEAL_TAG);
        const uint64_t left = body.n - at;
        size_t n = 0;

        CY_TRY(cy_seal_get(seal, i,
                           cy_span_of(body.at + at, left < CY_SEAL_CHUNK + CY_SEAL_TAG
                                                        ? left
                                                        : CY_SEAL_CHUNK + CY_SEAL_TAG),
                           out + i * CY_SEAL_CHUNK, &n));
    }
    return CY_OK;
}

/* Who asks must be a reader, and the secret half of its box key in the signer. */
static cy_err unseal(struct cy_cli *run, struct opened *o)
{
    struct cy_seal_head head;
    struct cy_seal seal;
    struct cy_id me;
    struct cy_id key;
    cy_err err = CY_OK;

    CY_TRY(cy_seal_head(o->sealed, &head));
    if (o->sealed.n - head.n != cy_seal_body_size(head.size))
        return cy_fail(CY_E_BAD_SEALED, head.n);
    CY_TRY(cy_cli_id(run, NULL, run->as, &me));
    CY_TRY(box_key_of(run, &me, run->as, &key));
    CY_TRY(cy_cli_signer(run));
    err = cy_signer_unseal(run->signer, &key, o->sealed, &seal);
    if (err.code == CY_E_NOT_READER || err.code == CY_E_SIGNER_KEY)
        cy_cli_note(run, "as %s; another reader is named with --as NAME", run->as);
    CY_TRY(err);
    o->n = (size_t)head.size;
    o->plain = malloc(o->n + 1);
    err = o->plain == NULL
              ? cy_fail(CY_E_NO_MEMORY, 0)
              : decrypt(&seal, cy_span_of(o->sealed.at + head.n, o->sealed.n - head.n), o->plain);
    cy_wipe(&seal, sizeof seal);
    return err;
}

/* Plaintext is for its reader alone: mode 0600, whatever the mask. */
static cy_err write_plain(struct cy_cli *run, const char *path, struct cy_span bytes)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    bool good =
        file != NULL && fchmod(fd, 0600) == 0 && fwrite(bytes.at, 1, bytes.n, file) == bytes.n;

    if (file != NULL)
        good = fclose(file) == 0 && good;
    else if (fd >= 0)
        (void)close(fd);
    if (good)
        return CY_OK;
    cy_cli_note(run, "%s: %s", path, strerror(errno));
    return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
}

static cy_err open_blob(struct cy_cli *run, struct opened *o, const char *out)
{
    CY_TRY(digest_named(run, &o->digest));
    CY_TRY(fetch_sealed(run, o));
    CY_TRY(unseal(run, o));
    if (out != NULL)
        return write_plain(run, out, cy_span_of(o->plain, o->n));
    return fwrite(o->plain, 1, o->n, run->out) == o->n ? CY_OK
                                                       : cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
}

int cy_cli_blob_open(struct cy_cli *run)
{
    const char *out = cy_cli_arg(&run->args, "out");
    struct opened o = {0};
    char hex[65];
    cy_err err = CY_OK;

    if (run->json && out == NULL)
        return cy_cli_wrong(run, "--json says what was opened: name a file for it with --out");
    err = open_blob(run, &o, out);
    if (o.plain != NULL)
        cy_wipe(o.plain, o.n);
    free(o.plain);
    cy_client_answer_free(&o.answer);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    cy_hex(o.digest.b, sizeof o.digest.b, hex);
    if (run->json)
        return cy_cli_print(
            run, json_pack("{s:s,s:I,s:s}", "digest", hex, "bytes", (json_int_t)o.n, "out", out));
    if (out != NULL)
        (void)fprintf(run->out, "%s: %zu bytes\n", out, o.n);
    return CY_EXIT_OK;
}

/* --- erase --- */

/* After the act nobody gets the bytes from this daemon any more; that is looked at, not assumed. */
static cy_err check_gone(struct cy_cli *run, const struct cy_id *digest)
{
    struct cy_client_answer answer;
    char path[96];
    cy_err err = CY_OK;

    blob_path(digest, path);
    err = cy_cli_fetch(run, path, CY_CLI_BLOB_MAX, &answer);
    cy_client_answer_free(&answer);
    run->why[0] = 0;
    if (err.code == CY_E_BLOB_ERASED)
        return CY_OK;
    cy_cli_note(run, "the act is recorded, but the daemon still gives the bytes out");
    return cy_ok(err) ? cy_fail(CY_E_PEER_ANSWER, 0) : err;
}

int cy_cli_blob_erase(struct cy_cli *run)
{
    struct cy_cli_author *author = cy_arena_zero(&run->arena, sizeof *author);
    struct cy_blob_erase message = {0};
    json_t *receipt = NULL;
    cy_err err = author == NULL ? cy_fail(CY_E_NO_ROOM, 0) : digest_named(run, &message.digest);

    if (cy_ok(err))
        err = cy_cli_author_of(run, NULL, false, author);
    if (cy_ok(err))
        err = cy_cli_do(run, &author->by, &cy_schema_blob_erase, &message, &receipt);
    if (cy_ok(err) && !run->dry)
        err = check_gone(run, &message.digest);
    if (cy_ok(err))
        return cy_cli_receipt_show(run, receipt);
    json_decref(receipt);
    return cy_cli_fail(run, err, NULL);
}

/* --- list --- */

/* Leaves only the blobs that the passport may read: its own, and those that name it. */
static cy_err keep_readable(struct cy_cli *run, const struct cy_id *reader, json_t *blobs)
{
    json_t *named = NULL;
    json_t *set = json_object();
    char hex[65];

    CY_TRY(fetch_records(run, "blob_reader", "passport", reader, &named));
    cy_hex(reader->b, sizeof reader->b, hex);
    for (size_t i = 0; i < json_array_size(named); i++)
        (void)json_object_set_new(set, cy_json_word(json_array_get(named, i), "digest"),
                                  json_true());
    for (size_t i = json_array_size(blobs); i > 0; i--) {
        const json_t *blob = json_array_get(blobs, i - 1);

        if (strcmp(cy_json_word(blob, "owner"), hex) != 0 &&
            json_object_get(set, cy_json_word(blob, "digest")) == NULL)
            (void)json_array_remove(blobs, i - 1);
    }
    json_decref(set);
    json_decref(named);
    return CY_OK;
}

static cy_err list(struct cy_cli *run, json_t **blobs)
{
    const char *owner = cy_cli_arg(&run->args, "owner");
    const char *reader = cy_cli_arg(&run->args, "reader");
    struct cy_id id;

    if (owner != NULL)
        CY_TRY(cy_cli_id(run, NULL, owner, &id));
    CY_TRY(fetch_records(run, "blob", owner == NULL ? NULL : "owner", &id, blobs));
    if (reader == NULL)
        return CY_OK;
    CY_TRY(cy_cli_id(run, NULL, reader, &id));
    return keep_readable(run, &id, *blobs);
}

int cy_cli_blob_list(struct cy_cli *run)
{
    json_t *blobs = NULL;
    const cy_err err = list(run, &blobs);

    if (cy_ok(err) && run->json)
        return cy_cli_print(run, blobs);
    for (size_t i = 0; cy_ok(err) && i < json_array_size(blobs); i++) {
        const json_t *blob = json_array_get(blobs, i);
        struct cy_id owner = {{0}};
        char shown[72];
        char *bytes = json_dumps(json_object_get(blob, "bytes"), JSON_ENCODE_ANY);

        (void)cy_ok(
            cy_hex_read(cy_span_text(cy_json_word(blob, "owner")), owner.b, sizeof owner.b));
        (void)fprintf(run->out, "%s %-6s %12s  %-16s %s\n", cy_json_word(blob, "digest"),
                      cy_json_word(blob, "state"), bytes == NULL ? "" : bytes,
                      cy_cli_show_id(run, &owner, shown), cy_json_word(blob, "licence"));
        free(bytes);
    }
    json_decref(blobs);
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}

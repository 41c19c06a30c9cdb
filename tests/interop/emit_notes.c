/* Checkpoints signed by logs and cosigned by witnesses, whole and damaged; and the bare signatures
 * for openssl. */
#include "emit.h"
#include "emit_sign.h"

#include "ledger/checkpoint.h"

enum { NOTES = 300, BARE = 60 };

struct signer {
    struct cy_note_key key;
    uint32_t secret; /* of emit_sign.h */
};

static struct signer signer_of(const char *name, uint32_t secret, enum cy_note_key_type type)
{
    struct signer signer = {.secret = secret};

    emit_judged("key name", true,
                cy_note_key_of(cy_span_text(name), type, emit_key(secret), &signer.key));
    return signer;
}

static void write_vkey(FILE *out, const struct signer *signer)
{
    char room[CY_NOTE_VKEY_MAX];
    struct cy_text vkey = cy_text_on(room, sizeof room);

    cy_note_vkey(&signer->key, &vkey);
    fprintf(out, ",\"vkey\":\"%s\"", room);
}

/* A note under construction: text, signature lines. */
static char note_room[8192];
static char signed_room[1024];

static struct cy_text random_checkpoint(void)
{
    static const char *const origins[] = {"example.org/cell", "städtebund.example/ledger",
                                          "a.example", "federation.example/2026/main"};
    static char room[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(room, sizeof room);
    struct cy_id root;

    emit_random_bytes(root.b, 32);
    cy_checkpoint_write(&text, cy_span_text(origins[emit_random(CY_COUNT(origins))]),
                        emit_random((uint64_t)1 << emit_random(63)), &root);
    CY_ASSERT(!text.full);
    return text;
}

static void add_note_line(struct cy_text *note, const struct signer *signer, struct cy_span text)
{
    uint8_t signature[64];

    emit_sign(signer->secret, text, signature);
    cy_note_line(note, signer->key.name, signer->key.id, cy_span_of(signature, 64));
}

static void add_cosignature(struct cy_text *note, const struct signer *signer, uint64_t time_s,
                            struct cy_span checkpoint)
{
    struct cy_text text = cy_text_on(signed_room, sizeof signed_room);
    uint8_t signature[64];
    uint8_t blob[CY_COSIGNATURE_BYTES];

    cy_cosignature_text(&text, time_s, checkpoint);
    CY_ASSERT(!text.full);
    emit_sign(signer->secret, cy_text_bytes(&text), signature);
    cy_cosignature_blob(time_s, signature, blob);
    cy_note_line(note, signer->key.name, signer->key.id, cy_span_of(blob, sizeof blob));
}

/* Our own verdict: the note reads, and every line by this signer verifies. */
static cy_err judge(struct cy_span bytes, const struct signer *signer)
{
    static struct cy_note note;
    struct cy_note_verdict verdict;

    CY_TRY(cy_note_read(bytes, &note));
    return cy_note_verify(&note, &signer->key, 1, &verdict);
}

/* Flips a bit of the text or of the signature in base64; never the structure around them. */
static void damage(struct cy_text *note, size_t text_n)
{
    size_t at = 0;

    if (emit_random(2) == 0) {
        at = text_n - 5 - (size_t)emit_random(30); /* in the root */
    } else {
        at = note->n - 10 - (size_t)emit_random(50); /* in the last signature */
    }
    note->at[at] = note->at[at] == 'A' ? 'B' : 'A';
}

static void one_note(FILE *out, const struct signer *log, const struct signer *witness,
                     const struct signer *judged, uint64_t time_s, bool good)
{
    const struct cy_text text = random_checkpoint();
    const struct cy_span checkpoint = cy_text_bytes(&text);
    struct cy_text note = cy_text_on(note_room, sizeof note_room);

    cy_note_begin(&note, checkpoint);
    if (judged == log) { /* the judged line is the last one */
        add_cosignature(&note, witness, time_s, checkpoint);
        add_note_line(&note, log, checkpoint);
    } else {
        add_note_line(&note, log, checkpoint);
        add_cosignature(&note, witness, time_s, checkpoint);
    }
    CY_ASSERT(!note.full);
    if (!good)
        damage(&note, checkpoint.n);
    emit_judged("note", good, judge(cy_text_bytes(&note), judged));
    emit_begin(out, good);
    write_vkey(out, judged);
    emit_number(out, "time", time_s);
    emit_hex(out, "text", checkpoint);
    emit_hex(out, "note", cy_text_bytes(&note));
    emit_end(out);
}

static void bare_file(const char *name, struct cy_span bytes)
{
    FILE *out = emit_file(name);

    CY_ASSERT(fwrite(bytes.at, 1, bytes.n, out) == bytes.n);
    (void)fclose(out);
}

/* key: a SubjectPublicKeyInfo (RFC 8410). */
static void one_bare(unsigned i, bool good)
{
    static const uint8_t head[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                   0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    const struct cy_text text = random_checkpoint();
    const uint32_t key = (uint32_t)emit_random(EMIT_KEYS);
    uint8_t spki[44];
    uint8_t signature[64];
    char name[64];

    emit_sign(key, cy_text_bytes(&text), signature);
    if (!good)
        signature[emit_random(64)] ^= (uint8_t)(1u << emit_random(8));
    emit_judged("signature", good,
                emit_verify_strict(emit_key(key), cy_text_bytes(&text), signature));
    memcpy(spki, head, sizeof head);
    memcpy(spki + sizeof head, emit_key(key)->b, 32);
    (void)snprintf(name, sizeof name, "openssl/%s-%u.key", good ? "good" : "bad", i);
    bare_file(name, cy_span_of(spki, sizeof spki));
    (void)snprintf(name, sizeof name, "openssl/%s-%u.text", good ? "good" : "bad", i);
    bare_file(name, cy_text_bytes(&text));
    (void)snprintf(name, sizeof name, "openssl/%s-%u.sig", good ? "good" : "bad", i);
    bare_file(name, cy_span_of(signature, sizeof signature));
}

void emit_notes(void)
{
    const struct signer log = signer_of("example.org/cell", 0, CY_NOTE_ED25519);
    const struct signer witness = signer_of("zürich.example/witness", 1, CY_NOTE_COSIGNATURE);
    FILE *notes = emit_file("notes.jsonl");
    FILE *cosignatures = emit_file("cosignatures.jsonl");

    for (unsigned i = 0; i < NOTES; i++) {
        const uint64_t time_s = 1763600000u + emit_random(1u << 30);
        one_note(notes, &log, &witness, &log, time_s, i % 2 == 0);
        one_note(cosignatures, &log, &witness, &witness, time_s, i % 2 == 0);
    }
    (void)fclose(notes);
    (void)fclose(cosignatures);
    for (unsigned i = 0; i < BARE; i++)
        one_bare(i, i % 2 == 0);
}

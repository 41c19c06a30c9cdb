/* rig: a realm in memory for tests: keys from numbers, acts signed for real, verdicts.
 *
 * Passport n of the rig is controlled by key n; 0 is the operator. Signatures are real (libsodium)
 * and checked by the project's rule before every act, as the daemon does. */
#ifndef CY_TESTS_RIG_H
#define CY_TESTS_RIG_H

#include "cm.h"

#include "kernel/engine.h"

#define RIG_KEYS 64

struct rig {
    struct cy_engine engine;
    struct cy_arena fresh;
    struct cy_arena scratch;
    uint8_t secret[RIG_KEYS][64];
    struct cy_id key[RIG_KEYS];
    struct cy_id id[RIG_KEYS]; /* passports */
    struct cy_id realm;
    uint64_t at; /* next index of the ledger */
    uint64_t nonce;
    cy_time now;
    struct cy_id last;         /* id of the last act */
    struct cy_verdict verdict; /* of the last act */
    uint8_t bytes[65536];      /* of the last act */
    struct cy_span act;
};

/* rig_new begins a realm: genesis at 2026-01-01, operated by key 0. rig_free releases it. */
struct rig *rig_new(const struct cy_institution *const *roster, size_t n_roster);

/* rig_named: the same with an origin, and keys of its own for each number (rig_new has 1). */
struct rig *rig_named(const char *origin, uint8_t number,
                      const struct cy_institution *const *roster, size_t n_roster);

/* rig_bare makes keys and an engine without any realm yet. */
struct rig *rig_bare(const struct cy_institution *const *roster, size_t n_roster);
void rig_free(struct rig *rig);

/* rig_build signs a message as `author` (claims by the rig) with the keys given, without sending.
 */
struct cy_span rig_build(struct rig *rig, const struct cy_claims *claims,
                         const struct cy_schema *schema, const void *message, const unsigned *keys,
                         unsigned n_keys);

/* rig_send judges bytes and applies them when accepted. */
cy_err rig_send(struct rig *rig, struct cy_span bytes);

/* rig_do: message by passport n with key n, for this realm. */
cy_err rig_do(struct rig *rig, unsigned n, const struct cy_schema *schema, const void *message);

/* rig_for: the same on behalf of passport `principal`. */
cy_err rig_for(struct rig *rig, unsigned n, unsigned principal, const struct cy_schema *schema,
               const void *message);

/* rig_claims: the claims rig_do would use. */
struct cy_claims rig_claims(struct rig *rig, unsigned n);

/* rig_passport creates passport n of that kind with key n. */
void rig_passport(struct rig *rig, unsigned n, unsigned kind, const char *name);

/* rig_tick moves ledger time on by so many ms. */
void rig_tick(struct rig *rig, uint64_t ms);

#define RIG_DO(rig, n, message_name, ...)                                                          \
    rig_do((rig), (n), &cy_schema_##message_name, &(struct cy_##message_name){__VA_ARGS__})

/* rig_world_bytes hashes every byte of every table, every count and every mark. */
struct cy_id rig_world_bytes(const struct cy_world *world);

/* The names of records and codes as values. */
struct cy_name rig_name(const char *text);
struct cy_label rig_label(const char *text);
struct cy_line rig_line(const char *text);

#endif

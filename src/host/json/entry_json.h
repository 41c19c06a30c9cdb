/* entry_json: an entry of the ledger as JSON, for people and programs that do not read COSE.
 *
 * Owns: this form. Never: verifies; an entry stands in a ledger that was. */
#ifndef CY_HOST_JSON_ENTRY_JSON_H
#define CY_HOST_JSON_ENTRY_JSON_H

#include "base/arena.h"
#include "kernel/world.h"

/* cy_json_field begins a member of an object, with a comma where one is needed. cy_json_field_id is
 * a member that holds an id in hexadecimal; nothing for none. */
void cy_json_field(struct cy_text *out, const char *name);
void cy_json_field_id(struct cy_text *out, const char *name, const struct cy_id *id);

/* cy_entry_json writes entry `at` as {"index", "id", "author", "by", ..., "say", "act": {...}},
 * with names from the world (names.h), which stays still meanwhile. arena is scratch for decoding.
 * Fails with NO_NOUN or trouble; TOO_LARGE when it does not fit in out. */
CY_MUST_USE cy_err cy_entry_json(const struct cy_world *world, uint64_t at, struct cy_span entry,
                                 struct cy_arena *arena, struct cy_text *out);

#endif

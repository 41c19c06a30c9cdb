/* json_schema: acts, items and records as JSON Schema (2020-12), from the tables of
 * wire/schema.def: bounds and sentences as they stand there, forms as wire/print writes them.
 *
 * Components are named act_NAME, item_NAME, record_NAME, and by the types they share: id, amount,
 * time, date, hex, big. References are those of an OpenAPI document, #/components/schemas/NAME.
 *
 * Owns: this map. Never: judges a value (act_json does). */
#ifndef CY_HOST_JSON_JSON_SCHEMA_H
#define CY_HOST_JSON_JSON_SCHEMA_H

#include "wire/schema.h"

#include <jansson.h>

/* cy_json_schema_put adds the shared types, every item, act and record, `act` (any act) and
 * `record` (any record) to an object of components. Memory that is missing is seen by
 * cy_json_starved (json.h). */
void cy_json_schema_put(json_t *components);

/* cy_json_schema_ref is {"$ref": ...} to a component; prefix may be "". */
json_t *cy_json_schema_ref(const char *prefix, const char *name);

/* cy_json_schema_words is a string that is one of a closed list, from number `least` on. */
json_t *cy_json_schema_words(const struct cy_word_set *set, uint64_t least);

/* cy_json_schema_sample makes the smallest value that the schema asked for takes: needed members
 * only, the first of alternatives, the examples of shared types. */
json_t *cy_json_schema_sample(const json_t *components, const json_t *asked);

#endif

/* print: messages and records as JSON and as one sentence.
 *
 * JSON forms: numbers as numbers (above 2^53 - 1 as decimal strings), amounts as decimal strings,
 * ids and bytes as hexadecimal, dates YYYY-MM-DD, times RFC 3339, words of closed lists by name.
 * Fields that hold their default are left out, as on the wire. host/json reads the same forms.
 *
 * A sentence is the act's message id with its arguments: `say` of schema.def is the English
 * template, {field} its places, [a part] is said only when its fields are; a translation is another
 * set of templates. */
#ifndef CY_WIRE_PRINT_H
#define CY_WIRE_PRINT_H

#include "wire/schema.h"

/* cy_print_json writes one object; an act begins with "act":"name". */
void cy_print_json(struct cy_text *out, const struct cy_schema *schema, const void *value);

/* cy_print_string writes a JSON string with escapes (also of <, >, & against embedding in HTML). */
void cy_print_string(struct cy_text *out, struct cy_span text);

/* cy_print_say writes the description of an act in one sentence. */
void cy_print_say(struct cy_text *out, const struct cy_schema *schema, const void *message);

/* cy_print_field writes the value of one field as plain text (no quotes). */
void cy_print_field(struct cy_text *out, const struct cy_field *field, const void *value);

#endif

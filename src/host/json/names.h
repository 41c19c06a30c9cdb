/* names: what people call the things that acts name by id.
 *
 * A passport is called by its attested country code or else by its name, an alliance or asset by
 * its code, an account OWNER/ASSET. Names are not ids: two parties may share one. So they stand
 * only in sentences for people; everything that decides uses ids.
 *
 * Owns: this choice of words. Never: invents; an id that nothing here knows stays as it is. */
#ifndef CY_HOST_JSON_NAMES_H
#define CY_HOST_JSON_NAMES_H

#include "kernel/world.h"

/* cy_passport_called finds a passport by id, by an attested code, or by name (the first of that
 * name); NULL when there is none. */
const struct cy_passport *cy_passport_called(const struct cy_world *world, const char *text);

/* cy_name_write appends what the thing with this id is called; false when the world has nothing
 * with that id. */
bool cy_name_write(const struct cy_world *world, const struct cy_id *id, struct cy_text *out);

/* cy_names_in copies a sentence, with every id in it (64 hexadecimal digits) replaced by its name
 * where it has one. */
void cy_names_in(const struct cy_world *world, struct cy_span sentence, struct cy_text *out);

#endif

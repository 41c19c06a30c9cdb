#include "host/json/entry_json.h"

#include "host/json/names.h"
#include "kernel/act.h"
#include "wire/print.h"

void cy_json_field(struct cy_text *out, const char *name)
{
    cy_text_add(out, out->n > 0 && out->at[out->n - 1] != '{' ? ",\"" : "\"");
    cy_text_add(out, name);
    cy_text_add(out, "\":");
}

void cy_json_field_id(struct cy_text *out, const char *name, const struct cy_id *id)
{
    if (cy_id_none(id))
        return;
    cy_json_field(out, name);
    cy_text_add(out, "\"");
    cy_text_hex(out, cy_span_of(id->b, sizeof id->b));
    cy_text_add(out, "\"");
}

cy_err cy_entry_json(const struct cy_world *world, uint64_t at, struct cy_span entry,
                     struct cy_arena *arena, struct cy_text *out)
{
    const size_t mark = arena->used;
    const size_t start = out->n;
    struct cy_act act;
    char sentence[2048];
    char named[2048];
    struct cy_text say = cy_text_on(sentence, sizeof sentence);
    struct cy_text words = cy_text_on(named, sizeof named);
    const cy_err err = cy_act_open(entry, arena, &act);

    if (!cy_ok(err))
        return err;
    cy_print_say(&say, act.any.schema, act.any.message);
    cy_text_add(out, "{");
    cy_json_field(out, "index");
    cy_text_u64(out, at);
    cy_json_field_id(out, "id", &act.id);
    cy_json_field_id(out, "author", &act.envelope.claims.author);
    if (world != NULL && cy_name_write(world, &act.envelope.claims.author, &words)) {
        cy_json_field(out, "by");
        cy_print_string(out, cy_text_bytes(&words));
    }
    cy_json_field_id(out, "for", &act.envelope.claims.subject);
    words = cy_text_on(named, sizeof named);
    if (world != NULL)
        cy_names_in(world, cy_text_bytes(&say), &words);
    else
        words = say;
    cy_json_field(out, "say");
    cy_print_string(out, cy_text_bytes(&words));
    cy_json_field(out, "act");
    cy_print_json(out, act.any.schema, act.any.message);
    cy_text_add(out, "}");
    cy_arena_rewind(arena, mark);
    if (!out->full)
        return CY_OK;
    out->n = start; /* what does not fit whole is not there */
    out->at[start] = 0;
    out->full = false;
    return cy_fail(CY_E_TOO_LARGE, out->cap);
}

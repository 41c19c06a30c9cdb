#include "institutions/alliance/members_json.h"

#include "wire/print.h"

static void text_field(struct cy_text *out, const char *name, struct cy_span text)
{
    cy_text_add(out, ",\"");
    cy_text_add(out, name);
    cy_text_add(out, "\":");
    cy_print_string(out, text);
}

static void date_field(struct cy_text *out, const char *name, cy_date date)
{
    if (date == 0)
        return;
    cy_text_add(out, ",\"");
    cy_text_add(out, name);
    cy_text_add(out, "\":\"");
    cy_date_text(out, date);
    cy_text_add(out, "\"");
}

static const char *word(const struct cy_schema *schema, const char *field, uint8_t number)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (strcmp(schema->fields[i].name, field) == 0)
            return cy_word_text(schema->fields[i].set, number);
    }
    CY_NEVER("field");
}

void cy_members_open(struct cy_text *out, const struct cy_alliance *alliance,
                     const struct cy_members_question *question)
{
    cy_text_add(out, "{\"alliance\":\"");
    cy_text_hex(out, cy_span_of(alliance->id.b, sizeof alliance->id.b));
    cy_text_add(out, "\"");
    text_field(out, "code", cy_label_text(&alliance->code));
    text_field(out, "name", cy_name_text(&alliance->name));
    date_field(out, "as_of", question->as_of.day);
    if (question->as_of.known_at != UINT64_MAX) {
        cy_text_add(out, ",\"known_at\":\"");
        cy_time_text(out, question->as_of.known_at);
        cy_text_add(out, "\"");
    }
    if (question->level != 0)
        text_field(out, "level", cy_span_text(word(&cy_schema_member, "level", question->level)));
    if (cy_alliance_ended(alliance, &question->as_of))
        cy_text_add(out, ",\"ended\":true");
    cy_text_add(out, ",\"members\":[");
}

static void name_fields(struct cy_text *out, const struct cy_id *party, const char *code_field,
                        const char *name_field, const struct cy_namer *namer)
{
    const struct cy_passport *passport = namer->passport(namer->self, party);
    const struct cy_attestation *code = namer->code(namer->self, party);

    if (code != NULL)
        text_field(out, code_field, cy_label_text(&code->value));
    if (passport != NULL)
        text_field(out, name_field, cy_name_text(&passport->name));
}

void cy_members_row(struct cy_text *out, size_t position, const struct cy_listed *m,
                    const struct cy_id *via, const struct cy_namer *namer)
{
    cy_text_add(out, position > 0 ? ",{\"party\":\"" : "{\"party\":\"");
    cy_text_hex(out, cy_span_of(m->party.b, sizeof m->party.b));
    cy_text_add(out, "\"");
    name_fields(out, &m->party, "code", "name", namer);
    text_field(out, "level", cy_span_text(word(&cy_schema_member, "level", m->level)));
    date_field(out, "since", m->since);
    if (m->precision != CY_precision_DAY)
        text_field(out, "precision",
                   cy_span_text(word(&cy_schema_member, "precision", m->precision)));
    if (m->suspended)
        cy_text_add(out, ",\"suspended\":true");
    if (m->unsure)
        cy_text_add(out, ",\"unsure\":true");
    if (m->bloc)
        cy_text_add(out, ",\"bloc\":true");
    if (via != NULL)
        name_fields(out, via, "via_code", "via", namer);
    cy_text_add(out, "}");
}

void cy_members_close(struct cy_text *out, size_t n)
{
    cy_text_add(out, "],\"count\":");
    cy_text_u64(out, n);
    cy_text_add(out, "}");
}

void cy_members_json(const struct cy_alliance *alliance, const struct cy_members_question *question,
                     const struct cy_listed *list, size_t n, const struct cy_namer *namer,
                     struct cy_text *out)
{
    size_t given = 0;

    cy_members_open(out, alliance, question);
    for (size_t i = 0; i < n; i++) {
        if (question->level == 0 || list[i].level == question->level)
            cy_members_row(out, given++, &list[i], NULL, namer);
    }
    cy_members_close(out, given);
}

bool cy_is_country_code(const struct cy_attestation *attestation)
{
    const struct cy_span value = cy_label_text(&attestation->value);

    if (attestation->scheme.n < 9 || memcmp(attestation->scheme.s, "iso3166-", 8) != 0)
        return false;
    if (value.n != 3 && value.n != 4)
        return false;
    for (size_t i = 0; i < value.n; i++) {
        if (value.at[i] < 'A' || value.at[i] > 'Z')
            return false;
    }
    return true;
}

static const struct cy_passport *world_passport(void *self, const struct cy_id *id)
{
    const struct cy_world *const *world = self;

    return CY_GET(*world, passport, id);
}

static const struct cy_attestation *world_code(void *self, const struct cy_id *id)
{
    const struct cy_world *const *world = self;
    const uint32_t n = cy_world_count(*world, CY_R_attestation);

    for (uint32_t i = 0; i < n; i++) {
        const struct cy_attestation *a = cy_world_at(*world, CY_R_attestation, i);

        if (cy_id_eq(&a->passport, id) && cy_is_country_code(a))
            return a;
    }
    return NULL;
}

struct cy_namer cy_namer_of(const struct cy_world **world)
{
    return (struct cy_namer){.self = world, .passport = world_passport, .code = world_code};
}

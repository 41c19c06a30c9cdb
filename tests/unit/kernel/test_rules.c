/* rules: SPEC/rules.md prints the tables that the program runs on. */
#include "rig.h"

#include <stdio.h>

static char spec[1 << 17];
static char table[1 << 15];

static void read_spec(void)
{
    FILE *in = fopen(CY_SOURCE "/SPEC/rules.md", "r");

    assert_non_null(in);
    spec[fread(spec, 1, sizeof spec - 1, in)] = 0;
    (void)fclose(in);
}

static void stands_in_spec(const struct cy_text *out)
{
    assert_false(out->full);
    read_spec();
    if (strstr(spec, table) == NULL) {
        puts(table);
        fail_msg("SPEC/rules.md must hold the table above as it is");
    }
}

static void acts(void **state)
{
    static const char *const who[] = {"its own new keys", "its next keys", "any passport",
                                      "the operator"};
    static const char *const risk[] = {"low", "medium", "high"};
    struct rig *rig = rig_new(NULL, 0);
    struct cy_text out = cy_text_on(table, sizeof table);
    char number[16];

    (void)state;
    cy_text_add(&out, "| number | act | what | by | risk | gate | alone | writes |\n"
                      "|---|---|---|---|---|---|---|---|\n");
    for (uint32_t n = 0; n < CY_MESSAGES_MAX; n++) {
        const struct cy_act_row *row = cy_engine_row(&rig->engine, n);

        if (row == NULL)
            continue;
        snprintf(number, sizeof number, "| %04x | ", n);
        cy_text_add(&out, number);
        cy_text_add(&out, row->schema->name);
        cy_text_add(&out, " | ");
        cy_text_add(&out, row->schema->doc);
        cy_text_add(&out, " | ");
        cy_text_add(&out, who[row->who]);
        cy_text_add(&out, " | ");
        cy_text_add(&out, risk[row->risk]);
        cy_text_add(&out, " | ");
        cy_text_add(&out, row->gate);
        cy_text_add(&out, row->alone ? " | yes | " : " | | ");
        cy_text_u64(&out, row->writes);
        cy_text_add(&out, " |\n");
    }
    stands_in_spec(&out);
    rig_free(rig);
}

static void parameters(void **state)
{
    struct cy_text out = cy_text_on(table, sizeof table);

    (void)state;
    cy_text_add(&out, "| parameter | default | least | most | unit | meaning |\n"
                      "|---|---|---|---|---|---|\n");
    for (unsigned i = 0; i < CY_PARAMS; i++) {
        const struct cy_param_row *row = cy_param_row(i);
        const uint64_t values[] = {row->value, row->least, row->most};

        cy_text_add(&out, "| ");
        cy_text_add(&out, row->name);
        for (unsigned v = 0; v < 3; v++) {
            cy_text_add(&out, " | ");
            cy_text_u64(&out, values[v]);
        }
        cy_text_add(&out, " | ");
        cy_text_add(&out, row->unit);
        cy_text_add(&out, " | ");
        cy_text_add(&out, row->meaning);
        cy_text_add(&out, " |\n");
    }
    stands_in_spec(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acts),
        cmocka_unit_test(parameters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

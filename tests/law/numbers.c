/* law_numbers errors | messages: the numbers that are protocol, one per line, as the compiler sees
 * them. laws.sh compares them with the files beside it. */
#include "wire/schema.h"

#include <stdio.h>
#include <string.h>

static void errors(void)
{
#define CY_ERR(name, number, kind, path, text, remedy)                                             \
    printf("%s %d %s %s\n", #name, number, #kind, path);
#include "base/err.def"
#undef CY_ERR
}

static const char *type_name(enum cy_type type)
{
    static const char *const names[] = {
        [CY_T_bool] = "bool", [CY_T_u8] = "u8",         [CY_T_u16] = "u16",   [CY_T_u32] = "u32",
        [CY_T_u64] = "u64",   [CY_T_amount] = "amount", [CY_T_date] = "date", [CY_T_time] = "time",
        [CY_T_id] = "id",     [CY_T_code] = "code",     [CY_T_name] = "name", [CY_T_line] = "line",
        [CY_T_text] = "text", [CY_T_bytes] = "bytes",   [CY_T_enum] = "enum", [CY_T_list] = "list",
        [CY_T_acts] = "acts"};
    return names[type];
}

static void messages(void)
{
    static const char *const kinds[] = {"act", "item", "record"};
    const struct cy_schema *schema = NULL;

    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        printf("%s %s %u\n", kinds[schema->kind], schema->name, schema->number);
        for (size_t f = 0; f < schema->n_fields; f++) {
            const struct cy_field *field = &schema->fields[f];

            printf("field %s %u %s %s%s%s\n", schema->name, field->key, field->name,
                   type_name(field->type), field->set != NULL ? ":" : "",
                   field->set != NULL ? field->set->name : "");
        }
    }
#define CY_SET(set)
#define CY_VALUE(set, NAME, number, text) printf("word %s %d %s\n", #set, number, text);
#define CY_SET_END(set)
#include "wire/enums.def"
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "errors") == 0)
        errors();
    else if (argc == 2 && strcmp(argv[1], "messages") == 0)
        messages();
    else
        return 2;
    return 0;
}

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

static void messages(void)
{
    static const char *const kinds[] = {"act", "item", "record"};
    const struct cy_schema *schema = NULL;

    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        printf("%s %s %u\n", kinds[schema->kind], schema->name, schema->number);
        for (size_t f = 0; f < schema->n_fields; f++) {
            const struct cy_field *field = &schema->fields[f];

            printf("field %s %u %d %s\n", schema->name, field->key, (int)field->type, field->name);
        }
    }
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

/* law_numbers errors | messages: the numbers that are protocol, one per line, as the compiler sees
 * them. laws.sh compares them with the files beside it. */
#include <stdio.h>
#include <string.h>

static void errors(void)
{
#define CY_ERR(name, number, kind, path, text, remedy)                                             \
    printf("%s %d %s %s\n", #name, number, #kind, path);
#include "base/err.def"
#undef CY_ERR
}

#if __has_include("wire/schema.def")
#define CY_MESSAGE(name, number, ...) printf("message %s %u\n", #name, (unsigned)(number));
#define CY_FIELD(message, key, type, name, ...)                                                    \
    printf("field %s %d %s %s\n", #message, (int)(key), #type, #name);
#define CY_END(...)
static void messages(void)
{
#include "wire/schema.def"
}
#else
static void messages(void)
{
}
#endif

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

/* Request targets: whatever is read can be written again and read as the same; patterns match the
 * parts they name. */
#include "fuzz.h"

#include "host/http/uri.h"

enum { TARGET_MAX = CY_URI_MAX + 64 };

static struct cy_uri first;
static struct cy_uri second;
static struct cy_uri_params params;
static char target[TARGET_MAX + 1];
static char again[3 * TARGET_MAX];

static void encode(struct cy_text *out, const char *text)
{
    for (; *text != 0; text++) {
        const uint8_t byte = (uint8_t)*text;

        if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9')) {
            cy_text_span(out, cy_span_of(&byte, 1));
        } else {
            cy_text_add(out, "%");
            cy_text_hex(out, cy_span_of(&byte, 1));
        }
    }
}

static void write_again(struct cy_text *out)
{
    cy_text_add(out, first.parts_n == 0 ? "/" : "");
    for (size_t i = 0; i < first.parts_n; i++) {
        cy_text_add(out, "/");
        encode(out, first.parts[i]);
    }
    for (size_t i = 0; i < first.query_n; i++) {
        cy_text_add(out, i == 0 ? "?" : "&");
        encode(out, first.query[i].name);
        cy_text_add(out, "=");
        encode(out, first.query[i].value);
    }
}

static void same(void)
{
    CY_ASSERT(first.parts_n == second.parts_n && first.query_n == second.query_n);
    for (size_t i = 0; i < first.parts_n; i++) {
        CY_ASSERT(strcmp(first.parts[i], second.parts[i]) == 0);
        CY_ASSERT(first.parts[i][0] != 0 && strpbrk(first.parts[i], "/\\") == NULL);
        CY_ASSERT(strcmp(first.parts[i], ".") != 0 && strcmp(first.parts[i], "..") != 0);
    }
    for (size_t i = 0; i < first.query_n; i++) {
        CY_ASSERT(strcmp(first.query[i].name, second.query[i].name) == 0);
        CY_ASSERT(strcmp(first.query[i].value, second.query[i].value) == 0);
        CY_ASSERT(cy_uri_query(&first, first.query[i].name) == first.query[i].value);
    }
}

static void matches(void)
{
    const uint64_t rest = cy_uri_match("/tile/{path...}", &first, &params);

    if (rest != 0)
        CY_ASSERT(first.parts_n >= 2 && strcmp(first.parts[0], "tile") == 0 &&
                  strncmp(cy_uri_param(&params, "path"), first.parts[1], strlen(first.parts[1])) ==
                      0);
    if (cy_uri_match("/v1/acts/{id}/proof", &first, &params) != 0)
        CY_ASSERT(first.parts_n == 4 && cy_uri_param(&params, "id") == first.parts[2]);
    if (cy_uri_match("/{hash}/checkpoint", &first, &params) != 0)
        CY_ASSERT(first.parts_n == 2 && cy_uri_param(&params, "hash") == first.parts[0]);
    CY_ASSERT((cy_uri_match("/", &first, NULL) != 0) == (first.parts_n == 0));
    CY_ASSERT((cy_uri_match("/{all...}", &first, NULL) != 0) == (first.parts_n > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_text text = cy_text_on(again, sizeof again);
    const size_t n = size < TARGET_MAX ? size : TARGET_MAX;

    memcpy(target, data, n);
    target[n] = 0;
    if (!cy_ok(cy_uri_parse(&first, target)))
        return 0;
    write_again(&text);
    if (text.n > CY_URI_MAX)
        return 0;
    CY_ASSERT(!text.full && cy_ok(cy_uri_parse(&second, again)));
    same();
    matches();
    return 0;
}

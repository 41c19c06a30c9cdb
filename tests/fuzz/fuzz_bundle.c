/* Answers with their proof. The corpus holds a real one, of a ledger whose keys are gone: whatever
 * is accepted proves exactly that state, and no bytes prove anything to somebody who trusts another
 * key. */
#include "fuzz.h"

#include "host/routes/bundle.h"

static const char trusted[] =
    "f.example/ledger+2f6d5002+AaunwS6Lu410+BcYAXkaifkS/uB13Yuo0X+mM4dwIqWK";
static const char other[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char root[] = "46226e401659c030b20e6d94f9b9d4eafa07bb8128320aa349da59929a235265";

static char said[1 << 20];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_bundle_trust trust = {.need = 0};
    struct cy_text answer = cy_text_on(said, sizeof said);
    struct cy_bundle_report report;
    cy_err e = CY_OK;

    CY_ASSERT(cy_ok(cy_note_vkey_read(cy_span_text(other), &trust.log)));
    CY_ASSERT(!cy_ok(cy_bundle_verify(cy_span_of(data, size), &trust, &report, &answer)));
    CY_ASSERT(report.failed != NULL);
    answer = cy_text_on(said, sizeof said);
    CY_ASSERT(cy_ok(cy_note_vkey_read(cy_span_text(trusted), &trust.log)));
    e = cy_bundle_verify(cy_span_of(data, size), &trust, &report, &answer);
    CY_ASSERT(cy_ok(e) == (report.failed == NULL));
    if (cy_ok(e)) {
        uint8_t want[32];

        CY_ASSERT(cy_ok(cy_hex_read(cy_span_text(root), want, sizeof want)));
        CY_ASSERT(memcmp(report.state_root.b, want, sizeof want) == 0);
        CY_ASSERT(strncmp(said, "{\"alliance\":\"", 13) == 0);
    }
    return 0;
}

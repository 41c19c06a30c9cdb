/* mutate CELL: files of a real cell through the installed library: they hold, and with one byte
 * changed they do not, or say exactly what they said. Built as a stranger would: pkg-config alone.
 */
#include <comity.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 1500u /* of each file */
#define FILE_MAX 65536u

static const char *cell_;
static uint32_t state_ = 4711;

static uint32_t below(uint32_t n)
{
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_ % n;
}

static void die(const char *what, const char *name)
{
    fprintf(stderr, "%s: %s\n", name, what);
    exit(1);
}

static size_t load(const char *name, unsigned char out[FILE_MAX])
{
    char path[1024];
    FILE *file = NULL;
    size_t n = 0;

    if (name == NULL)
        return 0;
    snprintf(path, sizeof path, "%s/%s", cell_, name);
    file = fopen(path, "rb");
    if (file == NULL)
        die("is not there", path);
    n = fread(out, 1, FILE_MAX, file);
    fclose(file);
    return n;
}

/* The report as text, with what a bundle proves: everything that was said. */
static int32_t judge(const unsigned char *file, size_t n, const unsigned char *entry,
                     size_t entry_n, const struct comity_trust *trust, char *said, size_t cap)
{
    struct comity_report report;
    const size_t need = comity_scratch_bytes(file, n, entry_n);
    void *scratch = malloc(need > 0 ? need : 1);
    const int32_t error = comity_verify(file, n, entry, entry_n, trust, scratch, need, &report);
    size_t used = comity_report_json(&report, said, cap);

    if (report.answer != NULL)
        snprintf(said + used, cap - used, "%s", report.answer);
    free(scratch);
    return error;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        const char *entry;
        const char *ledger;
        const char *witness;
    } rows[] = {
        {"receipt.json",        NULL,        "ledger.vkey", "witness.vkey"},
        {"act.tlog-proof",      "act.entry", "ledger.vkey", "witness.vkey"},
        {"bundle.json",         NULL,        "ledger.vkey", "witness.vkey"},
        {"checkpoint",          NULL,        "ledger.vkey", "witness.vkey"},
        {"act.cose",            "act.entry", "ledger.vkey", NULL          },
        {"two-histories.heads", NULL,        "forked.vkey", NULL          },
    };
    static unsigned char file[FILE_MAX];
    static unsigned char entry[FILE_MAX];
    static unsigned char vkey[FILE_MAX];
    static char whole[65536];
    static char changed[65536];
    unsigned tried = 0;
    unsigned same = 0;

    if (argc != 2)
        return 2;
    cell_ = argv[1];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t n = load(rows[i].name, file);
        const size_t entry_n = load(rows[i].entry, entry);
        struct comity_trust trust;
        size_t vkey_n = load(rows[i].ledger, vkey);

        if (comity_trust_ledger(&trust, (const char *)vkey, vkey_n) != COMITY_OK)
            die("is no verifier key", rows[i].ledger);
        vkey_n = load(rows[i].witness, vkey);
        if (vkey_n > 0 && comity_trust_witness(&trust, (const char *)vkey, vkey_n) != COMITY_OK)
            die("is no verifier key", rows[i].witness);
        if (judge(file, n, entry, entry_n, &trust, whole, sizeof whole) != COMITY_OK)
            die(whole, rows[i].name);
        for (unsigned k = 0; k < TRIES; k++) {
            const size_t at = below((uint32_t)n);
            const unsigned char was = file[at];

            file[at] ^= (unsigned char)(1u << below(8));
            tried++;
            if (judge(file, n, entry, entry_n, &trust, changed, sizeof changed) == COMITY_OK) {
                same++;
                if (strstr(rows[i].name, ".json") == NULL || strcmp(whole, changed) != 0)
                    die("a changed byte is accepted", rows[i].name);
            }
            file[at] = was;
        }
    }
    printf("libcomity %s in C: %u changed files, %u refused, %u still prove what they proved\n",
           comity_version(), tried, tried - same, same);
    return same < tried / 10 ? 0 : 1;
}

#include "host/cli/exit_examples.h"

#include "base/arena.h"

#include <string.h>

/* clang-format off */
static const struct {
    const char *noun;
    const char *verb;
    const char *lines[3];
} examples_[] = {
    {"exit", "begin",   {"comity exit begin elm.example/ledger --as Bo", NULL}},
    {"exit", "bundle",  {"comity exit bundle Bo --out bo.exit", "comity exit bundle Bo --from https://mirror.example --out bo.exit", NULL}},
    {"exit", "admit",   {"comity --dir new --signer old/signer.sock exit admit bo.exit --key Bo --alias Bo", "comity --dir new --signer old/signer.sock exit admit bo.exit --claim --key Bo --from https://mirror.example", NULL}},
    {"exit", "contest", {"comity exit contest oak.example/ledger PASSPORT --from https://mirror.example --as Rel", NULL}},
    {"exit", "settle",  {"comity exit settle oak.example/ledger PASSPORT --as Rel", NULL}},
    {"exit", "done",    {"comity exit done elm.example/ledger Bo --from https://elm.example --as Rel", NULL}},
    {"exit", "status",  {"comity exit status Bo --json", NULL}},
    {"recognise", "tier",   {"comity recognise tier oak.example/ledger person 2", NULL}},
    {"recognise", "add",    {"comity recognise add oak.example/ledger PASSPORT --from https://oak.example --as Rel", NULL}},
    {"recognise", "follow", {"comity recognise follow oak.example/ledger --from https://oak.example --as Rel", NULL}},
    {"recognise", "list",   {"comity recognise list", NULL}},
    {"merge", "close",  {"comity merge close elm.example/ledger --reason 'one town'", NULL}},
    {"merge", "open",   {"comity merge open oak.example/ledger --from old/data", NULL}},
    {"merge", "bring",  {"comity merge bring oak.example/ledger --from old/data --as Rel", NULL}},
    {"bridge", "route", {"comity bridge route oak.example/ledger ash.example/ledger OAT --with https://elm.example --with https://ash.example", NULL}},
    {"passport", "duties", {"comity passport duties Ada --with https://elm.example --also PASSPORT@https://elm.example", NULL}},
};
/* clang-format on */

const char *const *cy_cli_exit_examples(const char *noun, const char *verb)
{
    for (size_t i = 0; i < CY_COUNT(examples_); i++) {
        if (verb != NULL && strcmp(examples_[i].noun, noun) == 0 &&
            strcmp(examples_[i].verb, verb) == 0)
            return examples_[i].lines;
    }
    return NULL;
}

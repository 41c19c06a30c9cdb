/* Cards of other cells. */
#include "cm.h"

#include "host/cli/cli.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CARD                                                                                       \
    "origin = \"%s.example/ledger\";\nurl = \"https://b.example\";\n"                              \
    "vkey = \"f.example/ledger+2f6d5002+AaunwS6Lu410+BcYAXkaifkS/uB13Yuo0X+mM4dwIqWK\";\n"         \
    "witness_vkey = "                                                                              \
    "\"f.example/ledger+87be67a0+BMTme7WWkwPzZs0tz2sKzyXGmS0T+4YTBduHpbsoq7Cz\";\n"

static char dir[] = "/tmp/comity-peer-XXXXXX";

static char *in_dir(const char *name)
{
    static char path[4][128];
    static unsigned turn;

    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

static void write_file(const char *name, const char *words)
{
    FILE *file = fopen(in_dir(name), "w");

    assert_non_null(file);
    fputs(words, file);
    assert_int_equal(fclose(file), 0);
}

static int add(const char *card)
{
    char *argv[] = {(char *)"comity",
                    (char *)"peer",
                    (char *)"add",
                    (char *)"--dir",
                    dir,
                    (char *)"--peer",
                    in_dir(card),
                    (char *)"--witness",
                    NULL};

    return cy_cli_main(8, argv, "0", NULL, 0);
}

/* A card comes from somebody else: it must not have this machine read further files. */
static void no_includes(void **state)
{
    char words[1024];

    (void)state;
    snprintf(words, sizeof words, CARD, "b");
    write_file("b.conf", words);
    assert_int_equal(add("b.conf"), CY_EXIT_OK);
    assert_int_equal(access(in_dir("peers/b.example_ledger.conf"), F_OK), 0);
    snprintf(words, sizeof words, CARD, "c");
    write_file("c.conf", words);
    snprintf(words, sizeof words, "@include \"%s\"\n", in_dir("c.conf"));
    write_file("d.conf", words);
    assert_int_not_equal(add("d.conf"), CY_EXIT_OK);
    assert_int_not_equal(access(in_dir("peers/c.example_ledger.conf"), F_OK), 0);
    assert_int_equal(add("c.conf"), CY_EXIT_OK);
}

static int make_dir(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    write_file("client.conf", "as = \"operator\";\n");
    write_file("comityd.conf", "# mine\n");
    return 0;
}

static int remove_dir(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_includes),
    };

    unsetenv("COMITY_DIR");
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}

/* The directory of `comity init`, and names in place of ids. */
#include "cm.h"

#include "host/cli/cli_name.h"
#include "kernel/escrow.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/comity-home-XXXXXX";
static char why[512];

static struct cy_id id_of(uint8_t first)
{
    return (struct cy_id){
        {first, 7}
    };
}

static void write_file(const char *name, const char *words)
{
    char path[128];
    int fd = 0;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_int_equal(write(fd, words, strlen(words)), strlen(words));
    close(fd);
}

static cy_err open_home(struct cy_home *home)
{
    struct cy_text text = cy_text_on(why, sizeof why);

    return cy_home_open(dir, home, &text);
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) == NULL;
}

static int remove_dir(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

static void settings(void **state)
{
    struct cy_home_settings given = {.url = "http://127.0.0.1:7301",
                                     .pin = "",
                                     .vkey = "",
                                     .realm = "00ff",
                                     .signer = "/tmp/x.sock",
                                     .as = "operator"};
    struct cy_home home;

    (void)state;
    assert_code(open_home(&home), CONFIG_READ); /* nothing there yet */
    cy_home_close(&home);
    assert_ok(cy_home_write(dir, &given));
    assert_code(cy_home_write(dir, &given), DISK_FAILED); /* never written over */
    assert_ok(open_home(&home));
    assert_string_equal(home.settings.url, given.url);
    assert_string_equal(home.settings.realm, "00ff");
    cy_home_close(&home);
    given.realm = "11ee";
    assert_ok(cy_home_rewrite(dir, &given));
    assert_ok(open_home(&home));
    assert_string_equal(home.settings.realm, "11ee");
    cy_home_close(&home);
}

static void aliases(void **state)
{
    struct cy_home home;
    struct cy_alias one;
    struct cy_alias two;
    const struct cy_id a = id_of(1);
    const struct cy_id b = id_of(2);

    (void)state;
    assert_ok(open_home(&home));
    assert_ok(cy_alias_of("passport", "NOR", &a, &one));
    strcpy(one.label, "NOR key");
    one.key = id_of(9);
    assert_ok(cy_alias_of("alliance", "NOR", &b, &two));
    assert_ok(cy_home_add(&home, (struct cy_alias[]){one, two}, 2));
    one.key = id_of(10); /* a rotation: the later line counts */
    assert_ok(cy_home_add(&home, &one, 1));
    cy_home_close(&home);
    assert_ok(open_home(&home));
    assert_int_equal(home.n, 3);
    assert_true(cy_id_eq(&cy_home_alias(&home, "passport", "NOR")->key, &one.key));
    assert_string_equal(cy_home_alias(&home, "passport", "NOR")->label, "NOR key");
    assert_true(cy_id_eq(&cy_home_alias(&home, "alliance", "NOR")->id, &b));
    assert_null(cy_home_alias(&home, "asset", "NOR"));
    assert_null(cy_home_alias(&home, NULL, "nor"));
    assert_string_equal(cy_home_alias_of(&home, &b)->kind, "alliance");
    cy_home_close(&home);
}

static void names_of_aliases(void **state)
{
    char sixty_four[65];

    (void)state;
    memset(sixty_four, 'x', 64);
    sixty_four[64] = 0;
    assert_ok(cy_alias_name_check("Ærø"));
    assert_code(cy_alias_name_check(""), BAD_TEXT);
    assert_code(cy_alias_name_check("a b"), BAD_TEXT);
    assert_code(cy_alias_name_check("a/b"), BAD_TEXT);
    assert_code(cy_alias_name_check("@a"), BAD_TEXT);
    assert_code(cy_alias_name_check("-a"), BAD_TEXT);
    assert_code(cy_alias_name_check("a:b"), BAD_TEXT);
    assert_code(cy_alias_name_check(sixty_four), BAD_TEXT);
}

#define HEX "0107000000000000000000000000000000000000000000000000000000000000"

static void damaged(void **state)
{
    struct cy_home home;
    char line[640];

    (void)state;
    write_file(CY_HOME_ALIASES, "passport\tNOR\n");
    assert_code(open_home(&home), BAD_TEXT);
    assert_non_null(strstr(why, "aliases:1:"));
    cy_home_close(&home);
    /* a kind that is no word; a label that is no text; a line that is longer than any alias, whose
     * rest must not count as a line of its own */
    write_file(CY_HOME_ALIASES, "Pass\x1bport\tNOR\t" HEX "\t-\t-\t-\n");
    assert_code(open_home(&home), BAD_TEXT);
    cy_home_close(&home);
    write_file(CY_HOME_ALIASES, "passport\tNOR\t" HEX "\t\x1b[2J\t-\t-\n");
    assert_code(open_home(&home), BAD_TEXT);
    cy_home_close(&home);
    memset(line, '#', sizeof line);
    strcpy(line + 511, "passport\tNOR\t" HEX "\t-\t-\t-\n");
    write_file(CY_HOME_ALIASES, line);
    assert_code(open_home(&home), BAD_TEXT);
    assert_non_null(strstr(why, "aliases:1:"));
    cy_home_close(&home);
    write_file(CY_HOME_ALIASES, "# nothing\n\n");
    assert_ok(open_home(&home));
    assert_int_equal(home.n, 0);
    cy_home_close(&home);
}

/* --- names in place of ids, without a daemon --- */

static struct cy_cli run_;

static int begin(void **state)
{
    struct cy_alias alias;
    struct cy_id id = id_of(1);

    (void)state;
    run_ = (struct cy_cli){.out = stdout, .err = stderr};
    assert_ok(cy_cli_begin(&run_, true));
    run_.url = "http://127.0.0.1:1"; /* nobody is there */
    assert_ok(cy_alias_of("passport", "NOR", &id, &alias));
    assert_ok(cy_home_add(&run_.home, &alias, 1));
    id = id_of(2);
    assert_ok(cy_alias_of("asset", "GRAIN", &id, &alias));
    assert_ok(cy_home_add(&run_.home, &alias, 1));
    id = id_of(3);
    assert_ok(cy_alias_of("alliance", "NOR", &id, &alias)); /* the same name, another kind */
    assert_ok(cy_home_add(&run_.home, &alias, 1));
    return 0;
}

static int finish(void **state)
{
    (void)state;
    cy_cli_end(&run_);
    return 0;
}

static void found(const char *field, const char *name, struct cy_id want)
{
    struct cy_id id;

    assert_ok(cy_cli_id(&run_, field, name, &id));
    assert_memory_equal(id.b, want.b, sizeof id.b);
}

static void names(void **state)
{
    const struct cy_id nor = id_of(1);
    const struct cy_id grain = id_of(2);
    struct cy_id id;

    (void)state;
    found(NULL, "NOR", id_of(1));
    found("party", "@NOR", id_of(1));
    found("alliance", "NOR", id_of(3));
    found("asset", "GRAIN", id_of(2));
    found("from", "NOR/GRAIN", cy_account_id(&nor, &grain, 0));
    found("to", "@NOR/GRAIN/7", cy_account_id(&nor, &grain, 7));
    found("to", "0107000000000000000000000000000000000000000000000000000000000000", id_of(1));
    assert_code(cy_cli_id(&run_, NULL, "NOR/GRAIN/x", &id), NO_NAME);
    assert_code(cy_cli_id(&run_, NULL, "SWE", &id), PEER_CONNECT); /* it would be asked for */
    assert_code(cy_cli_id(&run_, NULL, "key:x", &id), NO_HOME);    /* no signer is known */
    write_file("file", "abc");
    {
        char name[80];
        char hex[65];

        snprintf(name, sizeof name, "file:%s/file", dir);
        assert_ok(cy_cli_id(&run_, "digest", name, &id));
        cy_hex(id.b, sizeof id.b, hex);
        assert_string_equal(
            hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); /* FIPS 180 */
    }
}

/* Every id in an act, in lists and in embedded acts, and nothing else. */
static void names_in_json(void **state)
{
    json_t *act = json_loads(
        "{\"act\":\"batch\",\"acts\":[{\"act\":\"transfer\",\"from\":\"NOR/"
        "GRAIN\",\"amount\":\"5\"},"
        "{\"act\":\"alliance_join\",\"alliance\":\"NOR\",\"level\":\"full\","
        "\"sponsors\":[{\"party\":\"NOR\"}]},{\"act\":\"asset_create\",\"code\":\"NOR\"}]}",
        0, NULL);
    const json_t *acts = json_object_get(act, "acts");
    const json_t *join = json_array_get(acts, 1);

    (void)state;
    assert_ok(cy_cli_name_act(&run_, act));
    assert_int_equal(strlen(json_string_value(json_object_get(json_array_get(acts, 0), "from"))),
                     64);
    assert_memory_equal(json_string_value(json_object_get(join, "alliance")), "0307", 4);
    assert_memory_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(join, "sponsors"), 0), "party")),
                        "0107", 4);
    assert_string_equal(json_string_value(json_object_get(json_array_get(acts, 2), "code")), "NOR");
    json_decref(act);
}

static void escaping(void **state)
{
    char room[64];
    struct cy_text text = cy_text_on(room, sizeof room);

    (void)state;
    cy_cli_escape(&text, "a-Z_0.~ /%é");
    assert_string_equal(room, "a-Z_0.~%20%2F%25%C3%A9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings),
        cmocka_unit_test(aliases),
        cmocka_unit_test(names_of_aliases),
        cmocka_unit_test(damaged),
        cmocka_unit_test_setup_teardown(names, begin, finish),
        cmocka_unit_test_setup_teardown(names_in_json, begin, finish),
        cmocka_unit_test(escaping),
    };

    unsetenv("COMITY_DIR");
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}

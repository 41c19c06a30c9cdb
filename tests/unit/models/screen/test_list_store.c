/* The store of lists: every date again byte for byte, nothing older, no damage unseen; cut at any
 * byte it is an earlier store. M019 M023 */
#include "cm.h"

#include "models/screen/list_delta.h"
#include "models/screen/list_store.h"

#include <stdio.h>
#include <stdlib.h>

static uint8_t *bytes_;
static size_t n_;

static cy_err add(const char *name, cy_time time, const char *text, bool restate)
{
    const struct cy_span parts[CY_LIST_PARTS] = {cy_span_text(text)};
    struct cy_list_store store;
    uint8_t *more = NULL;
    size_t n = 0;
    cy_err err = cy_list_store_read(cy_span_of(bytes_, n_), &store);

    assert_ok(err);
    err = cy_list_store_add(&store, name, time, parts, restate, &more, &n);
    cy_list_store_free(&store);
    if (cy_ok(err) && n > 0) {
        bytes_ = realloc(bytes_, n_ + n);
        memcpy(bytes_ + n_, more, n);
        n_ += n;
    }
    free(more);
    return err;
}

static void expect(const char *name, cy_time time, const char *text)
{
    struct cy_list_store store;
    struct cy_list_version version;
    size_t i = 0;

    assert_ok(cy_list_store_read(cy_span_of(bytes_, n_), &store));
    i = cy_list_store_at(&store, name, time);
    if (text == NULL) {
        assert_int_equal(i, 0);
    } else {
        assert_true(i > 0);
        assert_ok(cy_list_store_version(&store, i - 1, &version));
        assert_int_equal(version.n[0], strlen(text));
        assert_memory_equal(version.parts[0], text, strlen(text));
        cy_list_version_free(&version);
    }
    cy_list_store_free(&store);
}

static int clear(void **state)
{
    (void)state;
    free(bytes_);
    bytes_ = NULL;
    n_ = 0;
    return 0;
}

static const char *const versions[] = {
    "1 aa\n2 bb\n3 cc\n4 dd\n5 ee\n6 ff\n7 gg\n8 hh\n9 ii\n10 jj\n11 kk\n12 ll\n",
    "1 aa\n2 bb\n3 cc\n4 dd\n5 ee\n6 ff\n7 gg\n8 hh\n9 ii\n10 jj\n11 kk\n12 ll\n13 mm",
    "1 aa\n3 cc\n4 dd\n5 e\n6 ff\n7 gg\n8 hh\n9 ii\n10 jj\n11 kk\n12 ll\n13 mm",
    "9 ii\n10 jj\n11 kk\n12 ll\n1 aa\n3 cc\n",
};

static void every_date(void **state)
{
    (void)state;
    for (size_t i = 0; i < CY_COUNT(versions); i++)
        assert_ok(add("a", 100 + i, versions[i], false));
    assert_ok(add("b", 50, "other\n", false));
    expect("a", 99, NULL);
    for (size_t i = 0; i < CY_COUNT(versions); i++)
        expect("a", 100 + i, versions[i]);
    expect("a", UINT64_MAX, versions[3]);
    expect("b", 60, "other\n");
}

static void nothing_older(void **state)
{
    (void)state;
    assert_ok(add("a", 100, versions[0], false));
    assert_ok(add("a", 101, versions[1], false));
    assert_code(add("a", 101, versions[2], false), LIST_OLDER);
    assert_code(add("a", 90, versions[2], false), LIST_OLDER);
    assert_code(add("a", 110, versions[0], false), LIST_OLDER); /* old bytes with a new date */
    expect("a", UINT64_MAX, versions[1]);
    assert_ok(add("a", 110, versions[0], true));
    expect("a", UINT64_MAX, versions[0]);
    assert_code(add("A!", 1, "x", false), BAD_TEXT);
}

/* Any byte changed is seen; any cut leaves what stood before. */
static void damage(void **state)
{
    struct cy_list_store store;
    size_t ends[8] = {0};
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_ok(add("a", 100 + i, versions[i], false));
        ends[i] = n_;
    }
    for (size_t i = 0; i < n_; i++) {
        cy_err err = CY_OK;

        bytes_[i] ^= 0x40;
        err = cy_list_store_read(cy_span_of(bytes_, n_), &store);
        assert_true(!cy_ok(err) || store.good < n_);
        if (cy_ok(err))
            cy_list_store_free(&store);
        bytes_[i] ^= 0x40;
    }
    for (size_t cut = 0; cut <= n_; cut++) {
        n = 0;
        while (n < 3 && ends[n] <= cut)
            n++;
        assert_ok(cy_list_store_read(cy_span_of(bytes_, cut), &store));
        assert_int_equal(store.n, n);
        assert_true(store.good <= cut);
        assert_int_equal(store.good, n > 0 ? ends[n - 1] : cut < CY_STORE_HEAD ? 0 : CY_STORE_HEAD);
        cy_list_store_free(&store);
    }
}

static void followers(void **state)
{
    struct cy_list_store store;
    size_t first = 0;

    (void)state;
    assert_ok(add("a", 100, versions[0], false));
    first = n_;
    assert_ok(add("a", 101, versions[1], false));
    assert_ok(add("a", 102, versions[2], false));
    assert_ok(cy_list_store_read(cy_span_of(bytes_, first), &store));
    assert_ok(cy_list_store_follow(&store, cy_span_of(bytes_ + first, n_ - first)));
    assert_code(
        cy_list_store_follow(&store, cy_span_of(bytes_ + CY_STORE_HEAD, n_ - CY_STORE_HEAD)),
        LIST_GAP);
    assert_code(cy_list_store_follow(&store, cy_span_of(bytes_ + first, n_ - first - 1)),
                STORE_BROKEN);
    cy_list_store_free(&store);
}

static void many_versions(void **state)
{
    char text[4000];

    (void)state;
    for (unsigned i = 0; i < 150; i++) {
        size_t n = 0;

        for (unsigned k = 0; k < 100; k++)
            n += (size_t)snprintf(text + n, sizeof text - n, "line %u of %u\n", k, k < 95 ? 0 : i);
        assert_ok(add("a", 1000 + i, text, false));
        expect("a", UINT64_MAX, text);
    }
    expect("a", 999, NULL);
}

/* The real lists: five snapshots of 2021, every one reconstructed. */
static void real_lists(void **state)
{
    static const char *const days[] = {"18", "20a", "20b", "23", "24"};
    char *texts[5] = {0};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        char path[256];
        FILE *file = NULL;
        size_t n = 0;

        (void)snprintf(path, sizeof path, CY_SHARED "/data/sdn/sdn_2021-08-%s.csv", days[i]);
        file = fopen(path, "rb");
        if (file == NULL) {
            assert_int_equal(i, 0);
            skip();
        }
        texts[i] = calloc(1, 3 << 20);
        n = fread(texts[i], 1, (3 << 20) - 1, file);
        assert_true(n > 2000000);
        (void)fclose(file);
        assert_ok(add("sdn", 100 + i, texts[i], false));
        assert_true(n_ < 2100000); /* deltas are small */
    }
    for (size_t i = 0; i < 5; i++)
        expect("sdn", 100 + i, texts[i]);
    for (size_t i = 0; i < 5; i++)
        free(texts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_date, clear),
        cmocka_unit_test_teardown(nothing_older, clear),
        cmocka_unit_test_teardown(damage, clear),
        cmocka_unit_test_teardown(followers, clear),
        cmocka_unit_test_teardown(many_versions, clear),
        cmocka_unit_test_teardown(real_lists, clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

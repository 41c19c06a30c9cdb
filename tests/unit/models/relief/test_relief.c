/* Alerts of CAP 1.2 and tables with HXL hashtags, in and out (M035). */
#include "cm.h"

#include "models/relief/cap.h"
#include "models/relief/need_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char alert_[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\n"
    "  <identifier>GULF-2026-17</identifier>\n"
    "  <sender>health@gulf.example</sender>\n"
    "  <sent>2026-11-20T14:05:00+03:00</sent>\n"
    "  <status>Actual</status>\n"
    "  <msgType>Alert</msgType>\n"
    "  <scope>Public</scope>\n"
    "  <info>\n"
    "    <language>en</language>\n"
    "    <category>Health</category>\n"
    "    <category>Safety</category>\n"
    "    <event>Cholera &amp; fever</event>\n"
    "    <urgency>Immediate</urgency>\n"
    "    <severity>Severe</severity>\n"
    "    <certainty>Observed</certainty>\n"
    "    <expires>2026-12-20T00:00:00-00:00</expires>\n"
    "    <headline>Boil water &lt;today&gt;</headline>\n"
    "    <area>\n"
    "      <areaDesc>The delta</areaDesc>\n"
    "      <polygon>38.47,-120.14 38.34,-119.95 38.52,-119.74 38.47,-120.14</polygon>\n"
    "      <geocode>\n"
    "        <valueName>ISO3166-2</valueName>\n"
    "        <value>GF-DL</value>\n"
    "      </geocode>\n"
    "    </area>\n"
    "  </info>\n"
    "</alert>\n";

static cy_err read_alert(struct cy_desk *desk, const char *xml, struct cy_cap *cap)
{
    struct cy_desk_fault fault = {0};

    return cy_cap_read(desk, cy_span_text(xml), cap, &fault);
}

/* The alert with one text put in the place of another. */
static cy_err read_changed(const char *from, const char *to)
{
    struct cy_desk desk = {0};
    struct cy_cap cap;
    char xml[4096];
    const char *at = strstr(alert_, from);
    cy_err err;

    assert_non_null(at);
    snprintf(xml, sizeof xml, "%.*s%s%s", (int)(at - alert_), alert_, to, at + strlen(from));
    err = read_alert(&desk, xml, &cap);
    cy_desk_end(&desk);
    return err;
}

static void an_alert_is_read_and_written_the_same(void **state)
{
    struct cy_desk desk = {0};
    struct cy_cap cap;
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);

    (void)state;
    assert_ok(read_alert(&desk, alert_, &cap));
    assert_string_equal(cap.infos[0].event, "Cholera & fever");
    assert_string_equal(cap.infos[0].headline, "Boil water <today>");
    assert_int_equal(cap.infos[0].n_categories, 2);
    assert_string_equal(cap.infos[0].areas[0].values[0], "GF-DL");
    assert_null(cap.infos[0].onset);
    assert_true(cy_cap_write(&cap, out));
    fclose(out);
    assert_string_equal(text, alert_); /* it stands in the standard's own order */
    free(text);
    cy_desk_end(&desk);
}

static void what_the_standard_asks_for_is_asked_for(void **state)
{
    static const char *const changes[][2] = {
        {"  <identifier>GULF-2026-17</identifier>\n", ""                                                },
        {"GULF-2026-17",                              "GULF 2026"                                       },
        {"2026-11-20T14:05:00+03:00",                 "2026-11-20T14:05:00Z"                            },
        {"2026-11-20T14:05:00+03:00",                 "20 November"                                     },
        {"Actual",                                    "Real"                                            },
        {"<scope>Public",                             "<scope>Private"                                  },
        {"<urgency>Immediate",                        "<urgency>Now"                                    },
        {"Health",                                    "Plague"                                          },
        {"    <event>Cholera &amp; fever</event>\n",  ""                                                },
        {"      <areaDesc>The delta</areaDesc>\n",    ""                                                },
        {"cap:1.2",                                   "cap:1.1"                                         },
        {"        <value>GF-DL</value>\n",            ""                                                },
        {"<msgType>Alert</msgType>",                  "<msgType>Alert</msgType><msgType>Alert</msgType>"},
        {"<alert xmlns",                              "<!DOCTYPE alert [<!ENTITY x \"y\">]><alert xmlns"},
        {"</alert>",                                  ""                                                },
    };

    (void)state;
    for (size_t i = 0; i < CY_COUNT(changes); i++)
        assert_int_equal(read_changed(changes[i][0], changes[i][1]).code, CY_E_MODEL_INPUT);
    assert_ok(read_changed("  <scope>Public</scope>\n",
                           "  <scope>Private</scope>\n  <addresses>a b</addresses>\n"));
}

static struct cy_desk_text text_of(struct cy_desk *desk, const char *text)
{
    const size_t n = strlen(text);
    char *copy = cy_desk_take(desk, n + 1);

    memcpy(copy, text, n);
    return (struct cy_desk_text){copy, n};
}

static cy_err read_needs(struct cy_desk *desk, const char *text,
                         const struct cy_need_columns *columns, struct cy_need_table *out)
{
    struct cy_desk_fault fault = {0};

    return cy_need_table_hxl(desk, text_of(desk, text), columns, out, &fault);
}

static void hashtags_are_found_by_pattern(void **state)
{
    struct cy_desk desk = {0};
    struct cy_desk_fault fault = {0};
    struct cy_hxl hxl;

    (void)state;
    assert_ok(cy_hxl_read(&desk,
                          text_of(&desk, "Where,How many,Also,x\n"
                                         "# adm1 +Name+en,#affected+f+children,#affected+f,\n"
                                         "A,1,2,3\n"),
                          &hxl, &fault));
    assert_int_equal(hxl.first, 1);
    assert_int_equal(cy_hxl_column(&hxl, "#adm1"), 0);
    assert_int_equal(cy_hxl_column(&hxl, "#adm1+en"), 0);
    assert_int_equal(cy_hxl_column(&hxl, "#affected"), 1);
    assert_int_equal(cy_hxl_column(&hxl, "#affected+children+f"), 1);
    assert_int_equal(cy_hxl_column(&hxl, "#affected+m"), SIZE_MAX);
    assert_int_equal(cy_hxl_column(&hxl, "#adm"), SIZE_MAX);
    assert_int_equal(cy_hxl_column(&hxl, "How many"), 1);
    cy_desk_end(&desk);
}

static void needs_come_from_tables_and_go_back(void **state)
{
    static const struct cy_need_columns usual = {0};
    static const char table[] = "#loc+name,#item,#inneed,#severity,#geo+lat,#geo+lon,#date\n"
                                "\"Bangui, north\",vaccine,1200,1,4.361200,-18.555,2026-12-01\n"
                                "Bria,vaccine,,2,,,\n"
                                "Bouar,tents,0,,,,\n"
                                "Obo,tents,7,,,,\n";
    struct cy_desk desk = {0};
    struct cy_need_table needs;
    struct cy_need_table again;
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);

    (void)state;
    assert_ok(read_needs(&desk, table, &usual, &needs));
    assert_int_equal(needs.n, 2);
    assert_string_equal(needs.rows[0].place, "Bangui, north");
    assert_int_equal(needs.rows[0].north, 94361200);
    assert_int_equal(needs.rows[0].east, 161445000);
    assert_int_equal(needs.rows[0].priority, 1);
    assert_int_equal(needs.rows[1].priority, 5);
    assert_true(cy_need_table_write(&needs, out));
    fclose(out);
    assert_ok(read_needs(&desk, text, &usual, &again));
    assert_int_equal(again.n, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(again.rows[i].place, needs.rows[i].place);
        assert_int_equal(again.rows[i].amount, needs.rows[i].amount);
        assert_int_equal(again.rows[i].north, needs.rows[i].north);
        assert_int_equal(again.rows[i].east, needs.rows[i].east);
        assert_int_equal(again.rows[i].until, needs.rows[i].until);
    }
    free(text);
    cy_desk_end(&desk);
}

static void what_is_no_need_is_refused_with_its_line(void **state)
{
    static const char *const rows[] = {
        "A,vaccine,-5,,,,",
        "A,vaccine,1.5,,,,",
        "A,vaccine,12,0,,,",
        "A,,12,,,,",
        ",vaccine,12,,,,",
        "A,vaccine,12,,91,0,",
        "A,vaccine,12,,1,,",
        "A,vaccine,12,,,,soon",
        "A,a-word-that-is-long,12,,,,",
        "A,vaccine,9999999999999999,,,,",
        "A,vaccine,nan,,,,",
    };

    (void)state;
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        static const struct cy_need_columns usual = {0};
        struct cy_desk desk = {0};
        struct cy_desk_fault fault = {0};
        struct cy_need_table needs;
        char table[256];

        snprintf(table, sizeof table,
                 "#loc+name,#item,#inneed,#severity,#geo+lat,#geo+lon,#date\nB,x,1,,,,\n%s\n",
                 rows[i]);
        assert_int_equal(
            cy_need_table_hxl(&desk, text_of(&desk, table), &usual, &needs, &fault).code,
            CY_E_MODEL_INPUT);
        assert_int_equal(fault.line, 3);
        (void)usual;
        cy_desk_end(&desk);
    }
}

static void columns_may_be_named(void **state)
{
    const struct cy_need_columns columns = {
        .place = "country", .good = "cluster", .amount = "in_need", .where = "year=2025"};
    const struct cy_need_columns wrong = {
        .place = "country", .good = "cluster", .amount = "in_need", .where = "years=2025"};
    static const struct cy_need_columns usual = {0};
    static const char table[] =
        "country,year,cluster,in_need\nCAF,2025,EDU,843830\nCAF,2024,EDU,1\nNGA,2025,WSH,5044433\n";
    struct cy_desk desk = {0};
    struct cy_need_table needs;

    (void)state;
    assert_ok(read_needs(&desk, table, &columns, &needs));
    assert_int_equal(needs.n, 2);
    assert_int_equal(needs.rows[1].amount, 5044433);
    assert_int_equal(read_needs(&desk, table, &wrong, &needs).code, CY_E_MODEL_INPUT);
    assert_int_equal(read_needs(&desk, table, &usual, &needs).code, CY_E_MODEL_INPUT);
    cy_desk_end(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alert_is_read_and_written_the_same),
        cmocka_unit_test(what_the_standard_asks_for_is_asked_for),
        cmocka_unit_test(hashtags_are_found_by_pattern),
        cmocka_unit_test(needs_come_from_tables_and_go_back),
        cmocka_unit_test(what_is_no_need_is_refused_with_its_line),
        cmocka_unit_test(columns_may_be_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

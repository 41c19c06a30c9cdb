/* Lists as publishers write them; broken ones are refused whole, with line and column. M023 */
#include "cm.h"

#include "models/screen/list_ftm.h"
#include "models/screen/list_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct cy_list list_;
static struct cy_desk_fault fault_;

static cy_err read_three(const char *main, const char *alt, const char *add)
{
    const struct cy_span parts[] = {cy_span_text(main), cy_span_text(alt), cy_span_text(add)};

    cy_list_free(&list_);
    fault_ = (struct cy_desk_fault){0};
    return cy_list_read(parts, &list_, &fault_);
}

static cy_err read_one(const char *text)
{
    return read_three(text, "", "");
}

static void refuse(const char *text, uint32_t line, uint32_t column, const char *why)
{
    assert_code(read_one(text), MODEL_INPUT);
    assert_int_equal(fault_.line, line);
    if (column != 0)
        assert_int_equal(fault_.column, column);
    assert_non_null(strstr(fault_.why, why));
    assert_int_equal(list_.n, 0);
}

#define EMPTY ",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"
static const char sdn[] =
    "36,\"AEROCARIBBEAN AIRLINES\",-0- ,\"CUBA\"" EMPTY "-0- \r\n"
    "306,\"BANCO NACIONAL DE CUBA\",-0- ,\"CUBA] [SDGT\"" EMPTY "\"a.k.a. 'BNC'.\"\r\n"
    "2674,\"ABBAS, Abu\",\"individual\",\"SDGT\",\"Director\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"
    "\"DOB 10 Dec 1948; alt. DOB circa 1950; nationality Iraq; Passport A1234 (Iran) expires 01 "
    "Jan "
    "2030; alt. Passport B99; f.k.a. 'ABBASI'.\"\r\n\x1A";

static void ofac(void **state)
{
    const struct cy_listed *entry = NULL;

    (void)state;
    assert_ok(read_three(sdn, "306,7,\"aka\",\"NATIONAL BANK OF CUBA\",-0- \r\n",
                         "2674,9,\"1 High St\",\"Baghdad\",\"Iraq\",-0- \r\n"));
    assert_int_equal(list_.n, 3);
    entry = &list_.entries[1];
    assert_string_equal(entry->id, "306");
    assert_int_equal(entry->n_names, 3);
    assert_string_equal(entry->names[1].text, "NATIONAL BANK OF CUBA");
    assert_int_equal(entry->names[1].kind, CY_NAME_ALIAS);
    assert_string_equal(entry->names[2].text, "BNC");
    assert_int_equal(entry->names[2].kind, CY_NAME_WEAK);
    assert_int_equal(entry->n_programmes, 2);
    assert_string_equal(entry->programmes[1], "SDGT");
    entry = &list_.entries[2];
    assert_int_equal(entry->kind, CY_LISTED_PERSON);
    assert_int_equal(entry->n_births, 2);
    assert_int_equal(entry->births[0].from, 1948);
    assert_int_equal(entry->births[0].month, 12);
    assert_int_equal(entry->births[0].day, 10);
    assert_int_equal(entry->births[1].from, 1950);
    assert_int_equal(entry->n_documents, 2);
    assert_string_equal(entry->documents[0].number, "A1234");
    assert_string_equal(entry->documents[0].country, "Iran");
    assert_int_equal(entry->names[1].kind, CY_NAME_FORMER);
    assert_string_equal(entry->addresses[0], "1 High St, Baghdad, Iraq");
    refuse("36,\"A\",-0- ,\"CUBA\",-0- \r\n", 1, 20, "twelve");
    refuse("36,\"A\",-0- ,\"CUBA\"" EMPTY "-0- \r\n36,\"B\",-0- ,\"CUBA\"" EMPTY "-0- \r\n", 2, 1,
           "stands in line 1 already");
    refuse("36,\"A\",-0- ,\"CUBA\"" EMPTY "\"open\r\n", 1, 55, "quote");
    assert_code(read_three(sdn, "9,7,\"aka\",\"X\",-0- \n", ""), MODEL_INPUT);
    assert_non_null(strstr(fault_.why, "names entry 9"));
}

static const char un[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<CONSOLIDATED_LIST dateGenerated=\"2026-08-28T00:00:00.000Z\">\n<INDIVIDUALS>\n<INDIVIDUAL>\n"
    "<DATAID>6907993</DATAID><FIRST_NAME>ERIC</FIRST_NAME><SECOND_NAME>BADEGE</SECOND_NAME>\n"
    "<UN_LIST_TYPE>DRC</UN_LIST_TYPE><REFERENCE_NUMBER>CDi.001</REFERENCE_NUMBER>\n"
    "<NATIONALITY><VALUE>Chad</VALUE><VALUE>Sudan</VALUE></NATIONALITY>\n"
    "<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Ben &amp; "
    "Co</ALIAS_NAME></INDIVIDUAL_ALIAS>\n"
    "<INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>\n"
    "<INDIVIDUAL_DATE_OF_BIRTH><YEAR>1971</YEAR></INDIVIDUAL_DATE_OF_BIRTH>\n"
    "<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>OB0243318</NUMBER>"
    "</INDIVIDUAL_DOCUMENT>\n"
    "</INDIVIDUAL></INDIVIDUALS>\n"
    "<ENTITIES><ENTITY><DATAID>42</DATAID><FIRST_NAME>ADF</FIRST_NAME></ENTITY></ENTITIES>\n"
    "</CONSOLIDATED_LIST>\n";

static void united_nations(void **state)
{
    (void)state;
    assert_ok(read_one(un));
    assert_int_equal(list_.n, 2);
    assert_string_equal(list_.entries[0].id, "CDi.001");
    assert_string_equal(list_.entries[0].names[0].text, "ERIC BADEGE");
    assert_string_equal(list_.entries[0].names[1].text, "Ben & Co");
    assert_int_equal(list_.entries[0].names[1].kind, CY_NAME_WEAK);
    assert_int_equal(list_.entries[0].n_countries, 2);
    assert_int_equal(list_.entries[0].births[0].from, 1971);
    assert_string_equal(list_.entries[0].documents[0].number, "OB0243318");
    assert_true(list_.published == 1787875200000u);
    assert_int_equal(list_.entries[1].kind, CY_LISTED_OTHER);
    refuse("<CONSOLIDATED_LIST>\n<INDIVIDUALS>\n</ENTITIES></CONSOLIDATED_LIST>", 3, 0, "XML");
    refuse("<LIST/>", 1, 0, "CONSOLIDATED_LIST");
    refuse("<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY b SYSTEM \"/etc/passwd\">]>\n"
           "<CONSOLIDATED_LIST>&b;</CONSOLIDATED_LIST>",
           2, 0, "document type");
    refuse("<CONSOLIDATED_LIST><ENTITIES><ENTITY><DATAID>1</DATAID></ENTITY></ENTITIES>"
           "</CONSOLIDATED_LIST>",
           1, 0, "FIRST_NAME");
}

static const char eu[] =
    "\xEF\xBB\xBF"
    "fileGenerationDate;Entity_LogicalId;Entity_SubjectType;NameAlias_WholeName;BirthDate_"
    "BirthDate;"
    "Citizenship_CountryDescription;Identification_Number;Entity_Regulation_Programme\n"
    "28/08/2026;13;P;Saddam Hussein Al-Tikriti;1937-04-28;IRAQ;;IRQ\n"
    "28/08/2026;99;E;JSC Example;;;1027700000000;RUS\n"
    "28/08/2026;13;P;\"Abu; Ali\";;;;IRQ\n";

static void european_union(void **state)
{
    (void)state;
    assert_ok(read_one(eu));
    assert_int_equal(list_.n, 2);
    assert_int_equal(list_.entries[0].n_names, 2);
    assert_string_equal(list_.entries[0].names[1].text, "Abu; Ali");
    assert_int_equal(list_.entries[0].births[0].day, 28);
    assert_int_equal(list_.entries[0].kind, CY_LISTED_PERSON);
    assert_string_equal(list_.entries[1].documents[0].number, "1027700000000");
    assert_true(list_.published == 1787875200000u);
    refuse("fileGenerationDate;Entity_LogicalId\nx;1\n", 1, 1, "NameAlias_WholeName");
    refuse("fileGenerationDate;Entity_LogicalId;NameAlias_WholeName\nx;one;A\n", 2, 3,
           "whole number");
    refuse("fileGenerationDate;Entity_LogicalId;NameAlias_WholeName\nx;1\n", 2, 3, "fields");
    refuse("fileGenerationDate;Entity_LogicalId;NameAlias_WholeName\nx;1;\n", 2, 0, "no name");
}

static const char ftm[] =
    "{\"id\":\"a\",\"schema\":\"Person\",\"properties\":{\"name\":[\"Ivan Petrov\"],"
    "\"weakAlias\":[\"Vanya\"],\"birthDate\":[\"1955-03\"],\"passportNumber\":[\"12345\"]}}\n"
    "{\"id\":\"s\",\"schema\":\"Sanction\",\"properties\":{\"entity\":[\"a\"]}}\n"
    "\n{\"id\":\"v\",\"schema\":\"Vessel\",\"caption\":\"GRACE\",\"properties\":{}}\n";

/* What is written is read again as the same entries. */
static void follow_the_money(void **state)
{
    struct cy_listed first;
    char *text = NULL;
    json_t *object = NULL;

    (void)state;
    assert_ok(read_one(ftm));
    assert_int_equal(list_.n, 2);
    first = list_.entries[0];
    assert_int_equal(first.births[0].month, 3);
    assert_int_equal(list_.entries[1].kind, CY_LISTED_VESSEL);
    object = cy_listed_ftm(&list_, &first);
    text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(object);
    assert_ok(read_one(text));
    object = cy_listed_ftm(&list_, &list_.entries[0]);
    assert_int_equal(list_.entries[0].n_names, 2);
    assert_int_equal(list_.entries[0].n_documents, 1);
    json_decref(object);
    free(text);
    refuse("{\"id\":\"a\",\"schema\":\"Person\",\"properties\":{\"name\":[\"A\"]}}\n{\"id\" 1}\n",
           2, 7, "JSON");
    refuse("{\"id\":\"a\",\"schema\":\"Person\",\"properties\":{}}\n", 1, 0, "name");
}

static void unknown(void **state)
{
    (void)state;
    refuse("hello\n", 1, 1, "begins like no list");
    refuse("", 1, 1, "begins like no list");
}

static void births(void **state)
{
    static const struct {
        const char *text;
        struct cy_birth is;
    } cases[] = {
        {"1955",                 {1955, 1955, 0, 0} },
        {"12 Mar 1955",          {1955, 1955, 3, 12}},
        {"Mar 1955",             {1955, 1955, 3, 0} },
        {"1955-03-12",           {1955, 1955, 3, 12}},
        {"12/03/1955",           {1955, 1955, 3, 12}},
        {"circa 1955",           {1955, 1955, 0, 0} },
        {"1955 to 1957",         {1955, 1957, 0, 0} },
        {"1955-03-12T00:00:00Z", {1955, 1955, 3, 12}},
    };
    static const char *const wrong[] = {"", "yesterday", "31 Feb 1955", "1957 to 1955", "55"};

    (void)state;
    for (size_t i = 0; i < CY_COUNT(cases); i++) {
        struct cy_birth birth;

        assert_true(cy_birth_read(cy_span_text(cases[i].text), &birth));
        assert_int_equal(birth.from, cases[i].is.from);
        assert_int_equal(birth.to, cases[i].is.to);
        assert_int_equal(birth.month, cases[i].is.month);
        assert_int_equal(birth.day, cases[i].is.day);
    }
    for (size_t i = 0; i < CY_COUNT(wrong); i++) {
        struct cy_birth birth;

        assert_false(cy_birth_read(cy_span_text(wrong[i]), &birth));
    }
}

static int end(void **state)
{
    (void)state;
    cy_list_free(&list_);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ofac),
        cmocka_unit_test(united_nations),
        cmocka_unit_test(european_union),
        cmocka_unit_test(unknown),
        cmocka_unit_test(follow_the_money),
        cmocka_unit_test(births),
    };

    return cmocka_run_group_tests(tests, NULL, end);
}

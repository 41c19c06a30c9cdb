/* signer_message: every op both ways, and what the readers refuse. */
#include "wire/signer_message.h"

#include <stdio.h>

#include "cm.h"

static uint8_t room[CY_SIGNER_REQUEST_MAX];

static struct cy_span write(const struct cy_signer_request *request)
{
    struct cy_cbor_writer out = cy_cbor_write(room, sizeof room);

    cy_signer_request_write(request, &out);
    assert_false(out.full);
    return cy_cbor_written(&out);
}

static void fill(struct cy_id *id, uint8_t with)
{
    memset(id->b, with, sizeof id->b);
}

static void requests(void **s)
{
    struct cy_id proof[3];
    struct cy_signer_request request = {.id = 7, .op = CY_SIGNER_COSIGN, .time_s = 1800000000};
    struct cy_signer_request got;

    (void)s;
    for (uint8_t i = 0; i < 3; i++)
        fill(&proof[i], (uint8_t)(i + 1));
    fill(&request.key, 9);
    request.text = cy_span_text("example.com/log\n1\nx\n");
    request.proof = proof;
    request.n_proof = 3;
    assert_ok(cy_signer_request_read(write(&request), &got));
    assert_int_equal(got.id, 7);
    assert_int_equal(got.op, CY_SIGNER_COSIGN);
    assert_int_equal(got.time_s, 1800000000);
    assert_true(cy_id_eq(&got.key, &request.key));
    assert_true(cy_span_eq(got.text, request.text));
    assert_int_equal(got.n_proof, 3);
    assert_memory_equal(got.proof, proof, sizeof proof);

    request = (struct cy_signer_request){.op = CY_SIGNER_MAKE, .purpose = CY_PURPOSE_ACT};
    request.label = cy_span_text("Côte d'Ivoire");
    request.with_next = true;
    assert_ok(cy_signer_request_read(write(&request), &got));
    assert_true(got.with_next);
    assert_true(cy_span_eq(got.label, request.label));
}

/* Each op refuses a field that it must have and lacks, and one that it may not have. */
static void fields_of_ops(void **s)
{
    struct cy_signer_request request = {.op = CY_SIGNER_ACT};
    struct cy_signer_request got;

    (void)s;
    fill(&request.key, 1);
    request.protected = cy_span_text("p");
    assert_code(cy_signer_request_read(write(&request), &got), SIGNER_REQUEST);
    request.payload = cy_span_text("q");
    assert_ok(cy_signer_request_read(write(&request), &got));
    request.text = cy_span_text("a checkpoint");
    assert_code(cy_signer_request_read(write(&request), &got), SIGNER_REQUEST);
    request.text = cy_span_of(NULL, 0);
    request.time_s = 5;
    assert_code(cy_signer_request_read(write(&request), &got), SIGNER_REQUEST);
    request.time_s = 0;
    request.op = 0;
    assert_code(cy_signer_request_read(write(&request), &got), SIGNER_REQUEST);
    request.op = CY_SIGNER_PEER + 1;
    assert_code(cy_signer_request_read(write(&request), &got), SIGNER_REQUEST);
}

/* OPEN takes a key and a head, and nothing that other ops sign; the answer is 32 bytes or none. */
static void opening(void **s)
{
    uint8_t opened[33];
    struct cy_signer_request request = {.op = CY_SIGNER_OPEN};
    struct cy_signer_response response = {.id = 1};
    struct cy_signer_request got;
    struct cy_signer_response got_response;

    (void)s;
    fill(&request.key, 1);
    assert_code(cy_signer_request_read(write(&request), &got), SIGNER_REQUEST);
    request.sealed = cy_span_text("head");
    assert_ok(cy_signer_request_read(write(&request), &got));
    assert_true(cy_span_eq(got.sealed, request.sealed));
    request.payload = cy_span_text("an act");
    assert_code(cy_signer_request_read(write(&request), &got), SIGNER_REQUEST);
    request.payload = cy_span_of(NULL, 0);
    request.op = CY_SIGNER_CHECKPOINT;
    request.text = cy_span_text("a checkpoint");
    assert_code(cy_signer_request_read(write(&request), &got), SIGNER_REQUEST);
    memset(opened, 7, sizeof opened);
    for (size_t n = 31; n <= 33; n++) {
        struct cy_cbor_writer out = cy_cbor_write(room, sizeof room);
        cy_err read = CY_OK;

        response.opened = cy_span_of(opened, n);
        cy_signer_response_write(&response, &out);
        read = cy_signer_response_read(cy_cbor_written(&out), &got_response);
        if (n == 32)
            assert_ok(read);
        else
            assert_code(read, SIGNER_REQUEST);
    }
}

/* VOTE, VOTE_LAST and PEER: what they must have; a lock is 36 bytes or none. */
static void voting(void **s)
{
    static uint8_t packet[CY_SIGNER_PACKET_MAX + 1];
    uint8_t locked[37] = {1};
    struct cy_signer_request request = {.op = CY_SIGNER_VOTE};
    struct cy_signer_request got;

    (void)s;
    fill(&request.key, 1);
    assert_code(cy_signer_request_read(write(&request), &got), SIGNER_REQUEST);
    request.text = cy_span_text("a vote");
    assert_ok(cy_signer_request_read(write(&request), &got));
    for (size_t n = 35; n <= 37; n++) {
        request.locked = cy_span_of(locked, n);
        if (n == 36)
            assert_ok(cy_signer_request_read(write(&request), &got));
        else
            assert_code(cy_signer_request_read(write(&request), &got), SIGNER_REQUEST);
    }
    request = (struct cy_signer_request){.op = CY_SIGNER_VOTE_LAST, .key = request.key};
    assert_code(cy_signer_request_read(write(&request), &got), SIGNER_REQUEST);
    request.origin = cy_span_text("a.example/federation");
    assert_ok(cy_signer_request_read(write(&request), &got));
    request = (struct cy_signer_request){.op = CY_SIGNER_PEER, .key = request.key};
    assert_code(cy_signer_request_read(write(&request), &got), SIGNER_REQUEST);
    request.packet = cy_span_of(packet, sizeof packet - 1);
    assert_ok(cy_signer_request_read(write(&request), &got));
    assert_int_equal(got.packet.n, CY_SIGNER_PACKET_MAX);
    request.packet.n++;
    assert_code(cy_signer_request_read(write(&request), &got), SIGNER_REQUEST);
}

static void forms(void **s)
{
    /* {1: 1}; then: a default written out, keys that descend, an unknown field, a rest. */
    static const struct {
        const char *bytes;
        size_t n;
        enum cy_code code;
    } cases[] = {
        {"\xa1\x01\x01",             3, CY_E_NONE          },
        {"\xa2\x00\x00\x01\x01",     5, CY_E_SIGNER_REQUEST},
        {"\xa2\x01\x01\x00\x07",     5, CY_E_SIGNER_REQUEST},
        {"\xa2\x01\x01\x01\x01",     5, CY_E_SIGNER_REQUEST},
        {"\xa2\x01\x01\x18\x19\x01", 6, CY_E_UNKNOWN_FIELD },
        {"\xa1\x01\x01\x00",         4, CY_E_TRAILING      },
        {"\xa1\x01\x18\x01",         4, CY_E_NOT_CANONICAL },
        {"\xa1\x01\x41\x01",         4, CY_E_WRONG_TYPE    },
        {"\xa1\x01",                 2, CY_E_SHORT         },
        {"",                         0, CY_E_SHORT         },
        {"\x80",                     1, CY_E_WRONG_TYPE    },
    };
    struct cy_signer_request got;

    (void)s;
    for (size_t i = 0; i < CY_COUNT(cases); i++)
        assert_err_(cy_signer_request_read(cy_span_of(cases[i].bytes, cases[i].n), &got),
                    cases[i].code, __FILE__, (int)i);
}

static void responses(void **s)
{
    uint8_t list[512];
    uint8_t signature[64];
    struct cy_cbor_writer keys = cy_cbor_write(list, sizeof list);
    struct cy_cbor_writer out = cy_cbor_write(room, sizeof room);
    struct cy_signer_response response = {.id = 3, .code = CY_E_HEAD_CONFLICT, .size = 12};
    struct cy_signer_response got;
    struct cy_signer_key key = {.purpose = CY_PURPOSE_CHECKPOINT, .created_s = 5};
    struct cy_signer_key got_key;
    struct cy_cbor_reader reader;

    (void)s;
    fill(&key.key, 4);
    key.label = cy_span_text("a");
    cy_signer_key_write(&key, &keys);
    key.standby = true;
    key.label = cy_span_text("b");
    cy_signer_key_write(&key, &keys);
    memset(signature, 5, sizeof signature);
    fill(&response.root, 6);
    response.signature = cy_span_of(signature, sizeof signature);
    response.keys = cy_cbor_written(&keys);
    cy_signer_response_write(&response, &out);
    assert_ok(cy_signer_response_read(cy_cbor_written(&out), &got));
    assert_int_equal(got.code, CY_E_HEAD_CONFLICT);
    assert_int_equal(got.size, 12);
    assert_true(cy_span_eq(got.signature, response.signature));
    reader = cy_cbor_read(got.keys);
    assert_ok(cy_signer_key_next(&reader, &got_key));
    assert_false(got_key.standby);
    assert_ok(cy_signer_key_next(&reader, &got_key));
    assert_true(got_key.standby);
    assert_true(cy_span_eq(got_key.label, cy_span_text("b")));
    assert_ok(cy_cbor_end(&reader));

    response.signature.n = 63;
    out = cy_cbor_write(room, sizeof room);
    cy_signer_response_write(&response, &out);
    assert_code(cy_signer_response_read(cy_cbor_written(&out), &got), SIGNER_REQUEST);
    response.signature.n = 64;
    response.keys.n--;
    out = cy_cbor_write(room, sizeof room);
    cy_signer_response_write(&response, &out);
    assert_code(cy_signer_response_read(cy_cbor_written(&out), &got), SHORT);
}

static void labels(void **s)
{
    char label[65];

    (void)s;
    memset(label, 'a', sizeof label);
    assert_ok(cy_signer_label_check(cy_span_of(label, 63)));
    assert_code(cy_signer_label_check(cy_span_of(label, 64)), SIGNER_REQUEST);
    assert_code(cy_signer_label_check(cy_span_of(label, 0)), SIGNER_REQUEST);
    assert_code(cy_signer_label_check(cy_span_text(" a")), SIGNER_REQUEST);
    assert_code(cy_signer_label_check(cy_span_text("a\npurpose act")), SIGNER_REQUEST);
    assert_code(cy_signer_label_check(cy_span_text("a\xff")), SIGNER_REQUEST);
}

static void purposes(void **s)
{
    (void)s;
    assert_string_equal(cy_purpose_text(CY_PURPOSE_COSIGNATURE), "cosignature");
    assert_null(cy_purpose_text(0));
    assert_null(cy_purpose_text(200));
    for (uint64_t i = 1; cy_purpose_text(i) != NULL; i++)
        assert_int_equal(cy_purpose_read(cy_span_text(cy_purpose_text(i))), i);
    assert_int_equal(cy_purpose_read(cy_span_text("acts")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests), cmocka_unit_test(fields_of_ops), cmocka_unit_test(opening),
        cmocka_unit_test(voting),   cmocka_unit_test(forms),         cmocka_unit_test(responses),
        cmocka_unit_test(labels),   cmocka_unit_test(purposes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
